"""headache.md 4.4: what a dosage says about days of use."""

from datetime import date

import pytest

from cds.facts.medicines.doses import daily_dose, single_dose
from cds.facts.medicines.timing import doses_per_day, fixed_dates, most_days, pattern
from cds.record import Dosage
from tests.facts.asking import ago
from tests.facts.prescribing import bounds, day, order, statement, used


def every(frequency: int, period: float, unit: str, **given) -> Dosage:
    return Dosage(frequency=frequency, period=period, period_unit=unit, **given)


def rates(dosage: Dosage) -> tuple[float, float, float]:
    found = pattern(dosage)
    assert found is not None
    return round(found.low, 2), round(found.estimate, 2), round(found.high, 2)


@pytest.mark.parametrize(
    ("dosage", "a_week"),
    [
        (every(3, 1, "d"), 7),
        (every(2, 1, "wk"), 2),
        (every(3, 1, "wk"), 3),
        (every(1, 36, "h"), 4.67),
        (every(1, 2, "d"), 3.5),
        (Dosage(code="QOD"), 3.5),
        (Dosage(days_of_week=("mon", "thu")), 2),
        (every(10, 1, "mo"), 2.33),
        (every(1, 6, "h"), 7),
        (every(1, 90, "min"), 7),
        (every(1, 1, "a"), 0.02),
        (every(12, 1, "wk"), 7),
        (every(2, 36, "h"), 4.67),
        (Dosage(period_unit="wk"), 1),
        (Dosage(days_of_week=("mon", "thu"), period=2, period_unit="wk"), 1),
        (Dosage(days_of_week=("mon",), frequency=3, period=1, period_unit="d"), 1),
        (Dosage(times_of_day=2), 7),
        (Dosage(when=("MORN", "HS")), 7),
        (Dosage(code="BID"), 7),
        (Dosage(code="Q8H"), 7),
        (Dosage(code="WK"), 1),
        (Dosage(code="MO"), 0.23),
    ],
)
def test_days_of_use_a_week(dosage, a_week):
    assert rates(dosage) == (a_week, a_week, a_week)


@pytest.mark.parametrize(
    ("dosage", "expected"),
    [
        (every(2, 1, "wk", frequency_max=4), (2, 3, 4)),
        (every(1, 2, "d", period_max=4), (1.75, 2.62, 3.5)),
        (every(1, 4, "h", period_max=6), (7, 7, 7)),
    ],
)
def test_a_range_is_estimated_by_its_middle(dosage, expected):
    assert rates(dosage) == expected


@pytest.mark.parametrize("dosage", [Dosage(text="as directed"), Dosage(code="as needed"), Dosage()])
def test_words_alone_say_nothing_of_days(dosage):
    assert pattern(dosage) is None


def test_stated_dates_are_the_days_of_use():
    found = pattern(Dosage(events=(day(3), day(1)), frequency=1, period=1, period_unit="d"))

    assert found is not None
    assert fixed_dates(found, day(9), day(2), day(0)) == (day(1),)


def test_every_two_weeks_counts_from_the_start():
    found = pattern(Dosage(days_of_week=("mon",), period=2, period_unit="wk"))

    assert found is not None
    assert fixed_dates(found, date(2026, 11, 2), date(2026, 11, 2), date(2026, 11, 30)) == (
        date(2026, 11, 2),
        date(2026, 11, 16),
        date(2026, 11, 30),
    )


@pytest.mark.parametrize(
    ("limit", "a_week"),
    [
        (None, 7),
        ((8, None, 24, "h"), 7),
        ((2, "{tbl}", 1, "wk"), 7),  # tablets and a dose in milligrams cannot be compared
        ((100, "mg", 1, "wk"), 2),
        ((149, "mg", 1, "wk"), 2),
        ((10, "mg", 1, "fortnight"), 7),
    ],
)
def test_the_greatest_dose_in_a_period_limits_the_days(limit, a_week):
    assert most_days(Dosage(dose=50, dose_unit="mg", max_per_period=limit)) == a_week


def test_without_a_dose_the_limit_counts_pieces():
    assert most_days(Dosage(max_per_period=(2, None, 1, "wk"))) == 2


