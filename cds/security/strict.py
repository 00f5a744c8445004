"""Reading the JSON and base64url of tokens and key sets: texts that every reader understands alike, or none."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, NoReturn

MAX_DEPTH = 8

_BASE64URL = re.compile(rb"[A-Za-z0-9_-]+")


def members(content: bytes) -> dict[str, Any]:
    """The members of an object. Raises ValueError for all else: a member twice, NaN, a number without end, depth."""
    try:
        found = json.loads(content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number)
    except RecursionError:
        found = None
    if not isinstance(found, dict) or _is_deep(found):
        raise ValueError("no JSON object, or nested too deep")
    return found


def unpacked(text: bytes) -> bytes:
    """What a base64url text stands for. Raises ValueError unless it is the only text that stands for it."""
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    content = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(content).rstrip(b"=") != text:
        raise ValueError("another base64url text of the same bytes")
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member stands twice")
    return found


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [part for whole in level for part in _parts(whole)]
    return bool(level)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
