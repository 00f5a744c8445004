"""When something was so: a moment, some days, or a period with its ends."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import NamedTuple

from cds.clinical import Span
from cds.fhir import dates
from cds.fhir.datatypes import Period


class Moment(NamedTuple):
    """``instant``: its time of day, of a period that of its end; ``period`` only when both ends are known."""

    days: Span | None = None
    instant: datetime | None = None
    period: tuple[date, date] | None = None
    began: datetime | None = None


NEVER = Moment()


def of_period(period: Period | None, zone: tzinfo) -> Moment:
    if period is None:
        return NEVER
    first, last = dates.ends(period, zone)
    return Moment(
        dates.period_span(period, zone),
        dates.moment(period.end or period.start, zone),
        (first, last) if first and last else None,
        dates.moment(period.start, zone),
    )
