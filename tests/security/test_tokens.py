"""What lets a call in, and every way not to be let in."""

import hashlib
import hmac
import json
import statistics
import time

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cds.errors import Unauthorized
from cds.journal import Caller
from cds.security.algorithms import POSSIBLE, USUAL
from cds.security.keys import key_set
from cds.security.refusals import WORDS, Refusal
from tests.security.checking import ACCEPTED, NOW, Checkpoint, client
from tests.security.tokens import LEFT_OUT, PUBLIC_URL, SERVICE_URL, Issuer, jwk, packed, private_key, signed, written

EHR = Issuer()
OTHER = Issuer("https://other.example.org", which="-other")


def at_hospital(authorization, **changes):
    """The verdict on a call of the EHR; ``changes``: to its entry in the clients file."""
    return Checkpoint((client(EHR, **changes),)).verdict(authorization)


@pytest.mark.requirement("CH-154", "CH-155", "CH-167")
def test_a_right_token_lets_the_call_in_and_says_who_calls():
    hospital = client(EHR)

    trusted = Checkpoint((hospital,)).check(EHR.bearer(now=NOW, jti="a-1", tenant="ward 7"))

    assert Caller(client="hospital", issuer=EHR.url, tenant="ward 7", jti="a-1") == trusted.caller
    assert hospital == trusted.client


@pytest.mark.requirement("CH-154", "CH-155")
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpw",
        "Token a.b.c",
        "Bearer a.b.c d",
        "Bearer\ta.b.c",
        " Bearer a.b.c",
    ],
)
def test_a_call_without_a_bearer_token_is_refused(authorization):
    assert Refusal.NO_TOKEN == at_hospital(authorization)


@pytest.mark.requirement("CH-155")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_the_name_of_the_scheme_is_read_in_any_case(scheme):
    assert ACCEPTED == at_hospital(f"{scheme} {EHR.token(now=NOW)}")


@pytest.mark.parametrize("text", ["x", "a.b", "..", "a.b.c", "e30.e30.", "e30.e30.AA.AA", "e30.e30.AA.AA.AA", "é.é.é"])
def test_what_has_not_the_form_of_a_token_is_refused(text):
    assert Refusal.NOT_A_TOKEN == at_hospital(f"Bearer {text}")


@pytest.mark.parametrize(
    "part",
    [
        b'{"exp": NaN}',
        b'{"exp": -Infinity}',
        b'{"typ": "JWT", "typ": "JWT"}',
        b'{"exp": ' + b"9" * 5_000 + b"}",
        b'{"a": ' + b"[" * 4_000 + b"]" * 4_000 + b"}",
        b'{"a": [[[[[[[[1]]]]]]]]}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        b"{} {}",
        b"[]",
        b"null",
        b"",
    ],
)
def test_json_that_readers_could_understand_differently_is_refused(part):
    """(H9) What reads the claims and what verifies the signature must not see two tokens."""
    header = {"alg": "ES384", "kid": "ES384", "typ": "JWT"}

    assert Refusal.NOT_A_TOKEN == at_hospital(f"Bearer {signed(header, part)}")
    assert Refusal.NOT_A_TOKEN == at_hospital(f"Bearer {signed(part, EHR.claims(now=NOW))}")


@pytest.mark.parametrize(
    ("length", "expected"), [(16_384, ACCEPTED), (16_385, Refusal.TOO_LONG), (5_000_000, Refusal.TOO_LONG)]
)
def test_more_than_16_kilobytes_are_refused_before_anything_is_read(length, expected):
    """(S20)"""
    token = EHR.token(now=NOW)

    assert expected == at_hospital(f"Bearer{' ' * (length - len(token) - 6)}{token}")


@pytest.mark.parametrize("addition", ["=", "==", "\n", " ", "\x00", "%3D", "A", "."])
@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_is_written_in_one_way_only(part, addition):
    """(S20) Otherwise one token could come in many dresses."""
    parts = EHR.token(now=NOW).split(".")
    parts[part] += addition

    assert ACCEPTED != at_hospital(f"Bearer {'.'.join(parts)}")


# The header


@pytest.mark.requirement("CH-156")
@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AA"])
def test_a_token_without_a_signature_is_refused(algorithm, signature):
    """(S1)"""
    header = packed({"alg": algorithm, "kid": EHR.kid, "typ": "JWT"})

    assert ACCEPTED != at_hospital(f"Bearer {header}.{packed(EHR.claims(now=NOW))}.{signature}")


