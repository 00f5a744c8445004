"""Amounts as they are written: durations ("30 days") and quantities ("7.5 mg/dL")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) (hour|day|week|month|year)s?", re.ASCII)
_QUANTITY = re.compile(r"([-+]?\d{1,15}(?:\.\d{1,15})?)(?:\s+(\S.*))?", re.ASCII)

# Months count 30 days, as in the clinical specification (headache.md 3.2); a year 365.
_DAYS: Mapping[str, float] = {"day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}


class Amount(NamedTuple):
    """A number and the unit written after it, "" for none."""

    number: float
    unit: str


def duration(text: str) -> Amount | None:
    """In hours (``h``) when written in hours, otherwise in days (``d``)."""
    if not (match := _DURATION.fullmatch(text.strip())):
        return None
    number, word = float(match[1]), match[2]
    return Amount(number, "h") if word == "hour" else Amount(number * _DAYS[word], "d")


def days(text: str) -> float | None:
    written = duration(text)
    return written.number if written and written.unit == "d" else None


def quiet_days(text: str) -> float | None:
    """How long a card is kept back; "none" is not at all."""
    return 0.0 if text.strip() == "none" else days(text)


def hours(text: str) -> float | None:
    written = duration(text)
    return written and (written.number if written.unit == "h" else written.number * 24)


def quantity(text: str) -> Amount | None:
    match = _QUANTITY.fullmatch(text.strip())
    return Amount(float(match[1]), (match[2] or "").strip()) if match else None
