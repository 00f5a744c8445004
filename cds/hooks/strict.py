"""Strict JSON for the envelope and the context: no member twice, no NaN, bounded depth, decimals with their digits.

They decide whose data are looked at and are handed back in suggestions, so ambiguity is refused. The prefetch is the
bulk of a body and is read by ``cds.fhir.decode``; here it is cut out.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from math import isinf
from typing import Any

import msgspec
import orjson

from cds.errors import RequestError
from cds.fhir.decode import HookRequest

MAX_DEPTH = 64
MAX_DIGITS = 40  # of one number
_TWICE = "an object of the request has two members with the same name"
_NO_OBJECT = "the body must be one JSON object, correctly written"
_KEY = b'"prefetch"'
_COLON = re.compile(rb'"prefetch"\s*:\s*')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")  # half of a character; whole ones are written as two halves
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class _Prefetch(msgspec.Struct):
    prefetch: msgspec.Raw


_PREFETCH = msgspec.json.Decoder(_Prefetch)


def envelope(body: bytes, request: HookRequest) -> dict[str, Any]:
    """The members of the request but for its prefetch. ``request`` is the same body, decoded and sound.

    Raises ``RequestError``; its message never repeats what was sent.
    """
    head = _before_prefetch(body, request)
    members = loaded(head) if head else {}
    if not request.members.keys() <= members.keys():
        members = loaded(_without_prefetch(body))
    if any(members[name] != msgspec.json.decode(raw) for name, raw in request.members.items() if _is_text(raw)):
        raise RequestError(_TWICE)  # the decoder took a later one
    return {key: value for key, value in members.items() if key != "prefetch"}


def _before_prefetch(body: bytes, request: HookRequest) -> bytes | None:
    """What stands before the prefetch, closed: enough when it is the last member, as it nearly always is.

    Saves a second pass over the whole body, a third of the time that reading it takes.
    """
    start = body.find(_KEY)
    if start < 0 or not request.prefetch or start != body.rfind(_KEY):
        return None
    head = body[:start]
    return head + _KEY + b":null}" if all(bytes(raw) in head for raw in request.members.values()) else None


def _is_text(raw: msgspec.Raw) -> bool:
    return bytes(raw).startswith(b'"')


def _without_prefetch(body: bytes) -> bytes:
    """The body with null in place of the prefetch. A second member of that name stays, and is found as a duplicate."""
    try:
        prefetch = bytes(_PREFETCH.decode(body).prefetch)
    except msgspec.ValidationError:
        return body
    for key in _COLON.finditer(body):
        if body[key.end() : key.end() + len(prefetch)] == prefetch:
            return body[: key.end()] + b"null" + body[key.end() + len(prefetch) :]
    return body  # its name is written with escapes


def loaded(text: bytes) -> dict[str, Any]:
    """The members of one JSON object, strict throughout. Raises ``RequestError``, as ``envelope`` does."""
    try:
        members = json.loads(
            text.decode(),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_decimal,
            parse_int=_integer,
        )
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(_NO_OBJECT) from error
    if not isinstance(members, dict):
        raise RequestError(_NO_OBJECT)
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH:
        _check_depth(members)
    if _SURROGATE.search(text):
        _check_characters(members)
    if _NUL.search(text):
        raise RequestError("a text of the request contains the character U+0000")
    return members


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise RequestError(_TWICE)
    return members


def _no_constant(_: str) -> None:
    raise RequestError("NaN and Infinity are not JSON")


def _decimal(text: str) -> Decimal:
    _check_digits(text)
    if isinf(float(text)):
        raise RequestError("a number of the request is larger than any measurement")
    return Decimal(text)


def _integer(text: str) -> int | Decimal:
    """Decimals are written back digit by digit, integers only up to 64 bits."""
    _check_digits(text)
    return int(text) if len(text) < 19 and text != "-0" else Decimal(text)


def _check_digits(text: str) -> None:
    if len(text) > MAX_DIGITS:
        raise RequestError(f"a number of the request has more than {MAX_DIGITS} characters")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [part for whole in level for part in _parts(whole)]
    if level:
        raise RequestError(f"the request is nested more than {MAX_DEPTH} levels deep")


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _check_characters(value: Any) -> None:
    try:
        orjson.dumps(value, default=str)
    except TypeError as error:
        raise RequestError("a text of the request contains a lone surrogate (half a character)") from error