@pytest.mark.requirement("CH-157")
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("written_as", ["PEM", "JWK", "DER"])
def test_a_public_key_is_never_taken_for_a_shared_secret(algorithm, written_as):
    """(S1)"""
    public = private_key().public_key()
    secret = {
        "PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "JWK": json.dumps(jwk()).encode(),
    }[written_as]
    text = f"{packed({'alg': algorithm, 'kid': EHR.kid, 'typ': 'JWT'})}.{packed(EHR.claims(now=NOW))}"
    digest = hmac.new(secret, text.encode(), hashlib.new(f"sha{algorithm[2:]}").name).digest()

    assert Refusal.ALGORITHM == at_hospital(f"Bearer {text}.{packed(digest)}")


@pytest.mark.requirement("CH-158")
@pytest.mark.parametrize("algorithm", POSSIBLE)
def test_every_asymmetric_algorithm_can_be_allowed(algorithm):
    issuer = Issuer(algorithm=algorithm)

    assert ACCEPTED == Checkpoint((client(issuer),)).verdict(issuer.bearer(now=NOW))


@pytest.mark.requirement("CH-158")
@pytest.mark.parametrize("algorithm", POSSIBLE)
def test_only_es384_and_rs384_are_allowed_unless_said_otherwise(algorithm):
    """(S2)"""
    issuer = Issuer(algorithm=algorithm)
    usual = client(issuer, algorithms=frozenset(USUAL))
    expected = ACCEPTED if algorithm in ("ES384", "RS384") else Refusal.ALGORITHM

    assert expected == Checkpoint((usual,)).verdict(issuer.bearer(now=NOW))


@pytest.mark.requirement("CH-158")
@pytest.mark.parametrize(
    ("said", "used", "expected"),
    [
        ("", "RS384", ACCEPTED),
        ("", "PS256", ACCEPTED),
        ("RS384", "RS384", ACCEPTED),
        ("RS384", "RS256", Refusal.KEY),
        ("RS384", "PS384", Refusal.KEY),
        ("PS384", "RS384", Refusal.KEY),
    ],
)
def test_a_key_that_says_what_it_is_for_verifies_nothing_else(said, used, expected):
    """(S2)"""
    keys = key_set(written({"keys": [jwk("RS384", **({"alg": said} if said else {}))]}))
    hospital = client(EHR, keys=keys, algorithms=frozenset(POSSIBLE))
    token = jwt.encode(EHR.claims(now=NOW), private_key("RS384"), used, headers={"kid": "RS384"})

    assert expected == Checkpoint((hospital,)).verdict(f"Bearer {token}")


@pytest.mark.requirement("CH-158")
@pytest.mark.parametrize("algorithm", ["ES256", "ES512", "RS384", "PS384", "EdDSA", "ES256K", "ES521", "A128KW"])
def test_the_kind_of_a_key_decides_how_it_is_used(algorithm):
    """(S2) The header cannot make another use of it."""
    everything = client(EHR, algorithms=frozenset(POSSIBLE))

    assert ACCEPTED != Checkpoint((everything,)).verdict(EHR.bearer(now=NOW, header={"alg": algorithm}))


@pytest.mark.requirement("CH-159")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"typ": LEFT_OUT}, Refusal.TYPE),
        ({"typ": "at+jwt"}, Refusal.TYPE),
        ({"typ": "jwt"}, Refusal.TYPE),
        ({"typ": "JWS"}, Refusal.TYPE),
        ({"typ": "dpop+jwt"}, Refusal.TYPE),
        ({"typ": None}, Refusal.TYPE),
        ({"typ": ["JWT"]}, Refusal.TYPE),
        ({"alg": LEFT_OUT}, Refusal.HEADER),
        ({"alg": None}, Refusal.HEADER),
        ({"alg": ["ES384"]}, Refusal.HEADER),
        ({"kid": LEFT_OUT}, Refusal.HEADER),
        ({"kid": ""}, Refusal.HEADER),
        ({"kid": 384}, Refusal.HEADER),
        ({"kid": None}, Refusal.HEADER),
        ({"jku": ""}, Refusal.HEADER),
        ({"jku": None}, Refusal.HEADER),
        ({"jku": [SERVICE_URL]}, Refusal.HEADER),
        ({"crit": ["exp"]}, Refusal.CRITICAL),
        ({"crit": []}, Refusal.CRITICAL),
        ({"crit": ["b64"], "b64": True}, Refusal.CRITICAL),
        ({"crit": ["b64"], "b64": False}, Refusal.CRITICAL),
        ({"b64": False}, Refusal.CRITICAL),
        ({"b64": True}, Refusal.CRITICAL),
        ({"cty": "JWT", "x5t": "AA", "more": {"a": 1}}, ACCEPTED),
    ],
)
def test_the_header_says_type_algorithm_and_key_and_demands_nothing(change, expected):
    """(S5, S15, S20)"""
    assert expected == at_hospital(EHR.bearer(now=NOW, header=change))


