"""What authors stumble over in YAML, and what to do: seen in the line, and in what the parser says of it."""

from __future__ import annotations

import re
from typing import Final

_HINTS: Final = (
    (re.compile(r"^ *\t"), "", "indent with spaces, not with tabs"),
    (re.compile(r"[\w/.]\{\w"), "", "inside { } or [ ], put a unit with braces in quotes"),
    (re.compile(r": \{\w+\} *\S"), "", "put a text that begins with { in quotes"),
    (re.compile(r": >=? ?\d"), "", "write `above` or `at least`"),
    (re.compile(r":.*\S: "), "mapping values are not allowed", "put a text with a colon in quotes"),
    (re.compile("[\"']"), "end of stream", "a quotation mark is opened here and not closed"),
)


def hint(line: str, problem: str) -> str:
    """The first that fits, after a semicolon; or nothing."""
    return next((f"; {remedy}" for seen, said, remedy in _HINTS if seen.search(line) and said in problem), "")
