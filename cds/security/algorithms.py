"""Which algorithms a token may be signed with, and making their public keys of what a JWK says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from cds.security import strict

PublicKey: TypeAlias = RSAPublicKey | ec.EllipticCurvePublicKey | Ed25519PublicKey

USUAL: Final = ("ES384", "RS384")  # what CDS Hooks recommends
_OF_RSA: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_OF_ED25519: Final = ("EdDSA",)
POSSIBLE: Final = ("ES256", "ES384", "ES512", *_OF_RSA, *_OF_ED25519)

# Below 2,048 bits a key can be broken (NIST SP 800-131A), above 8,192 verifying is slow enough to be an attack.
SHORTEST_RSA, LONGEST_RSA = 2_048, 8_192
LASTING_RSA: Final = 3_072
"""Bits of an RSA key with 128 bits of security; shorter ones have 112, which are enough until 2030 (NIST SP 800-57)."""

# FIPS 186-5 demands an odd number above 2**16; a long one only makes verifying slow.
_RSA_EXPONENTS: Final = range(2**16 + 1, 2**32, 2)


class _Curve(NamedTuple):
    curve: ec.EllipticCurve
    length: int  # bytes of a coordinate
    algorithm: str


_CURVES: Final[Mapping[str, _Curve]] = MappingProxyType(
    {
        "P-256": _Curve(ec.SECP256R1(), 32, "ES256"),
        "P-384": _Curve(ec.SECP384R1(), 48, "ES384"),
        "P-521": _Curve(ec.SECP521R1(), 66, "ES512"),
    }
)


class Jwk(msgspec.Struct, frozen=True):
    """What is read of a key, as it is written; the rest of its members mean nothing here."""

    kty: str
    kid: str = ""
    use: str = "sig"
    key_ops: tuple[str, ...] = ("verify",)
    alg: str = ""
    crv: str = ""
    n: str = ""
    e: str = ""
    x: str = ""
    y: str = ""
    d: str = ""
    p: str = ""
    q: str = ""

    @property
    def is_private(self) -> bool:
        """Whether it holds what only its owner may know."""
        return any((self.d, self.p, self.q))


class Made(NamedTuple):
    """``kind``: in words, such as "RSA 2048". ``algorithms``: that it can verify."""

    public: PublicKey
    kind: str
    algorithms: tuple[str, ...]


class Unusable(Exception):
    """No token can be verified with this key; the message says why."""


def made(jwk: Jwk, rsa_bits: int) -> Made:
    """The public key that a JWK describes. ``rsa_bits``: that it has at least, if it is one of RSA. Raises Unusable."""
    match jwk.kty:
        case "RSA":
            return _rsa(jwk, rsa_bits)
        case "EC":
            return _elliptic(jwk)
        case "OKP":
            return _ed25519(jwk)
    raise Unusable(f'keys of the kind "{jwk.kty}" are not used for tokens')


def is_short(key: PublicKey) -> bool:
    """Whether it has less than 128 bits of security."""
    return isinstance(key, RSAPublicKey) and key.key_size < LASTING_RSA


def _rsa(jwk: Jwk, shortest: int) -> Made:
    if len(jwk.n) > 2_000 or len(jwk.e) > 20:
        raise Unusable("an RSA key with more than 8,192 bits, or a long exponent")
    modulus, exponent = _number(jwk.n), _number(jwk.e)
    bits = modulus.bit_length()
    if not shortest <= bits <= LONGEST_RSA:
        raise Unusable(f"an RSA key of {bits:,} bits; it must have {shortest:,} to {LONGEST_RSA:,}")
    if exponent not in _RSA_EXPONENTS:
        raise Unusable("an RSA key with an unsafe exponent; it is 65,537 as a rule")
    try:
        public = RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable("numbers that make no RSA key") from error
    return Made(public, f"RSA {public.key_size}", _OF_RSA)


def _elliptic(jwk: Jwk) -> Made:
    curve = _CURVES.get(jwk.crv)
    if curve is None:
        raise Unusable(f'the curve "{jwk.crv}" is not used for tokens')
    x, y = _bytes(jwk.x), _bytes(jwk.y)
    if not len(x) == len(y) == curve.length:
        raise Unusable(f"coordinates on {jwk.crv} have {curve.length} bytes")
    try:
        public = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve.curve).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable(f"the point does not lie on {jwk.crv}") from error
    return Made(public, f"EC {jwk.crv}", (curve.algorithm,))


def _ed25519(jwk: Jwk) -> Made:
    if jwk.crv != "Ed25519":
        raise Unusable(f'the curve "{jwk.crv}" is not used for tokens')
    try:
        return Made(Ed25519PublicKey.from_public_bytes(_bytes(jwk.x)), "OKP Ed25519", _OF_ED25519)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable("the point makes no Ed25519 key") from error


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text))


def _bytes(text: str) -> bytes:
    try:
        return strict.unpacked(text.encode())
    except ValueError as error:
        raise Unusable("a number that is missing or not in base64url") from error