@pytest.mark.parametrize("member", ["jwk", "x5c", "x5u"])
def test_a_key_that_comes_with_the_token_is_ignored(member):
    """(S5)"""
    sent = {"jwk": jwk("ES384", "-own"), "x5c": ["MIIB"], "x5u": "https://evil.example/cert"}[member]
    stranger = Issuer(EHR.url, which="-own")

    assert Refusal.SIGNATURE == at_hospital(stranger.bearer(now=NOW, header={"kid": EHR.kid, member: sent}))
    assert Refusal.KEY == at_hospital(stranger.bearer(now=NOW, header={member: sent}))
    assert ACCEPTED == at_hospital(EHR.bearer(now=NOW, header={member: sent}))


@pytest.mark.requirement("CH-164")
@pytest.mark.parametrize(
    "address",
    [
        "https://ehr.example.org/jwks.json/",
        "https://ehr.example.org/JWKS.json",
        "https://EHR.example.org/jwks.json",
        "https://ehr.example.org/other.json",
        "https://ehr.example.org/",
        "https://ehr.example.org",
        "https://ehr.example.org:443/jwks.json",
        "https://ehr.example.org:8443/jwks.json",
        "https://ehr.example.org./jwks.json",
        "https://ehr.example.org/jwks.json#",
        "https://ehr.example.org/jwks.json?",
        "https://ehr.example.org/jwks.json?a=1",
        "https://ehr.example.org/./jwks.json",
        "https://ehr.example.org/x/../jwks.json",
        "https://ehr.example.org//jwks.json",
        "https://ehr.example.org/%6awks.json",
        "https://ehr.example.org@evil.example/jwks.json",
        "https://evil.example/jwks.json",
        "https://evil.example/https://ehr.example.org/jwks.json",
        "https://user:pass@ehr.example.org/jwks.json",
        "https://ehr.example.org.evil.example/jwks.json",
        "https://ehr\u0435.example.org/jwks.json",
        "https://xn--ehr-9cd.example.org/jwks.json",
        "http://ehr.example.org/jwks.json",
        "HTTPS://ehr.example.org/jwks.json",
        "//ehr.example.org/jwks.json",
        "/jwks.json",
        "file:///etc/passwd",
        "ftp://ehr.example.org/jwks.json",
        "gopher://127.0.0.1:11211/",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/jwks.json",
        "http://[::1]/jwks.json",
        "http://0x7f000001/",
        "data:application/json,{}",
        " https://ehr.example.org/jwks.json",
        "https://ehr.example.org/jwks.json\n",
    ],
)
def test_keys_are_taken_from_the_registered_address_only(address):
    """(S3) What a token says of the address is compared, never followed: see test_keysets for the connections."""
    registered = {"key_address": "https://ehr.example.org/jwks.json"}

    assert ACCEPTED == at_hospital(EHR.bearer(now=NOW, header={"jku": registered["key_address"]}), **registered)
    assert Refusal.KEY_ADDRESS == at_hospital(EHR.bearer(now=NOW, header={"jku": address}), **registered)
    assert Refusal.KEY_ADDRESS == at_hospital(EHR.bearer(now=NOW, header={"jku": address}))


@pytest.mark.requirement("CH-164")
def test_the_address_of_another_client_is_as_strange_as_any():
    addresses = ("https://ehr.example.org/jwks.json", "https://other.example.org/jwks.json")
    ehr, other = (
        client(issuer, name=name, key_address=address)
        for issuer, name, address in zip((EHR, OTHER), ("ehr", "other"), addresses, strict=True)
    )
    checkpoint = Checkpoint((ehr, other))

    assert Refusal.KEY_ADDRESS == checkpoint.verdict(EHR.bearer(now=NOW, header={"jku": addresses[1]}))
    assert ACCEPTED == checkpoint.verdict(OTHER.bearer(now=NOW, header={"jku": addresses[1]}))


# Issuer and key


@pytest.mark.requirement("CH-164")
@pytest.mark.parametrize("issuer", ["https://stranger.example", "https://ehr.example.org/", "HTTPS://EHR.EXAMPLE.ORG"])
def test_an_unknown_issuer_is_refused(issuer):
    assert Refusal.ISSUER == at_hospital(EHR.bearer(now=NOW, iss=issuer))


