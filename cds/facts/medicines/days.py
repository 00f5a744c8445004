"""Sets of calendar days counted back from today, and the windows in which use is counted.

A set of days is an integer whose bit *n* stands for the day *n* days ago (0 is today). Union, intersection and counting
are then exact and cheap, and the order in which days were added cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

Days: TypeAlias = int

NO_DAYS: Days = 0
HORIZON = 120  # headache.md 2.3: the fourth block ends 119 days ago


def span(newest: int, oldest: int) -> Days:
    """All days from ``newest`` to ``oldest`` days ago, both included, as far as they lie within the horizon."""
    newest, oldest = max(newest, 0), min(oldest, HORIZON - 1)
    return ((1 << (oldest - newest + 1)) - 1) << newest if oldest >= newest else NO_DAYS


def day(ago: int) -> Days:
    return 1 << ago if 0 <= ago < HORIZON else NO_DAYS


def dates(days: Iterable[date], today: date) -> Days:
    found = NO_DAYS
    for each in days:
        found |= day((today - each).days)
    return found


def period(first: date, last: date, today: date) -> Days:
    return span((today - last).days, (today - first).days)


def count(days: Days) -> int:
    return days.bit_count()


def oldest(days: Days) -> int | None:
    """How many days ago the oldest of them was."""
    return days.bit_length() - 1 if days else None


def newest(days: Days) -> int | None:
    return (days & -days).bit_length() - 1 if days else None


def begun_by(days: Days, window: Days) -> bool:
    """Whether any of the days lies in the window or before it."""
    first, start = oldest(days), newest(window)
    return first is not None and start is not None and first >= start


ALL_DAYS = span(0, HORIZON - 1)

# headache.md 2.3. ``week`` is counted over W28 and given per week.
WINDOWS = MappingProxyType(
    {
        "week": span(0, 27),
        "month": span(0, 29),
        "month_2": span(30, 59),
        "month_3": span(60, 89),
        "month_4": span(90, 119),
    }
)
QUARTER = ("month", "month_2", "month_3")
WEEKS = tuple(span(7 * n, 7 * n + 6) for n in range(4))
