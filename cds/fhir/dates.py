"""FHIR dates and times: partial dates are spans of days, instants become dates where the patient is."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from cds.clinical import Span
from cds.fhir.datatypes import Period

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)


class When(NamedTuple):
    """The days a date or dateTime may mean, and the instant if the time of day is known."""

    days: Span | None = None
    instant: datetime | None = None


NEVER = When()


def when(text: str | None, zone: tzinfo) -> When:
    """``NEVER`` if there is no date, or none of the calendar; a time without offset is taken as local."""
    if text is None:
        return NEVER
    try:
        if len(text) < 10:
            return _partial(text)
        # The parsers of the standard library also know forms of ISO 8601 that FHIR does not.
        if text[4] != "-" or text[7] != "-":
            return NEVER
        return _day(text) if len(text) == 10 else _instant(text, zone)
    except (ValueError, OverflowError):
        return NEVER


def _day(text: str) -> When:
    day = date.fromisoformat(text)
    return When(Span(day, day))


def _instant(text: str, zone: tzinfo) -> When:
    if text[10] != "T" or text[13:14] != ":":
        return NEVER
    sent = datetime.fromisoformat(text)
    instant = sent.astimezone(zone) if sent.tzinfo else sent.replace(tzinfo=zone)
    day = instant.date()
    return When(Span(day, day), instant)


def _partial(text: str) -> When:
    parts = _PARTIAL.fullmatch(text)
    if parts is None:
        return NEVER
    year, month = int(parts[1]), parts[2]
    first, last = (int(month), int(month)) if month else (1, 12)
    return When(Span(date(year, first, 1), date(year, last, monthrange(year, last)[1])))


def span(text: str | None, zone: tzinfo) -> Span | None:
    return when(text, zone).days


def moment(text: str | None, zone: tzinfo) -> datetime | None:
    return when(text, zone).instant


def ends(period: Period | None, zone: tzinfo) -> tuple[date | None, date | None]:
    """First and last day of a period; a partial date counts from its first and to its last day."""
    start, end = limits(period, zone)
    return start and start.earliest, end and end.latest


def limits(period: Period | None, zone: tzinfo) -> tuple[Span | None, Span | None]:
    """Start and end of a period as they were written, each of them perhaps partial."""
    return (None, None) if period is None else (span(period.start, zone), span(period.end, zone))


def period_span(period: Period | None, zone: tzinfo) -> Span | None:
    """From the first to the last possible day; a period without an end is dated by its start, and the reverse."""
    if period is None:
        return None
    start, end = span(period.start, zone), span(period.end, zone)
    if start is None or end is None:
        return start or end
    return Span(start.earliest, end.latest) if start.earliest <= end.latest else None
