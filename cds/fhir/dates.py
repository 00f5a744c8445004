"""FHIR dates and times: partial dates are spans of days, instants become dates where the patient is."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, tzinfo

from cds.clinical import Span
from cds.fhir.datatypes import Period

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


def span(text: str | None, zone: tzinfo) -> Span | None:
    """The days that a date or dateTime may mean; None if there is none or it is no date of the calendar."""
    if text is None:
        return None
    if len(text) > 10:
        instant = moment(text, zone)
        return None if instant is None else Span(instant.date(), instant.date())
    parts = _DATE.fullmatch(text)
    return None if parts is None else _days(*parts.groups())


def _days(year: str, month: str | None, day: str | None) -> Span | None:
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day is not None:
        return Span(first, first)
    last_month = int(month or 12)
    return Span(first, date(first.year, last_month, monthrange(first.year, last_month)[1]))


def moment(text: str | None, zone: tzinfo) -> datetime | None:
    """The instant of a dateTime with a time of day, on the clock of ``zone``; one without offset is taken as local."""
    if text is None or not _INSTANT.fullmatch(text):
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.astimezone(zone) if instant.tzinfo else instant.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def ends(period: Period | None, zone: tzinfo) -> tuple[date | None, date | None]:
    """First and last day of a period; a partial date counts from its first and to its last day."""
    if period is None:
        return None, None
    start, end = span(period.start, zone), span(period.end, zone)
    return start and start.earliest, end and end.latest


def period_span(period: Period | None, zone: tzinfo) -> Span | None:
    """From the first to the last possible day; a period without an end is dated by its start, and the reverse."""
    if period is None:
        return None
    start, end = span(period.start, zone), span(period.end, zone)
    if start is None or end is None:
        return start or end
    return Span(start.earliest, end.latest) if start.earliest <= end.latest else None
