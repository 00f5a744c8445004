"""Which keys of a JWK set a token can be verified with."""

import json
import time

import pytest

from cds.security.keys import NO_KEYS, NoKeySet, PassedOver, key_set
from tests.security.tokens import jwk, packed, private_key, written

RSA, EC, ED = jwk("RS384"), jwk("ES384"), jwk("EdDSA")


def keys(*members, **options):
    return key_set(written({"keys": list(members)}), **options)


def number(value):
    return packed(value.to_bytes((value.bit_length() + 7) // 8 or 1))


def reason(member, **options):
    """Why the only key of a set is passed over, "" when it is not."""
    found = keys(member, **options)
    return next((passed.reason for passed in found.passed_over), "")


@pytest.mark.requirement("CH-170")
def test_a_set_may_hold_keys_of_every_kind():
    found = keys(RSA, jwk("ES256"), EC, jwk("ES512"), ED)

    assert {
        "RS384": ("RSA 2048", {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
        "ES256": ("EC P-256", {"ES256"}),
        "ES384": ("EC P-384", {"ES384"}),
        "ES512": ("EC P-521", {"ES512"}),
        "EdDSA": ("OKP Ed25519", {"EdDSA"}),
    } == {key.kid: (key.kind, set(key.algorithms)) for key in found.keys.values()}
    assert () == found.passed_over


@pytest.mark.requirement("CH-170")
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"use": "sig"},
        {"key_ops": ["verify"]},
        {"key_ops": ["sign", "verify"]},
        {"alg": "ES384"},
        {"x5c": ["MIIB"], "x5t": "AA", "x5u": "https://evil.example", "iat": 1, "ext": True},
    ],
)
def test_what_a_key_says_of_its_use_is_understood(change):
    assert "" == reason({**EC, **change})
    assert "" == reason({**{name: value for name, value in EC.items() if name != "use"}, **change})


@pytest.mark.requirement("CH-170")
@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (EC | {"use": "enc"}, "it is not for signatures"),
        (EC | {"key_ops": ["encrypt"]}, "it is not for signatures"),
        (EC | {"key_ops": []}, "it is not for signatures"),
        (EC | {"use": None}, "it is not written as a key"),
        (EC | {"key_ops": "verify"}, "it is not written as a key"),
        (EC | {"x": 5}, "it is not written as a key"),
        ("key", "it is not written as a key"),
        (None, "it is not written as a key"),
        ([[]], "it is not written as a key"),
        ({}, "it is not written as a key"),
        (EC | {"alg": "ES256"}, 'it says that it is for "ES256", which a EC P-384 key is not'),
        (RSA | {"alg": "HS256"}, 'it says that it is for "HS256", which a RSA 2048 key is not'),
        (EC | {"kid": ""}, "it has no kid of 1 to 512 characters"),
        (EC | {"kid": "k" * 513}, "it has no kid of 1 to 512 characters"),
        ({name: value for name, value in EC.items() if name != "kid"}, "it has no kid of 1 to 512 characters"),
        (EC | {"kid": 384}, "it is not written as a key"),
        ({"kty": "oct", "kid": "a", "k": "c2VjcmV0"}, 'keys of the kind "oct" are not used for tokens'),
        (EC | {"kty": "ec"}, 'keys of the kind "ec" are not used for tokens'),
        (EC | {"crv": "secp256k1"}, 'the curve "secp256k1" is not used for tokens'),
        (EC | {"crv": "P-256"}, "coordinates on P-256 have 32 bytes"),
        (EC | {"x": EC["x"][:-4]}, "coordinates on P-384 have 48 bytes"),
        (EC | {"y": EC["y"][:-4]}, "coordinates on P-384 have 48 bytes"),
        (EC | {"x": EC["y"]}, "the point does not lie on P-384"),
        (EC | {"x": packed(bytes(48)), "y": packed(bytes(48))}, "the point does not lie on P-384"),
        (EC | {"x": EC["x"] + "="}, "a number that is missing or not in base64url"),
        (EC | {"y": ""}, "a number that is missing or not in base64url"),
        (EC | {"y": "ü"}, "a number that is missing or not in base64url"),
        (ED | {"crv": "Ed448"}, 'the curve "Ed448" is not used for tokens'),
        (ED | {"crv": "X25519"}, 'the curve "X25519" is not used for tokens'),
        (ED | {"x": "AA"}, "the point makes no Ed25519 key"),
        (RSA | {"n": packed(b"\xff" * 256)}, ""),
        (RSA | {"e": packed(b"\x01")}, "an RSA key with an unsafe exponent; it is 65,537 as a rule"),
        (RSA | {"e": packed(b"\x03")}, "an RSA key with an unsafe exponent; it is 65,537 as a rule"),
        (RSA | {"e": number(65_536)}, "an RSA key with an unsafe exponent; it is 65,537 as a rule"),
        (RSA | {"e": number(65_538)}, "an RSA key with an unsafe exponent; it is 65,537 as a rule"),
        (RSA | {"e": number(65_537)}, ""),
        (RSA | {"e": number(2**32 + 1)}, "an RSA key with an unsafe exponent; it is 65,537 as a rule"),
        (RSA | {"e": packed(b"\xff" * 300)}, "an RSA key with more than 8,192 bits, or a long exponent"),
        (RSA | {"e": ""}, "a number that is missing or not in base64url"),
        (RSA | {"n": packed(bytes(256))}, "an RSA key of 0 bits; it must have 2,048 to 8,192"),
        (RSA | {"n": packed(b"\xff" * 2_048)}, "an RSA key with more than 8,192 bits, or a long exponent"),
    ],
)
def test_a_key_that_cannot_be_used_is_passed_over_with_the_reason(member, expected):
    """(S9)"""
    assert expected == reason(member)


