"""Why a token is refused: a closed set of codes for the log, each in words for the operator. Callers see neither."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Refusal(StrEnum):
    NO_TOKEN = "no-token"  # noqa: S105  # a code of the log
    TOO_LONG = "too-long"
    NOT_A_TOKEN = "not-a-token"  # noqa: S105  # a code of the log
    TYPE = "type"
    CRITICAL = "critical"
    HEADER = "header"
    CLAIMS = "claims"
    ALGORITHM = "algorithm"
    ISSUER = "issuer"
    KEY_ADDRESS = "key-address"
    KEY = "key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    ISSUED_LATER = "issued-later"
    TOO_OLD = "too-old"
    LIVES_TOO_LONG = "lives-too-long"
    TENANT = "tenant"
    REPLAYED = "replayed"


WORDS: Final[Mapping[Refusal, str]] = MappingProxyType(
    {
        Refusal.NO_TOKEN: "there is no header `Authorization: Bearer <token>`",
        Refusal.TOO_LONG: "the token is longer than 16,384 characters",
        Refusal.NOT_A_TOKEN: "it is not three parts in base64url, the first two of them JSON objects",
        Refusal.TYPE: 'its "typ" is not "JWT"',
        Refusal.CRITICAL: 'it demands an extension ("crit" or "b64")',
        Refusal.HEADER: '"alg" or "kid" of its header is missing, or "alg", "kid" or "jku" is no text',
        Refusal.CLAIMS: '"iss", "aud", "exp", "iat" or "jti" is missing, or a claim is not of its type or size',
        Refusal.ALGORITHM: "its algorithm is not one of this client's",
        Refusal.ISSUER: "no client has its issuer",
        Refusal.KEY_ADDRESS: 'its "jku" is not the one that is registered for this client',
        Refusal.KEY: "the client has no key of this kid for this algorithm",
        Refusal.SIGNATURE: "the signature does not match the key",
        Refusal.AUDIENCE: 'its "aud" is not CDS_PUBLIC_URL with the path of the call',
        Refusal.EXPIRED: "it has expired",
        Refusal.NOT_YET: "it is not valid yet",
        Refusal.ISSUED_LATER: "it was issued in the future",
        Refusal.TOO_OLD: "it was issued too long ago for this client",
        Refusal.LIVES_TOO_LONG: "it is valid for longer than this client's tokens may be, or for no time at all",
        Refusal.TENANT: "its tenant is not one of this client's",
        Refusal.REPLAYED: "it was used before",
    }
)
