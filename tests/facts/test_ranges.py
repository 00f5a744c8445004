from math import inf

import pytest

from cds.clinical import Bounds, Quantity, State
from tests.facts.asking import ago, ask, condition, measured, observation

BELOW_FIFTY = Bounds(-inf, 50.0)


def potassium(value, **given):
    return ask("ranged-value", measured(value, "mmol/L", **given), unit="mmol/L", low=3.5, high=5.0, within=14.0)


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (3.5, "normal"),
        (3.49, "low"),
        (5.0, "normal"),
        (5.01, "high"),
        (Bounds(float("-inf"), 3.0), "low"),
        (Bounds(float("-inf"), 3.6), None),
    ],
)
def test_a_value_on_the_limit_is_normal(value, level):
    assert potassium(value).attributes.get("level") == level


@pytest.mark.parametrize(
    ("range_", "level"),
    [
        ({"low": Quantity(3.3, "mmol/L")}, "normal"),
        ({"low": Quantity(3.5, "mmol/L")}, "low"),
        ({"low": Quantity(3.3, None)}, "low"),
        ({"high": Quantity(3.3, "mmol/L"), "low": Quantity(3.0, "mmol/L")}, "high"),
        ({"low": Quantity(3300.0, "umol/L")}, "normal"),
    ],
)
def test_the_range_of_the_result_goes_before_the_default(range_, level):
    assert potassium(3.4, **range_).attributes["level"] == level


@pytest.mark.parametrize(("days", "state"), [(14, State.PRESENT), (15, State.ABSENT)])
def test_an_old_value_does_not_count(days, state):
    assert potassium(3.4, days=days).state == state


def test_a_value_without_unit_is_unusable():
    assert ask("ranged-value", measured(3.4, None), unit="mmol/L", low=3.5, high=5.0).state == State.UNUSABLE


@pytest.mark.parametrize(
    ("earlier", "percent"),
    [
        ([(100.0, 90)], 20.0),
        ([(100.0, 91)], None),
        ([(110.0, 30), (100.0, 60)], 20.0),
        ([(150.0, 30)], -20.0),
        ([], None),
    ],
)
def test_a_rise_is_against_the_lowest_value_of_90_days(earlier, percent):
    values = [measured(120.0, "umol/L"), *(measured(value, "umol/L", days=days) for value, days in earlier)]

    assert ask("rise", *values, unit="umol/L", within=14.0).attributes.get("percent") == percent


@pytest.mark.parametrize(
    ("newest", "earlier", "percent"),
    [
        (120.0, [BELOW_FIFTY], Bounds(140.0, inf)),
        (30.0, [BELOW_FIFTY], Bounds(-40.0, inf)),
        (120.0, [BELOW_FIFTY, 100.0], Bounds(140.0, inf)),
        (120.0, [BELOW_FIFTY, 40.0], Bounds(200.0, inf)),
        (Bounds(500.0, inf), [100.0], Bounds(400.0, inf)),
        (BELOW_FIFTY, [100.0], Bounds(-100.0, -50.0)),
        (120.0, [Bounds(500.0, inf)], Bounds(-100.0, -76.0)),
        (120.0, [Bounds(500.0, inf), 100.0], 20.0),
    ],
)
def test_a_rise_from_or_to_a_value_within_bounds_is_known_within_bounds(newest, earlier, percent):
    values = [measured(newest, "umol/L"), *(measured(value, "umol/L", days=30) for value in earlier)]

    assert ask("rise", *values, unit="umol/L", within=14.0).attributes["percent"] == percent


def test_an_old_value_has_not_risen():
    values = [measured(120.0, "umol/L", days=15), measured(100.0, "umol/L", days=30)]

    assert ask("rise", *values, unit="umol/L", within=14.0).state == State.ABSENT


def test_of_values_that_cannot_be_used_nobody_knows_whether_they_have_risen():
    values = [measured(120.0, None), measured(100.0, "umol/L", days=30)]

    assert ask("rise", *values, unit="umol/L", within=14.0).state == State.UNUSABLE


@pytest.mark.parametrize(
    ("entries", "days"),
    [
        ([observation(True, days=0), observation(True, days=28)], 2.0),
        ([observation(True, days=0), observation(True, days=29)], 1.0),
        ([observation(True, days=3), observation(True, days=3)], 1.0),
        ([observation(True, days=3), observation(False, days=1)], 1.0),
        ([observation(False, days=3)], None),
    ],
)
def test_days_on_which_it_was_stated_are_counted(entries, days):
    assert ask("stated-days", *entries).attributes.get("value") == days


def test_a_problem_counts_on_the_day_of_its_onset():
    assert ask("stated-days", condition(onset=ago(5), recorded=ago(0))).attributes["value"] == 1.0


@pytest.mark.parametrize(("value", "ratio"), [(800.0, 4.0), (802.0, 4.01)])
def test_a_marker_is_a_multiple_of_its_limit(value, ratio):
    assert ask("raised-marker", measured(value, "U/L"), unit="U/L", limit=200.0).attributes["ratio"] == ratio


@pytest.mark.parametrize(
    ("side", "asked", "state"),
    [
        ("left", "left", State.PRESENT),
        ("left", "right", State.ABSENT),
        ("both", "right", State.PRESENT),
        (None, "right", State.PRESENT),
    ],
)
@pytest.mark.parametrize("kind", ["finding", "leg-raise"])
def test_of_one_side_counts_what_is_stated_of_it_of_both_or_of_none(kind, side, asked, state):
    assert ask(kind, observation(True, side=side), side=asked).state == state


@pytest.mark.parametrize(("asked", "state"), [("left", State.PRESENT), ("right", State.DENIED)])
def test_a_reflex_is_read_of_the_side_that_is_asked_for(asked, state):
    left, right = observation("reduced", side="left"), observation("normal", side="right")

    assert ask("reduced-sign", left, right, side=asked).state == state


@pytest.mark.parametrize(("asked", "state"), [("left", State.PRESENT), ("right", State.DENIED)])
@pytest.mark.parametrize("kind", ["finding", "leg-raise"])
def test_a_denial_of_one_side_says_nothing_of_the_other(kind, asked, state):
    left, right = observation(True, side="left"), observation(False, side="right")

    assert ask(kind, left, right, side=asked).state == state
