"""Partial dates and hours: how far apart two moments are, and how sure that is.

A partial date resolves towards safety (spine.md 0.3). For what speaks for a danger that is its latest day: a finding
counts as recent when it may be. What speaks against one (an examination that was done) counts from its earliest day.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from cds.clinical import Bounds, Number, Span


def past(span: Span | None, today: date) -> Span | None:
    """The part of a date that is not in the future; None when all of it is, or when there is none."""
    if span is None or span.latest <= today:
        return span
    return Span(span.earliest, today) if span.earliest <= today else None


def is_future(span: Span | None, today: date) -> bool:
    return span is not None and span.earliest > today


def newest(*spans: Span | None) -> Span | None:
    last = None
    for span in spans:
        if span is not None and (last is None or span.latest > last.latest):
            last = span
    return last


def days_since(span: Span, today: date) -> float:
    """Calendar days, from the latest day of a partial date."""
    return float((today - span.latest).days)


def nearest_days(event: Span, origin: Span) -> float:
    """How many days the event was before the origin (negative: after it); partial dates as near as they can be."""
    low = (origin.earliest - event.latest).days
    high = (origin.latest - event.earliest).days
    return float(min(max(0, low), high))


def hours_since(span: Span, instant: datetime | None, now: datetime) -> Number:
    """Hours, or bounds of them when the time of day is not known."""
    if instant is not None:
        return _hours(instant, now)
    first = datetime.combine(span.earliest, time.min, now.tzinfo)
    return Bounds(_hours(end_of(span.latest, now.tzinfo), now), _hours(first, now))


def end_of(day: date, zone: tzinfo | None) -> datetime:
    """The midnight at which it is over."""
    return datetime.combine(day + timedelta(days=1), time.min, zone)


def _hours(then: datetime, now: datetime) -> float:
    # By UTC: two times of one zone would be subtracted by the clock on the wall, an hour wrong when that was put back.
    return max(0.0, (now.astimezone(UTC) - then.astimezone(UTC)).total_seconds() / 3600)


def is_partial(span: Span) -> bool:
    return span.earliest != span.latest


def words(span: Span | None) -> str:
    """As it was written: ``2026-11-21``, ``2026-11``, ``2026``."""
    if span is None:
        return ""
    first, last = span
    if first == last:
        return first.isoformat()
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return f"{first.year:04}"
    if first.day == 1 and (first.year, first.month) == (last.year, last.month) and last.day == _length(last):
        return f"{first.year:04}-{first.month:02}"
    return f"{first.isoformat()} to {last.isoformat()}"


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def years_between(born: date, day: date) -> float:
    """Completed years of age."""
    return float(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def age_at(born: Span, when: Span) -> Number:
    """Completed years of age at a time, within bounds when either date is partial."""
    low, high = years_between(born.latest, when.earliest), years_between(born.earliest, when.latest)
    return low if low == high else Bounds(max(0.0, low), high)


def birthday(born: date, years: int) -> date:
    """The day a number of years after birth; for the 29th of February in other years the 1st of March."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)
