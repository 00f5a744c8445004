"""Strict JSON: no duplicate keys, no NaN, bounded depth, valid UTF-8; the prefetch is left unparsed.

What is read here (the envelope and the context) decides whose data are looked at and is handed back in suggestions, so
ambiguity is refused and decimals keep their digits. The prefetch is the bulk of a body and is read by ``cds.fhir.read``.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import msgspec
import orjson

from cds.errors import RequestError

MAX_DEPTH = 64
MAX_DIGITS = 40  # of one number
_PREFETCH = re.compile(rb'"prefetch"\s*:\s*')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")  # half of a character; whole ones are written as two halves


class _Shape(msgspec.Struct):
    prefetch: msgspec.Raw = msgspec.Raw()


_SHAPE = msgspec.json.Decoder(_Shape)


def parsed(body: bytes) -> tuple[dict[str, Any], bytes]:
    """The envelope without its prefetch, and the text of the prefetch (empty when there is none).

    Raises ``RequestError``; its message never repeats what was sent.
    """
    _check_text(body)
    try:
        prefetch = bytes(_SHAPE.decode(body).prefetch)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RequestError("the body must be one JSON object, correctly written") from error
    envelope = _loads(_without(body, prefetch) if prefetch else body)
    return {key: value for key, value in envelope.items() if key != "prefetch"}, prefetch


def _check_text(body: bytes) -> None:
    if body.startswith(b"\xef\xbb\xbf"):
        raise RequestError("the body must not begin with a byte order mark")
    if body.isascii():
        return
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise RequestError(f"the body is not valid UTF-8 at byte {error.start}") from error


def _without(body: bytes, prefetch: bytes) -> bytes:
    """The body with null in place of the prefetch. A second member of that name stays, and is found as a duplicate."""
    for key in _PREFETCH.finditer(body):
        if body[key.end() : key.end() + len(prefetch)] == prefetch:
            return body[: key.end()] + b"null" + body[key.end() + len(prefetch) :]
    return body  # the name was written with escapes


def _loads(text: bytes) -> dict[str, Any]:
    try:
        envelope = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_decimal,
            parse_int=_integer,
        )
    except (json.JSONDecodeError, RecursionError) as error:
        raise RequestError("the body must be one JSON object, correctly written") from error
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH:
        _check_depth(envelope)
    if _SURROGATE.search(text):
        _check_characters(envelope)
    assert isinstance(envelope, dict)
    return envelope


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise RequestError("an object of the envelope or the context has a member twice")
    return members


def _no_constant(_: str) -> None:
    raise RequestError("NaN and Infinity are not JSON")


def _decimal(text: str) -> Decimal:
    _check_digits(text)
    return Decimal(text)


def _integer(text: str) -> int:
    _check_digits(text)
    return int(text)


def _check_digits(text: str) -> None:
    if len(text) > MAX_DIGITS:
        raise RequestError(f"a number of the envelope or the context has more than {MAX_DIGITS} characters")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [part for whole in level for part in _parts(whole)]
    if level:
        raise RequestError(f"the envelope or the context is nested more than {MAX_DEPTH} levels deep")


def _check_characters(value: Any) -> None:
    try:
        orjson.dumps(value, default=str)
    except TypeError as error:
        raise RequestError("a text of the envelope or the context holds half a character (a lone surrogate)") from error


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
