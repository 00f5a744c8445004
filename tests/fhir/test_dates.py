"""FHIR dates: partial ones, instants, and what is none."""

from datetime import date, datetime

import pytest

from cds.clinical import Span
from cds.fhir.datatypes import Period
from cds.fhir.dates import period_span, when
from tests.fhir.sending import BERLIN


def on(year, month, day):
    return Span(date(year, month, day), date(year, month, day))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-11-21", on(2026, 11, 21)),
        ("2026-02", Span(date(2026, 2, 1), date(2026, 2, 28))),
        ("2024-02", Span(date(2024, 2, 1), date(2024, 2, 29))),
        ("2026", Span(date(2026, 1, 1), date(2026, 12, 31))),
        ("2026-11-21T23:30:00Z", on(2026, 11, 22)),
        ("2026-11-21T23:30:00+01:00", on(2026, 11, 21)),
        ("2026-11-21T18:30:00-05:00", on(2026, 11, 22)),
        ("2026-11-21T23:30:00.123456789Z", on(2026, 11, 22)),
        ("2026-11-21T08:30:00", on(2026, 11, 21)),
    ],
)
def test_a_date_is_the_days_it_may_mean_where_the_patient_is(text, days):
    assert days == when(text, BERLIN).days


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26",
        "0000",
        "today",
        "2026-13",
        "2026-02-30",
        "20261121",
        "2026-W47-6",
        "2026-11-21 08:30",
        "2026-11-21T08",
        "2026-11-21T25:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "２０２６-１１-２１",
    ],
)
def test_what_is_no_date_of_fhir_has_no_days(text):
    assert (None, None) == when(text, BERLIN)


def test_only_a_time_of_day_makes_an_instant():
    expected = datetime(2026, 11, 21, 9, 15, tzinfo=BERLIN)

    assert expected == when("2026-11-21T08:15:00Z", BERLIN).instant
    assert None is when("2026-11-21", BERLIN).instant


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-01", "2026-11-03", Span(date(2026, 11, 1), date(2026, 11, 3))),
        ("2026-11-01", None, on(2026, 11, 1)),
        (None, "2026-11-03", on(2026, 11, 3)),
        ("2026-11-03", "2026-11-01", None),
        (None, None, None),
    ],
)
def test_a_period_spans_its_ends(start, end, days):
    assert days == period_span(Period(start=start, end=end), BERLIN)
