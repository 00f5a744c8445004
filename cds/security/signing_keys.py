"""The keys that rulesets are signed with, and those their signatures are held against."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from cds.errors import InputError, SettingsError
from cds.security.keys import Key, NoKeySet, key_set

PrivateKey: TypeAlias = EllipticCurvePrivateKey | Ed25519PrivateKey

_OF_CURVES: Final = MappingProxyType({"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"})
ALGORITHMS: Final = ("EdDSA", *_OF_CURVES.values())

_PEM: Final = b"-----BEGIN "
_KINDS: Final = "an Ed25519 key, or one on the curve P-256, P-384 or P-521"


def public_keys(path: Path) -> tuple[Key, ...]:
    """Of a file with one public key in PEM, or a JWK set of several. Raises ``SettingsError``."""
    content = path.read_bytes()
    try:
        found = (_of_pem(content),) if content.lstrip().startswith(_PEM) else _of_set(content)
    except ValueError as error:
        raise SettingsError(f"{path} {error}") from error
    if not found:
        raise SettingsError(f"{path} has no key that rulesets can be signed with: {_KINDS}")
    return found


def private_key(content: bytes) -> tuple[PrivateKey, str]:
    """In PEM, without a password. The algorithm that it signs with. Raises ``InputError``."""
    try:
        key: Any = load_pem_private_key(content, password=None)
    except TypeError as error:
        raise InputError("the key is protected by a password: `openssl pkey -in FILE | cds sign --key -`") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError("this is no private key in PEM") from error
    if not (algorithm := _algorithm(key)):
        raise InputError(f"rulesets are signed with {_KINDS}")
    return key, algorithm


def _of_pem(content: bytes) -> Key:
    if b"PRIVATE KEY" in content:
        raise ValueError("holds a private key; whoever verifies needs the public one alone: openssl pkey -pubout")
    try:
        key: Any = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("holds no public key in PEM") from error
    if not (algorithm := _algorithm(key)):
        raise ValueError(f"is for another purpose: rulesets are signed with {_KINDS}")
    return Key("", algorithm, frozenset({algorithm}), key)


def _of_set(content: bytes) -> tuple[Key, ...]:
    try:
        found = key_set(content)
    except NoKeySet as error:
        raise ValueError(f"is neither a public key in PEM nor a JWK set: {error}") from error
    if found.private:
        raise ValueError("holds a private key; whoever verifies needs the public one alone")
    return tuple(key for key in found.keys.values() if not key.algorithms.isdisjoint(ALGORITHMS))


def _algorithm(key: object) -> str:
    """ "" for a key of another kind."""
    if isinstance(key, Ed25519PublicKey | Ed25519PrivateKey):
        return "EdDSA"
    curve = key.curve.name if isinstance(key, EllipticCurvePublicKey | EllipticCurvePrivateKey) else ""
    return _OF_CURVES.get(curve, "")
