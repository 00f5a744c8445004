"""Reading a token (RFC 7515, compact form) as far as it is only text: nothing of it is trusted yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from cds.errors import Unauthorized
from cds.security import strict
from cds.security.refusals import Refusal

Members: TypeAlias = Mapping[str, Any]

MAX_LENGTH: Final = 16_384  # characters of the whole
MAX_AUDIENCES: Final = 10
MAX_TEXT: Final = 255  # characters of an identifier that is written down

_LAST_MOMENT: Final = 253_402_300_799  # of the year 9999: dates go no further
_BEARER = re.compile(r"bearer +(?P<token>[^ ]+)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Header:
    """``key_address``: the ``jku``, "" without one."""

    algorithm: str
    kid: str
    key_address: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Moments are seconds since 1970. ``tenant``: "" without one."""

    issuer: str
    audience: tuple[str, ...]
    expires: float
    issued: float
    not_before: float
    jti: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Token:
    header: Header
    claims: Claims
    text: str = field(repr=False)


def token_of(authorization: str | None) -> Token:
    """The token of an Authorization header. Raises Unauthorized."""
    text = _text(authorization)
    try:
        head, body, signature = (part.encode("ascii") for part in text.split("."))
        strict.unpacked(signature)
        header, claims = (strict.members(strict.unpacked(part)) for part in (head, body))
    except ValueError as error:
        raise Unauthorized(Refusal.NOT_A_TOKEN) from error
    return Token(_header(header), _claims(claims), text)


def _text(authorization: str | None) -> str:
    if len(authorization or "") > MAX_LENGTH:
        raise Unauthorized(Refusal.TOO_LONG)
    found = _BEARER.fullmatch(authorization or "")
    if found is None:
        raise Unauthorized(Refusal.NO_TOKEN)
    return found["token"]


def _header(members: Members) -> Header:
    """Keys, certificates and their addresses (``jwk``, ``x5c``, ``x5u``) in a header mean nothing here."""
    if members.get("typ") != "JWT":
        raise Unauthorized(Refusal.TYPE)
    if "crit" in members or "b64" in members:
        raise Unauthorized(Refusal.CRITICAL)
    algorithm, kid, key_address = (members.get(name, "") for name in ("alg", "kid", "jku"))
    written = all(isinstance(text, str) for text in (algorithm, kid, key_address))
    if not written or not algorithm or not kid or ("jku" in members and not key_address):
        raise Unauthorized(Refusal.HEADER)
    return Header(algorithm, kid, key_address)


def _claims(members: Members) -> Claims:
    audience = members.get("aud")
    try:
        return Claims(
            issuer=_identifier(members["iss"]),
            audience=_audience(audience if isinstance(audience, list) else [audience]),
            expires=_moment(members["exp"]),
            issued=_moment(members["iat"]),
            not_before=_moment(members.get("nbf", 0)),
            jti=_identifier(members["jti"]),
            tenant=_identifier(members["tenant"]) if "tenant" in members else "",
        )
    except (KeyError, ValueError) as error:
        raise Unauthorized(Refusal.CLAIMS) from error


def _identifier(value: Any) -> str:
    """It goes into the record and the log: no control characters, no half of a character."""
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= MAX_TEXT:
        raise ValueError("no identifier")
    return value


def _audience(values: list[Any]) -> tuple[str, ...]:
    if not 0 < len(values) <= MAX_AUDIENCES or not all(isinstance(value, str) for value in values):
        raise ValueError("no audience")
    return tuple(values)


def _moment(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_MOMENT:
        raise ValueError("no moment")
    return float(value)
