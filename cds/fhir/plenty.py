"""How many values a JSON text holds, told from its commas and brackets: what reading it can cost is bounded by that.

Five megabytes of ``0,`` are two and a half million values; looking at each would take ten seconds and a gigabyte.
"""

from __future__ import annotations

import re

from cds.errors import RequestError

VALUES = 200_000  # that a text of any length may hold
BYTES_PER_VALUE = 15  # of what a longer one may hold; real charts need 23 and more

_LEAST = 2  # bytes that a value takes: a digit and a comma
_REST = bytes(set(range(256)) - set(b",[{"))
_REST_BUT_QUOTES = _REST.replace(b'"', b"")
_TEXT = re.compile(rb'"[^"]*"')


def check_values(text: bytes) -> None:
    """Raises ``RequestError``. Costs nothing where there cannot be too many, a hundredth of the reading elsewhere."""
    allowed = max(VALUES, len(text) // BYTES_PER_VALUE)
    if len(text) > _LEAST * allowed and _marks(text) >= allowed and _marks(_without_texts(text)) >= allowed:
        raise RequestError(f"the body holds more than {allowed} values")


def _marks(text: bytes) -> int:
    """One less than the values, but for brackets with nothing between them, which count as two."""
    return len(text.translate(None, _REST))


def _without_texts(text: bytes) -> bytes:
    """The commas and brackets of JSON itself: those within its strings are taken out, and all else with them."""
    if b"\\" in text:
        text = text.replace(rb"\\", b"").replace(rb"\"", b"")
    return _TEXT.sub(b"", text.translate(None, _REST_BUT_QUOTES).replace(b'""', b""))
