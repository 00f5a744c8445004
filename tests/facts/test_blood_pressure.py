"""headache.md HD-RX-002: the latest blood pressure, and the mean of the last two as pairs of one reading."""

import pytest

from cds.clinical import Bounds, State
from tests.facts.asking import among, ask, hours_ago, measured

CODES = ("in", "diastolic")


def systolic(value, days=0, panel="1", **given):
    return among(measured(value, "mm[Hg]", days=days, reference=f"Observation/{panel}", **given), "in")


def diastolic(value, days=0, panel="1", **given):
    return among(measured(value, "mm[Hg]", days=days, reference=f"Observation/{panel}", **given), "diastolic")


def panel(high, low, days=0, name="1", **given):
    return systolic(high, days, name, **given), diastolic(low, days, name, **given)


def pressure(*entries, **parameters):
    return ask("blood-pressure", *entries, codes=CODES, **parameters)


def means(fact):
    return fact.attributes.get("mean_systolic"), fact.attributes.get("mean_diastolic")


def test_the_latest_reading_and_the_mean_of_the_last_two():
    found = pressure(*panel(150, 90, 80, "old"), *panel(170, 104, 10, "a"), *panel(160, 99, 2, "b"))

    assert (found.attributes["systolic"], found.attributes["diastolic"]) == (160, 99)
    assert means(found) == (165, 101.5)
    assert (found.attributes["readings"], found.attributes["measured_days"]) == (3, 2)


@pytest.mark.parametrize(("days", "expected"), [(90, (160, 100)), (91, (None, None))])
def test_both_readings_of_the_mean_are_within_90_days(days, expected):
    found = pressure(*panel(165, 105, days, "a"), *panel(155, 95, 3, "b"))

    assert means(found) == expected


def test_the_mean_is_not_rounded():
    assert means(pressure(*panel(160, 100, 5, "a"), *panel(159, 99, 3, "b"))) == (159.5, 99.5)


def test_the_latest_reading_answers_however_old_it_is():
    found = pressure(*panel(182, 100, 180))

    assert (found.attributes["systolic"], found.attributes["readings"], found.attributes["measured_days"]) == (
        182,
        0,
        180,
    )


def test_two_readings_of_one_day_are_two():
    found = pressure(*panel(170, 100, name="a", instant=hours_ago(2)), *panel(150, 90, name="b", instant=hours_ago(1)))

    assert (found.attributes["systolic"], means(found)) == (150, (160, 95))


def test_numbers_of_one_moment_make_one_reading():
    at = hours_ago(3)
    found = pressure(systolic(140, panel="s", instant=at), diastolic(80, panel="d", instant=at))

    assert (found.attributes["readings"], means(found)) == (1, (None, None))
    assert (found.attributes["systolic"], found.attributes["diastolic"]) == (140, 80)


def test_a_reading_without_a_diastolic_has_no_mean_of_it():
    found = pressure(systolic(140, 5, "a"), *panel(150, 90, 1, "b"))

    assert means(found) == (145, None)


def test_bounds_are_kept_and_kilopascals_converted():
    found = pressure(among(measured(Bounds(200, float("inf")), "mm[Hg]", days=1), "in"), *panel(150, 90, 3, "b"))

    assert found.attributes["mean_systolic"] == Bounds(175, float("inf"))
    assert pressure(among(measured(20, "kPa"), "in")).attributes["systolic"] == pytest.approx(150.01, abs=0.01)


def test_a_newer_value_without_a_unit_is_told():
    found = pressure(*panel(150, 90, 3), among(measured(190, None, days=1, reference="Observation/9"), "in"))

    assert (found.attributes["systolic"], found.attributes["newer_unusable"]) == (150, "yes")
    assert found.missing != ()


def test_nothing_measured_is_absent_and_nothing_usable_unusable():
    assert pressure().state is State.ABSENT
    assert pressure(among(measured(190, None), "in")).state is State.UNUSABLE
