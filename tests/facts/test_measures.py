from math import inf

import pytest

from cds.clinical import Bounds, Coding, Quantity, State
from cds.record import Patient
from tests.facts.asking import ago, ask, facts, hours_ago, measured, observation, record, spec, year

MAN_OF_70 = Patient(id="p", born=ago(70 * 366), gender="male")
WOMAN_OF_70 = Patient(id="p", born=ago(70 * 366), gender="female")


def volume(*entries, **parameters):
    return ask("observation", *entries, unit="mL", **parameters)


def answered(fact):
    return fact.state, fact.attributes.get("value")


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        (measured(350.0), 350.0),
        (measured(0.35, "L"), 350.0),
        (measured(350.0, "cm3"), 350.0),
        (measured(Bounds(999.0, inf)), Bounds(999.0, inf)),
        (measured(Bounds(-inf, 0.1), "L"), Bounds(-inf, 100.0)),
    ],
)
def test_a_value_is_given_in_the_unit_of_the_fact(entry, value):
    assert answered(volume(entry)) == (State.PRESENT, value)


@pytest.mark.parametrize(
    ("entry", "missing"),
    [
        (measured(300.0, None, days=1), "Numbness of 2026-11-20 has no unit"),
        (measured(300.0, "mg"), "Numbness of 2026-11-21 has a unit that does not fit mL"),
        (measured(300.0, days=None), "Numbness has no date"),
        (observation("a lot", "volume"), "Numbness of 2026-11-21 is not a number"),
        (observation(None, "volume"), "Numbness of 2026-11-21 is not a number"),
    ],
)
def test_a_value_that_cannot_be_relied_on_makes_the_fact_unusable_and_is_named(entry, missing):
    fact = volume(entry)

    assert (fact.state, fact.missing) == (State.UNUSABLE, (missing,))


def test_what_is_measured_decides_how_grams_become_moles():
    creatinine = (Coding("http://loinc.org", "2160-0"),)

    assert ask("observation", measured(1.0, "mg/dL", codings=creatinine), unit="umol/L").attributes["value"] == 88.42
    assert ask("observation", measured(1.0, "mg/dL"), unit="umol/L").state == State.UNUSABLE


def test_a_score_needs_no_unit():
    assert ask("observation", measured(7.0, None), unit="{score}").attributes["value"] == 7.0


@pytest.mark.parametrize(
    ("take", "value"), [("latest", 150.0), ("earliest", 100.0), ("highest", 400.0), ("lowest", 50.0)]
)
def test_one_of_several_is_taken(take, value):
    several = [
        measured(100.0, days=9),
        measured(400.0, days=5),
        measured(50.0, days=3),
        measured(150.0, days=1),
        measured(999.0, days=-1),
    ]

    assert volume(*several, take=take).attributes["value"] == value


@pytest.mark.parametrize(("days", "state"), [(7, State.PRESENT), (8, State.ABSENT)])
def test_a_window_of_days_includes_its_last_day(days, state):
    assert volume(measured(350.0, days=days), within=7.0).state == state


@pytest.mark.parametrize(
    ("given", "state", "hours"),
    [
        ({"instant": hours_ago(48)}, State.PRESENT, 48.0),
        ({"instant": hours_ago(49)}, State.ABSENT, None),
        ({"days": 2}, State.PRESENT, Bounds(34.0, 58.0)),
        ({"days": 3}, State.ABSENT, None),
        ({"days": 0}, State.PRESENT, Bounds(0.0, 10.0)),
    ],
)
def test_a_window_of_hours_is_to_the_hour_and_by_the_latest_hour_without_a_time(given, state, hours):
    fact = volume(measured(350.0, **given), within_hours=48.0)

    assert (fact.state, fact.attributes.get("measured_hours")) == (state, hours)


def test_of_a_partial_date_the_latest_day_counts():
    assert volume(measured(350.0, effective=year(2026)), within=1.0).attributes["measured_days"] == 0.0


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        ({}, {}, Bounds(180.0, 350.0)),
        ({"instant": hours_ago(2)}, {"instant": hours_ago(1)}, 350.0),
        ({"instant": hours_ago(2)}, {"instant": hours_ago(2)}, Bounds(180.0, 350.0)),
        ({"instant": hours_ago(2), "status": "corrected"}, {"instant": hours_ago(2)}, 180.0),
        ({"instant": hours_ago(2)}, {"instant": hours_ago(2), "status": "preliminary"}, 180.0),
        ({"recorded": hours_ago(3)}, {"recorded": hours_ago(2)}, 350.0),
        ({"recorded": hours_ago(2)}, {"recorded": hours_ago(3)}, 180.0),
    ],
)
def test_two_values_of_one_moment_leave_bounds_unless_one_is_the_later_or_better_one(first, second, value):
    assert volume(measured(180.0, **first), measured(350.0, **second)).attributes["value"] == value