@pytest.mark.requirement("CH-158")
@pytest.mark.parametrize(
    ("bits", "usable"),
    [
        (512, False),
        (1_024, False),
        (2_047, False),
        (2_048, True),
        (4_096, True),
        (8_192, True),
        (8_193, False),
        (16_384, False),
    ],
)
def test_an_rsa_key_has_2048_to_8192_bits(bits, usable):
    """(S9)"""
    found = keys(RSA | {"n": number(2**bits - 1)})

    assert usable == bool(found.keys)


@pytest.mark.parametrize(
    ("bits", "usable"), [(2_048, False), (3_071, False), (3_072, True), (8_192, True), (8_193, False)]
)
def test_longer_rsa_keys_may_be_demanded(bits, usable):
    """(V11.2.3) 3,072 bits have 128 bits of security."""
    found = keys(RSA | {"n": number(2**bits - 1)}, EC, rsa_bits=3_072)

    assert usable == ("RS384" in found.keys)
    assert "ES384" in found.keys


@pytest.mark.requirement("CH-168")
def test_a_kid_is_any_text():
    kids = ["1+/RYdDpr2uPbEgmvZ0VAbR9mFmDBOMXvuDHJqEXDYo=", "../../etc", " ", "\x1b[2J", "ключ", "a" * 512]

    assert kids == list(keys(*(EC | {"kid": kid} for kid in kids)).keys)


@pytest.mark.requirement("CH-168")
def test_a_kid_that_two_keys_share_chooses_neither():
    found = keys(EC | {"kid": "a"}, RSA | {"kid": "a"}, RSA | {"kid": "b"}, EC | {"kid": "b", "use": "enc"})

    assert ["b"] == list(found.keys)
    assert PassedOver("a", "its kid is that of another key as well") in found.passed_over


@pytest.mark.parametrize("part", ["d", "p", "q"])
def test_any_part_of_a_private_key_is_too_much(part):
    """(S9)"""
    assert reason(RSA | {part: "AAAA"}, published=True).startswith("its private part is published")


@pytest.mark.requirement("CH-170")
def test_a_private_key_is_noticed_and_when_all_can_read_it_not_used():
    """(S9) Published, anybody can sign with it. In a file that only the operator reads it is a thing to put right."""
    private = EC | {"d": packed(private_key().private_numbers().private_value.to_bytes(48))}

    of_file, published = keys(private, RSA), keys(private, RSA, published=True)

    assert (["ES384", "RS384"], ("ES384",)) == (list(of_file.keys), of_file.private)
    assert (["RS384"], ("ES384",)) == (list(published.keys), published.private)
    assert "its private part is published: anyone who reads it can sign" == published.passed_over[0].reason


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "it is not a JSON object, or not one that all readers understand alike"),
        (b"<html>", "it is not a JSON object, or not one that all readers understand alike"),
        (b"[]", "it is not a JSON object, or not one that all readers understand alike"),
        (b'{"keys": [], "keys": []}', "it is not a JSON object, or not one that all readers understand alike"),
        (b'{"keys": NaN}', "it is not a JSON object, or not one that all readers understand alike"),
        (
            b'{"keys": ' + b"[" * 500 + b"]" * 500 + b"}",
            "it is not a JSON object, or not one that all readers understand alike",
        ),
        (
            b'{"keys": ' + b"[" * 90_000 + b"]" * 90_000 + b"}",
            "it is not a JSON object, or not one that all readers understand alike",
        ),
        (b'{"keys": [' + b"9" * 5_000 + b"]}", "it is not a JSON object, or not one that all readers understand alike"),
        (b"{}", 'it has no list of "keys"'),
        (b'{"keys": null}', 'it has no list of "keys"'),
        (b'{"keys": {}}', 'it has no list of "keys"'),
        (written({"keys": [EC] * 101}), "a key set has at most 100 keys"),
        (written({"keys": [{}] * 10_000}), "a key set has at most 100 keys"),
        (b" " * 256_001, "a key set has at most 256,000 bytes"),
        (b" " * 5_000_000, "a key set has at most 256,000 bytes"),
    ],
    ids=range(15),
)
def test_what_is_no_key_set_is_refused_quickly(content, expected):
    """(S9)"""
    began = time.process_time()

    with pytest.raises(NoKeySet) as refused:
        key_set(content)

    assert expected == str(refused.value)
    assert time.process_time() - began < 1


def test_the_largest_set_is_read_quickly():
    """(S9)"""
    largest = written({"keys": [EC | {"kid": str(position), "more": "x" * 2_000} for position in range(100)]})
    began = time.process_time()

    assert 100 == len(key_set(largest).keys)
    assert time.process_time() - began < 1


@pytest.mark.requirement("CH-169")
def test_a_set_without_keys_is_a_set():
    """Its owner has withdrawn them all."""
    assert NO_KEYS.keys == keys().keys
    assert () == keys().passed_over


def test_a_key_does_not_tell_its_numbers():
    shown = repr(keys(EC | {"d": "AAAA"}))

    assert not [value for value in (EC["x"], EC["y"], "AAAA") if value in json.dumps(shown)]