@pytest.mark.requirement("CH-168")
def test_keys_belong_to_their_issuer():
    """(S16)"""
    checkpoint = Checkpoint((client(EHR, name="ehr"), client(OTHER, name="other")))

    assert ACCEPTED == checkpoint.verdict(OTHER.bearer(now=NOW))
    assert Refusal.KEY == checkpoint.verdict(OTHER.bearer(now=NOW, iss=EHR.url))


@pytest.mark.requirement("CH-168")
@pytest.mark.parametrize(
    "kid", ["other", "ES384 ", "es384", "../../etc/passwd", "' or 1=1", "\x00", "ES384\x00", "x" * 9_000]
)
def test_an_unknown_kid_is_refused(kid):
    assert Refusal.KEY == at_hospital(EHR.bearer(now=NOW, header={"kid": kid}))


def test_a_signature_of_another_key_is_refused():
    stranger = Issuer(EHR.url, which="-stranger")

    assert Refusal.SIGNATURE == at_hospital(stranger.bearer(now=NOW, header={"kid": EHR.kid}))


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_signature_holds_for_its_own_text_only(algorithm):
    issuer = Issuer(algorithm=algorithm)
    checkpoint = Checkpoint((client(issuer),))
    head, body, signature = issuer.token(now=NOW, tenant="a").split(".")
    claims = {**issuer.claims(now=NOW), "tenant": "b"}

    assert Refusal.SIGNATURE == checkpoint.verdict(f"Bearer {head}.{packed(claims)}.{signature}")
    assert Refusal.SIGNATURE == checkpoint.verdict(f"Bearer {head}.{body}.{packed(bytes(96))}")
    assert Refusal.SIGNATURE == checkpoint.verdict(f"Bearer {head}.{body}.AA")


# Claims


@pytest.mark.requirement("CH-160")
@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "jti"])
@pytest.mark.parametrize("value", [LEFT_OUT, None, [], {}, True, False])
def test_every_claim_is_there_and_of_its_type(claim, value):
    """(S11, S12)"""
    assert Refusal.CLAIMS == at_hospital(EHR.bearer(now=NOW, **{claim: value}))


@pytest.mark.requirement("CH-160")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"jti": ""}, Refusal.CLAIMS),
        ({"jti": 7}, Refusal.CLAIMS),
        ({"jti": "\ud800"}, Refusal.CLAIMS),
        ({"iss": ""}, Refusal.CLAIMS),
        ({"jti": "j" * 255}, ACCEPTED),
        ({"jti": "j" * 256}, Refusal.CLAIMS),
        ({"jti": "j" * 10_240}, Refusal.CLAIMS),
        ({"jti": "a\x00b"}, Refusal.CLAIMS),
        ({"jti": "a\nb"}, Refusal.CLAIMS),
        ({"jti": "a b/+=é"}, ACCEPTED),
        ({"iss": 1}, Refusal.CLAIMS),
        ({"iss": ["https://ehr.example.org"]}, Refusal.CLAIMS),
        ({"tenant": "a\u202eb"}, Refusal.CLAIMS),
        ({"tenant": 5}, Refusal.CLAIMS),
        ({"tenant": None}, Refusal.CLAIMS),
        ({"tenant": ""}, Refusal.CLAIMS),
        ({"sub": "client-id", "more": {"a": [1]}}, ACCEPTED),
    ],
)
def test_identifiers_are_texts_that_can_be_written_down(changes, expected):
    """(S12)"""
    assert expected == at_hospital(EHR.bearer(now=NOW, **changes))


@pytest.mark.requirement("CH-161")
@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (SERVICE_URL, ACCEPTED),
        ([SERVICE_URL], ACCEPTED),
        (["https://elsewhere.example", SERVICE_URL], ACCEPTED),
        ([*["https://elsewhere.example"] * 9, SERVICE_URL], ACCEPTED),
        ([*["https://elsewhere.example"] * 10, SERVICE_URL], Refusal.CLAIMS),
        ([SERVICE_URL, 1], Refusal.CLAIMS),
        ([[SERVICE_URL]], Refusal.CLAIMS),
        ({"aud": SERVICE_URL}, Refusal.CLAIMS),
        ("", Refusal.AUDIENCE),
        (PUBLIC_URL, Refusal.AUDIENCE),
        (f"{PUBLIC_URL}/", Refusal.AUDIENCE),
        (f"{PUBLIC_URL}/cds-services", Refusal.AUDIENCE),
        (f"{PUBLIC_URL}/cds-services/another", Refusal.AUDIENCE),
        (f"{SERVICE_URL}/", Refusal.AUDIENCE),
        (f"{SERVICE_URL}/feedback", Refusal.AUDIENCE),
        (f"{SERVICE_URL}?a=1", Refusal.AUDIENCE),
        (SERVICE_URL.upper(), Refusal.AUDIENCE),
        (SERVICE_URL.replace("https", "http"), Refusal.AUDIENCE),
        (SERVICE_URL.replace("example.org", "example.org:443"), Refusal.AUDIENCE),
        (f" {SERVICE_URL}", Refusal.AUDIENCE),
        ([f"{SERVICE_URL}/", PUBLIC_URL], Refusal.AUDIENCE),
    ],
)
def test_a_token_is_made_out_to_exactly_the_address_that_is_called(audience, expected):
    """(S10)"""
    assert expected == at_hospital(EHR.bearer(now=NOW, aud=audience))