def test_an_unusable_newest_value_does_not_hide_the_newest_usable_one():
    fact = volume(measured(250.0, days=3), measured(90.0, None, days=1))

    assert answered(fact) == (State.PRESENT, 250.0)
    assert fact.attributes["newer_unusable"] == "yes"
    assert fact.missing == ("Numbness of 2026-11-20 has no unit",)


def test_an_unusable_older_value_is_of_no_concern():
    fact = volume(measured(250.0, days=1), measured(90.0, None, days=3))

    assert (fact.attributes["newer_unusable"], fact.missing) == ("no", ())


@pytest.mark.parametrize(("take", "value"), [("highest", Bounds(250.0, inf)), ("lowest", Bounds(-inf, 250.0))])
def test_beside_an_unusable_value_the_extreme_is_known_on_one_side_only(take, value):
    assert volume(measured(250.0), measured(90.0, None, days=3), take=take).attributes["value"] == value


def test_a_value_known_within_bounds_may_be_the_highest():
    fact = volume(measured(Bounds(200.0, inf)), measured(250.0), take="highest")

    assert fact.attributes["value"] == Bounds(250.0, inf)


def test_a_panel_without_a_value_of_its_own_is_no_value():
    panel = observation(None, "volume", components=(measured(350.0),))

    assert volume(panel).state == State.ABSENT


def test_side_and_preliminary_results_are_told():
    fact = volume(measured(350.0, side="left", status="preliminary"))

    assert (fact.attributes["side"], fact.attributes["preliminary"]) == ("left", "yes")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.35, "L", "0.35 L"),
        (Bounds(10.0, inf), "mL", "> 10 mL"),
        (Bounds(-inf, 5.0), "mL", "< 5 mL"),
        (Bounds(1.0, 2.0), "mL", "1 to 2 mL"),
    ],
)
def test_a_value_is_shown_as_it_was_sent(value, unit, words):
    told = volume(measured(value, unit, days=1)).evidence[0]

    assert (told.label, told.value, told.when) == ("Numbness", words, "2026-11-20")


def test_a_number_without_unit_is_shown_without_one():
    assert ask("observation", measured(7.0, None), unit="{score}").evidence[0].value == "7"


@pytest.mark.parametrize(
    ("value", "high", "limit", "excess", "source"),
    [
        (10.0, None, 10.0, 0.0, "default"),
        (10.1, None, 10.0, 0.1, "default"),
        (6.0, Quantity(5.0, "mg/L"), 5.0, 1.0, "result"),
        (6.0, Quantity(0.5, "mg/dL"), 5.0, 1.0, "result"),
        (6.0, Quantity(5.0, None), 10.0, -4.0, "default"),
        (6.0, Quantity(Bounds(5.0, inf), "mg/L"), 10.0, -4.0, "default"),
        (Bounds(5.0, inf), None, 10.0, Bounds(-5.0, inf), "default"),
        (Bounds(-inf, 5.0), None, 10.0, Bounds(-inf, -5.0), "default"),
    ],
)
def test_a_marker_is_held_against_the_limit_of_its_result_or_the_default(value, high, limit, excess, source):
    crp = measured(value, "mg/L", high=high)
    attributes = ask("raised-marker", crp, unit="mg/L", limit=10.0).attributes

    assert (attributes["limit"], attributes["excess"], attributes["limit_source"]) == (limit, excess, source)


@pytest.mark.parametrize(
    ("patient", "limit"),
    [
        (MAN_OF_70, 35.0),
        (WOMAN_OF_70, 40.0),
        (Patient(id="p", born=ago(70 * 366)), 35.0),
        (Patient(id="p", born=ago(49 * 366), gender="female"), 20.0),
        (Patient(id="p", born=ago(50 * 366), gender="female"), 30.0),
        (Patient(id="p", born=year(1976), gender="female"), 20.0),
        (Patient(id="p", born=year(1956), gender="male"), 34.5),
        (Patient(id="p", gender="male"), 20.0),
    ],
)
def test_from_fifty_the_default_limit_of_the_sedimentation_rate_grows_with_age(patient, limit):
    esr = spec("raised-marker", unit="mm/h", limit=20.0, esr_age=True)

    assert facts([esr], record(measured(24.0, "mm/h"), patient=patient))["x"].attributes["limit"] == limit


def test_the_age_does_not_move_the_limit_that_the_result_states():
    esr = spec("raised-marker", unit="mm/h", limit=20.0, esr_age=True)
    result = measured(24.0, "mm/h", high=Quantity(22.0, "mm/h"))

    assert facts([esr], record(result, patient=MAN_OF_70))["x"].attributes["excess"] == 2.0


@pytest.mark.parametrize(
    ("days", "state"),
    [(14, State.PRESENT), (15, State.ABSENT)],
)
def test_an_old_marker_does_not_count(days, state):
    crp = measured(80.0, "mg/L", days=days)

    assert ask("raised-marker", crp, unit="mg/L", limit=10.0, within=14.0).state == state


def test_a_marker_without_unit_is_unusable():
    assert ask("raised-marker", measured(80.0, None), unit="mg/L", limit=10.0).state == State.UNUSABLE
