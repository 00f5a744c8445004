"""Names that people mistype, and what they probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """``unknown fact "hba1cc"; did you mean "hba1c"?``"""
    return f'unknown {what} "{name}"{suggestion(name, names)}'


def suggestion(name: str, names: Iterable[str]) -> str:
    """``; did you mean "hba1c"?`` when one of the names is close, otherwise nothing."""
    close = difflib.get_close_matches(name, sorted(set(names)), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def listed(words: Iterable[str]) -> str:
    """``a, b or c``"""
    *most, last = list(words)
    return f"{', '.join(most)} or {last}" if most else last
