"""What authors stumble over in YAML, and what to do: seen in the line, and in what the parser says of it."""

from __future__ import annotations

import re
from typing import Final

_HINTS: Final = (
    (r"^ *\t", "", "indent with spaces, not with tabs"),
    (r"[\w/.]\{\w", "", "inside { } or [ ] a unit with braces is put in quotes"),
    (r": \{\w+\} *\S", "", "a text that begins with { is put in quotes"),
    (r": >=? ?\d", "", "write `above` or `at least`"),
    (r":.*\S: ", "mapping values are not allowed", "a text with a colon is put in quotes"),
    ("[\"']", "end of stream", "a quotation mark is opened here and not closed"),
)


def hint(line: str, problem: str) -> str:
    """The first that fits, after a semicolon; or nothing."""
    return next((f"; {remedy}" for seen, said, remedy in _HINTS if re.search(seen, line) and said in problem), "")