@pytest.mark.parametrize(
    ("dosage", "a_day"),
    [
        (every(3, 1, "d"), 3),
        (every(1, 6, "h"), 4),
        (every(1, 2, "wk"), 1 / 14),
        (every(1, 4, "h", frequency_max=2), 12),
        (Dosage(code="QID"), 4),
        (Dosage(code="QOD"), 0.5),
        (Dosage(times_of_day=3), 3),
        (Dosage(events=(day(1),)), None),
        (Dosage(text="as directed"), None),
    ],
)
def test_doses_a_day(dosage, a_day):
    assert doses_per_day(dosage) == a_day


@pytest.mark.parametrize(
    ("dosages", "expected"),
    [
        ([every(2, 1, "d", dose=500, dose_unit="mg")], 1000),
        ([every(1, 6, "h", dose=1, dose_unit="g")], 4000),
        ([every(1, 1, "d", dose=1, dose_high=2, dose_unit="g")], 2000),
        ([every(1, 1, "d", dose=10, dose_unit="mg"), every(1, 1, "d", dose=5, dose_unit="mg")], 15),
        ([every(1, 1, "d", dose=10, dose_unit="mg"), Dosage(text="and one more")], None),
        ([every(1, 1, "d", dose=2, dose_unit="{tbl}")], None),
        ([every(1, 1, "d", dose=2, dose_unit="TAB")], None),
        ([every(1, 1, "d", dose=2)], None),
        ([every(1, 6, "h", dose=1, dose_unit="g", as_needed=True, max_per_period=(3, "g", 24, "h"))], 3000),
        ([every(1, 6, "h", dose=1, dose_unit="g", as_needed=True)], 4000),
        ([], None),
    ],
)
def test_the_greatest_dose_a_day(dosages, expected):
    assert daily_dose(dosages, day(0), "mg/d") == expected


def test_of_a_taper_the_dose_of_today_counts():
    before = every(1, 1, "d", dose=40, dose_unit="mg", bounds=(day(9), day(5)))
    today = every(1, 1, "d", dose=20, dose_unit="mg", bounds=(day(4), day(0)))

    assert daily_dose([before, today], day(0), "mg/d") == 20


def test_a_patch_is_dosed_by_the_hour():
    assert daily_dose([Dosage(dose=25, dose_unit="ug/h")], day(0), "ug/h") == 25


def test_the_greatest_single_dose_is_in_one_unit():
    assert single_dose([Dosage(dose=0.5, dose_unit="g"), Dosage(dose=200, dose_unit="mg")], "mg") == 500


@pytest.mark.parametrize(
    ("dosage", "expected"),
    [
        (every(1, 1, "d", count=5), 5),
        (every(2, 1, "d", count=5), 3),
        (every(3, 1, "wk", count=3), 3),
        (Dosage(days_of_week=("sat",), count=2), 2),
        (every(1, 1, "d", bounds_days=(7, 10)), 7),
        (every(1, 1, "d", bounds=(day(3), None)), 4),
        (every(1, 1, "d", bounds=(day(20), day(11))), 10),
    ],
)
def test_what_limits_a_dosage_limits_its_days(dosage, expected):
    assert bounds(used("nsaid", order("naproxen", dosage, days=29)))[1] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 30),  # open-ended: until today
        ({"validity": (None, day(20))}, 10),
        ({"days_supply": 10.0}, 10),
        ({"days_supply": 5.0, "repeats": 1}, 10),
        ({"status": "stopped", "days_supply": 10.0}, 10),
        ({"status": "completed", "days_supply": 10.0}, 10),
        ({"status": "stopped"}, None),  # stopped nobody knows when: possible, not intended
        ({"status": "on-hold"}, None),
    ],
)
def test_an_order_holds_from_when_it_was_written(given, expected):
    entry = order("naproxen", every(1, 1, "d"), days=29, **given)

    assert bounds(used("nsaid", entry)) == (0, expected, 30)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 12.86),
        ({"effective": (ago(99), ago(15))}, 6.43),
        ({"effective": (ago(6), None)}, 3),
        ({"effective": None}, None),
        ({"effective": None, "asserted": None}, None),
        ({"status": "completed", "effective": (ago(3), None)}, 0.43),
        ({"status": "intended"}, None),
    ],
)
def test_a_statement_holds_while_it_says(given, expected):
    entry = statement("naproxen", every(3, 1, "wk"), **given)

    assert bounds(used("nsaid", entry))[1] == expected
