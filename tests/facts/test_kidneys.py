"""Kidney function and calcium, as they are calculated."""

from datetime import timedelta
from math import inf

import pytest

from cds.clinical import Bounds, Coding, Quantity, Span, State
from cds.facts.kidneys import ckd_epi_2021
from cds.record import Patient
from tests.facts.asking import NOW, TODAY, ago, among, facts, hours_ago, observation, record, spec

CREATININE = (Coding("http://loinc.org", "2160-0"),)


def person(years=50, gender="female"):
    born = TODAY.replace(year=TODAY.year - years)
    return Patient(id="p", born=Span(born, born), gender=gender)


def rate(value, **given):
    return observation(Quantity(value, "mL/min/{1.73_m2}"), "rate", **given)


def creatinine(value, unit="mg/dL", **given):
    return among(observation(Quantity(value, unit), "creatinine", codings=CREATININE, **given), "creatinine")


def kidneys(*entries, patient=None, **parameters):
    asked = spec("kidney-function", codes=("in", "creatinine"), **parameters)
    return facts([asked], record(*entries, patient=patient or person()))["x"]


def told(fact):
    return fact.attributes.get("value"), fact.attributes.get("basis")


@pytest.mark.parametrize(
    ("milligrams", "age", "female", "expected"),
    # From the equation by hand: 142 × (Scr/κ)^α or ^−1.2 × 0.9938^age (× 1.012 for women).
    [
        (0.7, 0, True, 143.7),
        (0.9, 0, False, 142.0),
        (1.0, 50, True, 68.6),
        (1.0, 50, False, 91.7),
        (2.0, 70, False, 35.2),
    ],
)
def test_the_equation_of_2021(milligrams, age, female, expected):
    assert round(ckd_epi_2021(milligrams * 88.42, age, female=female), 1) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((rate(44.0, days=3),), (44.0, "reported")),
        ((creatinine(1.0, days=3),), (68.6, "calculated")),
        ((creatinine(88.42, "umol/L"),), (68.6, "calculated")),
        ((rate(44.0, days=3), creatinine(1.0, days=3)), (44.0, "reported")),
        ((rate(44.0, days=3), creatinine(1.0, days=2)), (68.6, "calculated")),
        ((rate(44.0, days=2), creatinine(1.0, days=3)), (44.0, "reported")),
    ],
)
def test_the_newest_of_what_was_reported_and_what_can_be_calculated_answers(entries, expected):
    assert told(kidneys(*entries)) == expected


@pytest.mark.parametrize(("days", "state"), [(365, State.PRESENT), (366, State.ABSENT)])
def test_what_is_older_than_the_window_is_none(days, state):
    assert kidneys(rate(44.0, days=days), within=365.0).state == state


def test_without_the_sex_the_rate_is_known_within_bounds():
    assert told(kidneys(creatinine(1.0), patient=person(gender=None))) == (Bounds(68.6, 91.7), "calculated")


@pytest.mark.parametrize(
    ("value", "expected", "note"),
    [
        (Bounds(-inf, 1.0), Bounds(68.6, inf), "eGFR 68.6 mL/min/1.73 m² or more by CKD-EPI 2021"),
        (Bounds(1.0, inf), Bounds(0.0, 68.6), "eGFR 0 mL/min/1.73 m² to 68.6 mL/min/1.73 m² by CKD-EPI 2021"),
    ],
)
def test_of_a_creatinine_beyond_what_is_measured_the_rate_is_known_within_bounds(value, expected, note):
    fact = kidneys(rate(44.0, days=9), creatinine(value))

    assert (told(fact), fact.evidence[0].note) == ((expected, "calculated"), note)


@pytest.mark.parametrize("patient", [Patient(id="p", gender="female"), person(17)])
def test_for_whom_it_cannot_be_calculated_an_older_report_answers_and_says_so(patient):
    fact = kidneys(rate(44.0, days=9), creatinine(1.0), patient=patient)

    assert (told(fact), fact.attributes["newer_unusable"]) == ((44.0, "reported"), "yes")
    assert kidneys(creatinine(1.0), patient=patient).state == State.UNUSABLE


@pytest.mark.parametrize(
    ("entries", "expected", "missing"),
    [
        ((rate(44.0, days=9), creatinine(1.0, unit=None)), (44.0, "reported"), "has no unit"),
        ((creatinine(1.0, days=9), creatinine(1.0, unit="mL")), (68.6, "calculated"), "has a unit that does not fit"),
        ((creatinine(1.0, days=9), creatinine(1.0, unit=None, days=None)), (68.6, "calculated"), "has no date"),
    ],
)
def test_a_newer_value_that_cannot_be_used_is_told_beside_the_older_one(entries, expected, missing):
    fact = kidneys(*entries)

    assert (told(fact), fact.attributes["newer_unusable"]) == (expected, "yes")
    assert missing in fact.missing[0]


def test_an_older_value_that_cannot_be_used_makes_no_difference():
    fact = kidneys(rate(44.0, days=9), creatinine(1.0, unit=None, days=10))

    assert (fact.attributes["newer_unusable"], fact.missing) == ("no", ())


def test_from_eighteen_years_it_is_calculated():
    assert kidneys(creatinine(1.0), patient=person(18)).state == State.PRESENT


def calcium(value, **given):
    return observation(Quantity(value, "mmol/L"), "calcium", **given)


def albumin(value, **given):
    return among(observation(Quantity(value, "g/L"), "albumin", **given), "albumin")


def corrected(*entries):
    asked = spec("corrected-calcium", codes=("in", "corrected", "albumin"))
    return told(facts([asked], record(*entries))["x"])


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((calcium(2.0), albumin(30.0)), (2.2, "albumin")),
        ((calcium(2.0), albumin(30.0, days=1)), (2.0, "uncorrected")),
        ((calcium(2.0),), (2.0, "uncorrected")),
        ((among(calcium(2.0), "in", "corrected"), albumin(30.0)), (2.0, "as sent")),
        ((calcium(2.0, instant=hours_ago(25)), albumin(30.0, instant=hours_ago(1))), (2.2, "albumin")),
        ((calcium(2.0, instant=hours_ago(25.01)), albumin(30.0, instant=hours_ago(1))), (2.0, "uncorrected")),
    ],
)
def test_calcium_is_corrected_with_the_albumin_of_within_24_hours(entries, expected):
    assert corrected(*entries) == expected


def test_of_several_albumins_the_nearest_counts():
    near, far = albumin(40.0, instant=hours_ago(2)), albumin(20.0, instant=NOW - timedelta(hours=9))

    assert corrected(calcium(2.0, instant=hours_ago(1)), far, near) == (2.0, "albumin")


def test_a_calcium_without_a_unit_is_unusable():
    asked = spec("corrected-calcium", codes=("in", "corrected", "albumin"))
    fact = facts([asked], record(observation(Quantity(2.0, None), "calcium", effective=ago(1))))["x"]

    assert fact.state == State.UNUSABLE