@pytest.mark.parametrize("count", [11, 200])
def test_a_token_made_out_to_many_is_refused(count):
    """(S10)"""
    assert Refusal.CLAIMS == at_hospital(EHR.bearer(now=NOW, aud=["a", *[SERVICE_URL] * (count - 1)]))


@pytest.mark.requirement("CH-165")
@pytest.mark.parametrize(
    ("tenant", "expected"),
    [("a", ACCEPTED), ("b", ACCEPTED), ("c", Refusal.TENANT), ("A", Refusal.TENANT), (LEFT_OUT, Refusal.TENANT)],
)
def test_where_tenants_are_listed_a_token_names_one_of_them(tenant, expected):
    assert expected == at_hospital(EHR.bearer(now=NOW, tenant=tenant), tenants=frozenset("ab"))


# Use


@pytest.mark.requirement("CH-163")
def test_a_token_is_remembered_until_it_has_expired_everywhere():
    checkpoint = Checkpoint((client(EHR),))

    checkpoint.check(EHR.bearer(now=NOW, jti="once"))

    assert [(EHR.url, "once", NOW + 300 + 60)] == checkpoint.used


@pytest.mark.requirement("CH-163")
def test_a_token_that_was_used_is_refused():
    class Used(Checkpoint):
        def _first_use(self, issuer, jti, until):
            return False

    assert Refusal.REPLAYED == Used((client(EHR),)).verdict(EHR.bearer(now=NOW))
    assert ACCEPTED == Used((client(EHR, once=False),)).verdict(EHR.bearer(now=NOW))


def test_a_token_that_is_refused_is_not_counted_as_used():
    """Otherwise who guesses a jti could use it up."""
    checkpoint = Checkpoint((client(EHR, tenants=frozenset("a")),))

    for authorization in (EHR.bearer(now=NOW - 1_000), EHR.bearer(now=NOW, aud=PUBLIC_URL), EHR.bearer(now=NOW)):
        assert ACCEPTED != checkpoint.verdict(authorization)

    assert [] == checkpoint.used


def test_every_refusal_has_words_for_the_operator_and_none_for_the_caller():
    """(S17)"""
    assert set(WORDS) == set(Refusal)
    assert {"the call needs a valid token"} == {str(Unauthorized(refusal)) for refusal in Refusal}


@pytest.mark.requirement("CH-171")
def test_how_long_a_refusal_takes_says_little():
    """(S17) A signature is the longest of it, and that takes less than a millisecond or two."""
    kinds = {
        "signature": EHR.bearer(now=NOW, header={"kid": EHR.kid})[:-4] + "AAAA",
        "issuer": EHR.bearer(now=NOW, iss="https://stranger.example"),
        "kid": EHR.bearer(now=NOW, header={"kid": "x"}),
        "algorithm": EHR.bearer(now=NOW, header={"alg": "HS256"}),
        "audience": EHR.bearer(now=NOW, aud=PUBLIC_URL),
        "expired": EHR.bearer(now=NOW - 4_000),
    }
    checkpoint = Checkpoint((client(EHR),))

    def median(authorization):
        def one():
            began = time.perf_counter()
            assert ACCEPTED != checkpoint.verdict(authorization)
            return time.perf_counter() - began

        return statistics.median(one() for _ in range(25))

    medians = {kind: median(authorization) for kind, authorization in kinds.items()}

    assert {} == {kind: seconds for kind, seconds in medians.items() if seconds > 0.02}


def test_the_library_verifies_the_same_tokens():
    """What the tests sign is what others sign: PyJWT accepts it, with its own way of making keys of a JWK."""
    token = EHR.token(now=time.time())

    claims = jwt.decode(token, jwt.PyJWK(jwk()), algorithms=["ES384"], audience=SERVICE_URL, issuer=EHR.url)

    assert SERVICE_URL == claims["aud"]
