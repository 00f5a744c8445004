from math import inf

import pytest

from cds.clinical import Bounds, Coding, Quantity, State
from cds.ruleset.systems import SYSTEMS
from tests.facts.asking import among, ask, observation

SNOMED, LOCAL = SYSTEMS["snomed"], SYSTEMS["spine-local"]


def jerk(value, side="left", **given):
    return observation(value, "ankle jerk", side=side, **given)


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("absent", State.PRESENT),
        ("Reduced.", State.PRESENT),
        ("normal", State.DENIED),
        ("brisk", State.DENIED),
        ((Coding(SNOMED, "2667000", "Absent"),), State.PRESENT),
        ((Coding(SNOMED, "1250004", "Decreased"),), State.PRESENT),
        ((Coding(SNOMED, "17621005", "Normal"),), State.DENIED),
        ((Coding(LOCAL, "reduced"),), State.PRESENT),
        ((Coding(LOCAL, "normal"),), State.DENIED),
        (Quantity(0.0, None), State.PRESENT),
        (Quantity(1.0, "{score}"), State.PRESENT),
        (Quantity(2.0, None), State.DENIED),
        (Quantity(Bounds(-inf, 1.9), None), State.PRESENT),
        (Quantity(Bounds(-inf, 2.0), None), State.UNUSABLE),
        (Quantity(Bounds(2.0, inf), None), State.DENIED),
        (Quantity(Bounds(1.9, inf), None), State.UNUSABLE),
        (Quantity(1.0, "mm"), State.UNUSABLE),
        (True, State.UNUSABLE),
        (False, State.UNUSABLE),
        ("not tested", State.UNUSABLE),
        ((Coding(SNOMED, "261665006", "Unknown"),), State.UNUSABLE),
    ],
)
def test_a_reflex_is_reduced_by_what_it_is_found_to_be(value, state):
    assert ask("reduced-sign", jerk(value)).state == state


def test_one_side_is_reduced_although_the_other_is_normal():
    fact = ask("reduced-sign", jerk("normal", "left"), jerk("reduced", "right"))

    assert (fact.state, fact.attributes["side"]) == (State.PRESENT, "right")


@pytest.mark.parametrize(
    ("readings", "state"),
    [
        ([jerk("absent", days=42)], State.PRESENT),
        ([jerk("absent", days=43)], State.ABSENT),
        ([jerk("absent", days=10), jerk("normal", days=1)], State.DENIED),
        ([jerk("normal", days=10), jerk("absent", days=1)], State.PRESENT),
        ([jerk("absent", days=None)], State.UNUSABLE),
        ([jerk("absent", days=-1)], State.ABSENT),
        ([jerk(True), jerk("normal")], State.DENIED),
    ],
)
def test_the_newest_finding_of_six_weeks_answers(readings, state):
    assert ask("reduced-sign", *readings).state == state


def raised(value, side="left", **given):
    return observation(value, "leg raise", side=side, **given)


def angle(degrees, side="left", unit="deg", **given):
    value = degrees if isinstance(degrees, Bounds) else float(degrees)
    return among(observation(Quantity(value, unit), "angle", side=side, **given), "angle")


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ([raised(True)], State.PRESENT),
        ([raised(False)], State.DENIED),
        ([raised(True), angle(70)], State.PRESENT),
        ([raised(True), angle(71)], State.DENIED),
        ([angle(70)], State.PRESENT),
        ([angle(71)], State.DENIED),
        ([angle(Bounds(60, inf))], State.UNUSABLE),
        ([angle(Bounds(-inf, 80))], State.UNUSABLE),
        ([angle(Bounds(-inf, 70))], State.PRESENT),
        ([angle(Bounds(71, inf))], State.DENIED),
        ([raised(False), angle(Bounds(60, inf))], State.DENIED),
        ([raised(False), angle(40)], State.DENIED),
        ([raised(True), angle(40, unit="mm")], State.PRESENT),
        ([angle(40, unit="mm")], State.UNUSABLE),
        ([angle(40, unit=None)], State.UNUSABLE),
        ([raised(True, days=42)], State.PRESENT),
        ([raised(True, days=43)], State.ABSENT),
        ([raised(True, days=9), raised(False)], State.DENIED),
        ([raised(True), angle(80, days=9)], State.PRESENT),
        ([raised(True), angle(80, "right")], State.PRESENT),
        ([raised(True, None), angle(40, "right")], State.PRESENT),
        ([], State.ABSENT),
    ],
)
def test_a_leg_raise_counts_up_to_seventy_degrees(entries, state):
    assert ask("leg-raise", *entries, codes=("in", "angle")).state == state


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([raised(True), angle(40)], {"side": "left", "angle": 40.0, "stated_days": 0.0}),
        ([raised(True, "right", days=3)], {"side": "right", "stated_days": 3.0}),
        ([raised(False, "left"), angle(60, "right")], {"side": "right", "angle": 60.0, "stated_days": 0.0}),
        ([raised(True, "both")], {"side": "both", "stated_days": 0.0}),
        ([raised(True, None)], {"stated_days": 0.0}),
    ],
)
def test_a_leg_raise_has_the_side_and_the_smallest_angle_at_which_it_hurt(entries, expected):
    assert ask("leg-raise", *entries, codes=("in", "angle")).attributes == expected
