from math import inf

import pytest

from cds.clinical import Bounds, Quantity, State
from tests.facts.asking import ask, hours_ago, observation


def grade(value, muscle="ankle dorsiflexion", side="left", **given):
    return observation(Quantity(value, None), muscle, side=side, text=muscle.capitalize(), **given)


BELOW_FOUR = grade(Bounds(-inf, 3.9))  # as "< 4" is read, but for the last digits


def test_the_weakest_of_the_newest_grades_answers():
    fact = ask(
        "muscle-power",
        grade(2.0, days=10),
        grade(4.0, days=1),
        grade(3.0, "knee extension", "right", days=2),
        within=14.0,
    )

    assert {name: fact.attributes[name] for name in ("value", "left", "right", "side", "muscle", "measured_days")} == {
        "value": 3.0,
        "left": 4.0,
        "right": 3.0,
        "side": "right",
        "muscle": "Knee extension",
        "measured_days": 2.0,
    }


@pytest.mark.parametrize(
    ("grades", "days"),
    [
        ([grade(4.0, days=90), grade(3.0, days=1)], 90.0),
        ([grade(4.0, days=90), grade(5.0, days=30), grade(3.0, days=1)], 1.0),
        ([grade(5.0, days=90), grade(4.0, days=20), grade(3.0, days=1)], 20.0),
        ([grade(4.0, days=90), grade(4.0, days=1), grade(4.0, "knee extension", days=2)], 2.0),
        ([grade(4.0, days=90), grade(4.0, days=1, side="right")], 1.0),
        ([grade(4.0, days=90), grade(5.0, days=1)], None),
    ],
)
def test_reduced_power_dates_from_its_first_grade_below_five_however_old(grades, days):
    assert ask("muscle-power", *grades, within=14.0).attributes.get("onset_days") == days


@pytest.mark.parametrize(
    ("grades", "weakest", "muscle"),
    [
        ([BELOW_FOUR, grade(2.0, "knee extension")], Bounds(-inf, 2.0), "Knee extension"),
        ([BELOW_FOUR, grade(5.0, "knee extension")], Bounds(-inf, 3.9), "Ankle dorsiflexion"),
        ([grade(Bounds(4.0, inf)), grade(2.0, "knee extension")], 2.0, "Knee extension"),
    ],
)
def test_a_grade_within_bounds_hides_no_lower_one_of_another_muscle(grades, weakest, muscle):
    attributes = ask("muscle-power", *grades).attributes

    assert (attributes["value"], attributes["left"], attributes["muscle"]) == (weakest, weakest, muscle)


def test_a_grade_of_both_sides_counts_for_each():
    attributes = ask("muscle-power", grade(3.0, side="both", days=2), grade(5.0, side="left", days=1)).attributes

    assert (attributes["left"], attributes["right"]) == (5.0, 3.0)


def test_a_grade_without_side_is_of_neither():
    attributes = ask("muscle-power", grade(3.0, side=None)).attributes

    assert (attributes["value"], attributes.get("left"), attributes.get("side")) == (3.0, None, None)


@pytest.mark.parametrize(("days", "state"), [(14, State.PRESENT), (15, State.ABSENT)])
def test_an_old_grade_does_not_count(days, state):
    assert ask("muscle-power", grade(3.0, days=days), within=14.0).state == state


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (grade(5.0, days=10), grade(3.0), 2.0),
        (grade(5.0, days=10), grade(4.5), 0.5),
        (grade(3.0, days=10), grade(5.0), 0.0),
        (grade(5.0, days=42), grade(4.0), 1.0),
        (grade(5.0, days=43), grade(4.0), None),
        (grade(5.0, days=10), grade(3.0, side="right"), None),
        (grade(5.0, days=10), grade(3.0, "knee extension"), None),
        (grade(5.0, days=10, side="both"), grade(3.0), 2.0),
        (grade(5.0, instant=hours_ago(5)), grade(4.0, instant=hours_ago(1)), 1.0),
        (grade(5.0), grade(4.0), None),
    ],
)
def test_power_declines_from_one_grade_to_the_next_of_the_same_muscle_and_side(before, after, lost):
    assert ask("power-decline", before, after).attributes.get("value") == lost


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (5.0, Bounds(-inf, 3.0), Bounds(2.0, inf)),
        (Bounds(-inf, 4.0), 3.0, Bounds(0.0, 1.0)),
        (Bounds(4.0, inf), 3.0, Bounds(1.0, inf)),
        (Bounds(-inf, 4.0), 5.0, 0.0),
    ],
)
def test_a_fall_from_or_to_a_grade_within_bounds_is_known_within_bounds(before, after, lost):
    assert ask("power-decline", grade(before, days=10), grade(after)).attributes["value"] == lost


def test_a_fall_within_bounds_may_be_larger_than_the_largest_known_one():
    known, vague = (grade(5.0, days=9), grade(4.0)), (grade(5.0, "hip", days=9), grade(Bounds(-inf, 4.5), "hip"))

    assert ask("power-decline", *known, *vague).attributes["value"] == Bounds(1.0, inf)


def test_the_largest_fall_answers_with_its_muscle():
    fact = ask(
        "power-decline",
        grade(5.0, days=9),
        grade(4.0, days=8),
        grade(5.0, "knee extension", "right", days=7),
        grade(2.0, "knee extension", "right", days=6),
    )

    assert [fact.attributes[name] for name in ("value", "latest", "muscle", "side", "measured_days")] == [
        3.0,
        2.0,
        "Knee extension",
        "right",
        6.0,
    ]
    assert [one.when for one in fact.evidence] == ["2026-11-14", "2026-11-15"]


def test_a_fall_before_the_last_two_grades_is_over():
    assert ask("power-decline", grade(5.0, days=9), grade(3.0, days=5), grade(3.0, days=1)).attributes["value"] == 0.0


@pytest.mark.parametrize("kind", ["muscle-power", "power-decline"])
def test_a_grade_that_is_no_number_is_unusable(kind):
    fact = ask(kind, observation("weak", "ankle dorsiflexion"))

    assert (fact.state, fact.missing) == (State.UNUSABLE, ("Numbness of 2026-11-21 is not a number",))


def test_a_grade_without_date_is_unusable():
    assert ask("muscle-power", grade(3.0, days=None)).missing == ("Numbness has no date",)
