"""No token but the one that was signed is accepted: whatever is changed in it, at random."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cds.security.refusals import Refusal
from tests.security.checking import ACCEPTED, NOW, Checkpoint, client
from tests.security.tokens import Issuer, jwk, packed

ISSUERS = [Issuer(), Issuer("https://rsa.example.org", "RS384")]
CHECKPOINT = Checkpoint(tuple(client(issuer, name=issuer.algorithm.lower()) for issuer in ISSUERS))
TOKENS = [issuer.token(now=NOW, tenant="a") for issuer in ISSUERS]
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

tokens = st.sampled_from(TOKENS)
characters = st.sampled_from(BASE64URL) | st.characters(codec="utf-8")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def verdict(text):
    return CHECKPOINT.verdict(f"Bearer {text}")


def test_the_tokens_themselves_are_accepted():
    assert [ACCEPTED, ACCEPTED] == [verdict(token) for token in TOKENS]


@settings(max_examples=300, deadline=None)
@given(token=tokens, place=st.integers(0, 2_000), other=characters)
def test_no_character_can_be_another(token, place, other):
    place %= len(token)
    assume(token[place] != other)

    assert ACCEPTED != verdict(token[:place] + other + token[place + 1 :])


@settings(max_examples=200, deadline=None)
@given(token=tokens, place=st.integers(0, 2_000), more=st.text(characters, min_size=1, max_size=4))
def test_nothing_can_be_put_in(token, place, more):
    """But a space before it, which is not part of it."""
    place %= len(token) + 1
    assume(token[:place] + more + token[place:] != token and not (place == 0 and not more.strip(" ")))

    assert ACCEPTED != verdict(token[:place] + more + token[place:])


@settings(max_examples=200, deadline=None)
@given(token=tokens, start=st.integers(0, 2_000), length=st.integers(1, 400))
def test_nothing_can_be_left_out(token, start, length):
    start %= len(token)

    assert ACCEPTED != verdict(token[:start] + token[start + length :])


@settings(max_examples=200, deadline=None)
@given(
    issuer=st.sampled_from(ISSUERS),
    name=st.sampled_from(["iss", "aud", "exp", "iat", "jti", "tenant"]),
    value=json_values,
)
def test_no_claim_can_be_another_under_the_same_signature(issuer, name, value):
    claims = {**issuer.claims(now=NOW), "jti": "1", "tenant": "a"}
    head, _, signature = issuer.token(now=NOW, jti="1", tenant="a").split(".")
    assume(claims[name] != value)

    assert ACCEPTED != verdict(f"{head}.{packed({**claims, name: value})}.{signature}")


@settings(max_examples=200, deadline=None)
@given(token=tokens, header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "jku", "crit", "b64"]), json_values))
def test_no_header_goes_with_another_signature(token, header):
    _, body, signature = token.split(".")

    assert ACCEPTED != verdict(f"{packed(header)}.{body}.{signature}")


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(json_values | st.just(jwk()), min_size=3, max_size=3), text=st.text())
def test_no_rubbish_is_more_than_refused(parts, text):
    assert ACCEPTED != verdict(".".join(map(packed, parts)))
    assert ACCEPTED != verdict(text)
    assert ACCEPTED != CHECKPOINT.verdict(text)


@settings(max_examples=200, deadline=None)
@given(
    claims=st.dictionaries(st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "jti", "tenant", "sub"]), json_values)
)
def test_whatever_an_issuer_signs_is_judged(claims):
    """Were it signed with the right key: a verdict, never a fault of ours."""
    assert verdict(ISSUERS[0].token(now=NOW, **claims)) in {ACCEPTED, *Refusal}
