"""Placeholders in the texts of a card: ``{egfr}``, ``{leg_pain.side}``, ``{today+7d}``, ``{episode.onset+42d}``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
"""A placeholder, with its inside as the group; or a brace that belongs to none, with no group."""

DAY = re.compile(r"today(?:([+-]\d{1,4})d)?|(?P<fact>[a-z][a-z0-9_]*)\.(?P<event>[a-z]+)(?P<days>[+-]\d{1,4})d")
"""The inside of a placeholder for a date: today, or the day of an event of a fact, and so many days from it."""


def days_in(part: Any) -> Iterator[tuple[str, re.Match[str]]]:
    """The placeholders in a template for the day of an event of a fact."""
    if isinstance(part, str):
        for match in BRACES.finditer(part):
            if (day := DAY.fullmatch(match[1] or "")) and day["fact"]:
                yield match[1], day
    elif isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from days_in(inner)
