"""The keys of a JWK set (RFC 7517): those a token can be verified with, and why not with the others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from cds.security import strict
from cds.security.algorithms import SHORTEST_RSA, Jwk, PublicKey, Unusable, made

MAX_BYTES: Final = 256_000
MAX_KEYS: Final = 100
MAX_KID: Final = 512  # characters


class NoKeySet(Exception):
    """This is not a JWK set; the message says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """``kid`` may hold any characters. ``kind``: in words, such as "EC P-384"."""

    kid: str
    kind: str
    algorithms: frozenset[str]
    public: PublicKey = field(repr=False)


class PassedOver(NamedTuple):
    """A key that is not used. ``key``: its kid, or its position where it has none."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeySet:
    """``private``: the kids of keys whose private part is in the set."""

    keys: Mapping[str, Key]
    passed_over: tuple[PassedOver, ...]
    private: tuple[str, ...]


def shown(kid: str) -> str:
    """A kid for the eyes of an operator: it may hold anything, also what a terminal obeys."""
    return json.dumps(kid)


NO_KEYS: Final = KeySet(MappingProxyType({}), (), ())


def key_set(content: bytes, *, published: bool = False, rsa_bits: int = SHORTEST_RSA) -> KeySet:
    """``published``: all the world can read the set, so a key with its private part is everybody's. ``rsa_bits``: that
    an RSA key has at least. Raises NoKeySet.
    """
    found, passed_over, private = list[Key](), list[PassedOver](), list[str]()
    for position, member in enumerate(_members(content), start=1):
        name = _name(member, position)
        try:
            jwk = _written(member)
            if jwk.is_private:
                private.append(name)
            found.append(_key(jwk, published=published, rsa_bits=rsa_bits))
        except Unusable as error:
            passed_over.append(PassedOver(name, str(error)))
    twice = _twice(found)
    passed_over.extend(PassedOver(kid, "its kid is that of another key as well") for kid in sorted(twice))
    usable = {key.kid: key for key in found if key.kid not in twice}
    return KeySet(MappingProxyType(usable), tuple(passed_over), tuple(private))


def _members(content: bytes) -> list[Any]:
    if len(content) > MAX_BYTES:
        raise NoKeySet(f"a key set has at most {MAX_BYTES:,} bytes")
    try:
        found = strict.members(content).get("keys")
    except ValueError as error:
        raise NoKeySet("it is not a JSON object, or not one that all readers understand alike") from error
    if not isinstance(found, list):
        raise NoKeySet('it has no list of "keys"')
    if len(found) > MAX_KEYS:
        raise NoKeySet(f"a key set has at most {MAX_KEYS} keys")
    return found


def _name(member: Any, position: int) -> str:
    kid = member.get("kid") if isinstance(member, dict) else None
    return kid[:MAX_KID] if isinstance(kid, str) and kid else f"number {position}"


def _written(member: Any) -> Jwk:
    try:
        return msgspec.convert(member, Jwk)
    except msgspec.ValidationError as error:
        raise Unusable("it is not written as a key") from error


def _key(jwk: Jwk, *, published: bool, rsa_bits: int) -> Key:
    if not 0 < len(jwk.kid) <= MAX_KID:
        raise Unusable(f"it has no kid of 1 to {MAX_KID} characters")
    if jwk.use != "sig" or "verify" not in jwk.key_ops:
        raise Unusable("it is not for signatures")
    if jwk.is_private and published:
        raise Unusable("its private part is published: anyone who reads it can sign")
    public, kind, algorithms = made(jwk, rsa_bits)
    if jwk.alg and jwk.alg not in algorithms:
        raise Unusable(f'it says that it is for "{jwk.alg}", which a {kind} key is not')
    return Key(jwk.kid, kind, frozenset((jwk.alg,) if jwk.alg else algorithms), public)


def _twice(keys: Iterable[Key]) -> set[str]:
    return {kid for kid, count in Counter(key.kid for key in keys).items() if count > 1}
