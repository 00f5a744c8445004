"""Observation and QuestionnaireResponse as entries."""

import math
from datetime import date, datetime

import pytest

from cds.clinical import Bounds, Coding, Quantity, Span
from tests.fhir.sending import BERLIN, LOINC, SNOMED, SPINE, SUBJECT, UCUM, coded, entries, entry, record

JUST_BELOW_TEN, JUST_ABOVE_TEN = 9.99999999, 10.00000001  # the number itself is not meant


def observation(**members):
    return {
        "resourceType": "Observation",
        "id": "o1",
        **SUBJECT,
        "status": "final",
        "code": coded(LOINC, "9187-6"),
        **members,
    }


def millilitres(value, **members):
    return {"value": value, "unit": "ml", "system": UCUM, "code": "mL", **members}


@pytest.mark.parametrize(
    ("members", "value"),
    [
        ({"valueQuantity": millilitres(350)}, Quantity(350.0, "mL")),
        ({"valueQuantity": millilitres(10, comparator="<")}, Quantity(Bounds(-math.inf, JUST_BELOW_TEN), "mL")),
        ({"valueQuantity": millilitres(10, comparator="<=")}, Quantity(Bounds(-math.inf, 10.0), "mL")),
        ({"valueQuantity": millilitres(10, comparator=">")}, Quantity(Bounds(JUST_ABOVE_TEN, math.inf), "mL")),
        ({"valueQuantity": millilitres(0, comparator=">")}, Quantity(Bounds(1e-9, math.inf), "mL")),
        ({"valueQuantity": millilitres(10, comparator=">=")}, Quantity(Bounds(10.0, math.inf), "mL")),
        ({"valueQuantity": millilitres(10, comparator="ad")}, None),
        ({"valueQuantity": {"value": 350, "unit": "mL"}}, Quantity(350.0, "mL")),
        ({"valueQuantity": {"value": 350, "code": "mL"}}, Quantity(350.0, "mL")),
        ({"valueQuantity": {"value": 350, "unit": "mL", "system": SNOMED, "code": "258773002"}}, Quantity(350.0, "mL")),
        ({"valueQuantity": {"value": 350}}, Quantity(350.0, None)),
        ({"valueQuantity": {"unit": "mL", "code": "mL"}}, None),
        ({"valueQuantity": {"value": "350", "code": "mL"}}, None),
        ({"valueRange": {"low": millilitres(100), "high": millilitres(200)}}, Quantity(Bounds(100.0, 200.0), "mL")),
        ({"valueRange": {"high": millilitres(200)}}, Quantity(Bounds(-math.inf, 200.0), "mL")),
        ({"valueRange": {"low": millilitres(1), "high": {"value": 2, "code": "L"}}}, None),
        ({"valueInteger": 3}, Quantity(3.0, None)),
        ({"valueBoolean": False}, False),
        ({"valueString": "a lot"}, "a lot"),
        ({"valueDateTime": "2026-11"}, Span(date(2026, 11, 1), date(2026, 11, 30))),
        ({"valueCodeableConcept": coded(SNOMED, "260385009", "Negative")}, (Coding(SNOMED, "260385009", "Negative"),)),
        ({"valueCodeableConcept": {"text": "negative"}}, "negative"),
        ({"dataAbsentReason": coded("x", "unknown")}, None),
        ({"valueQuantity": millilitres(350), "dataAbsentReason": coded("x", "error")}, None),
        ({"_valueBoolean": {"extension": [{"url": "x", "valueCode": "masked"}]}}, None),
        ({}, None),
    ],
)
def test_the_value_is_read_in_whatever_type_it_comes(members, value):
    assert value == entry("pvr.in", observation(**members)).value


@pytest.mark.parametrize(
    ("status", "there"),
    [
        ("final", 1),
        ("amended", 1),
        ("corrected", 1),
        ("preliminary", 1),
        ("registered", 0),
        ("cancelled", 0),
        ("entered-in-error", 0),
        ("unknown", 0),
    ],
)
def test_only_observations_of_a_counting_status_are_there(status, there):
    assert there == len(entries("pvr.in", observation(status=status)))


@pytest.mark.parametrize("status", [{}, {"status": "Final"}, {"status": "verified"}])
def test_an_observation_whose_status_is_none_of_fhir_makes_observations_unknown(status):
    found = record({key: value for key, value in observation().items() if key != "status"} | status)

    assert ({}, False) == (found.entries, "Observation" in found.supplied)
    assert {"Observation": "one that may matter could not be read"} == found.unavailable


def test_a_component_is_found_under_its_own_code():
    pressure = observation(
        code=coded(LOINC, "85354-9"),
        effectiveDateTime="2026-11-20",
        component=[
            {"code": coded(LOINC, "8480-6"), "valueQuantity": {"value": 128, "code": "mm[Hg]", "system": UCUM}},
            {"code": coded(LOINC, "8462-4"), "valueQuantity": {"value": 82, "code": "mm[Hg]", "system": UCUM}},
        ],
    )
    found = entry("systolic.in", pressure)

    assert (Quantity(128.0, "mm[Hg]"), "Observation/o1") == (found.value, found.reference)
    assert Span(date(2026, 11, 20), date(2026, 11, 20)) == found.effective


def test_an_observation_that_is_asked_for_keeps_all_its_components():
    found = entry("pvr.in", observation(component=[{"code": coded(SNOMED, "1"), "valueBoolean": True}]))

    assert [True] == [each.value for each in found.components]


def test_an_observation_is_found_by_its_coded_value():
    complaint = observation(code=coded(SNOMED, "1"), valueCodeableConcept=coded(SPINE, "saddle-numbness"))
    found = entry("numbness.in", complaint)

    assert (frozenset(), frozenset({"numbness.in"})) == (found.sets, found.value_sets)


def test_a_period_gives_both_days_and_the_instant_of_its_end():
    period = {"start": "2026-11-19T22:00:00+01:00", "end": "2026-11-20T06:00:00+01:00"}
    found = entry("pvr.in", observation(effectivePeriod=period))

    assert (date(2026, 11, 19), date(2026, 11, 20)) == found.period
    assert datetime(2026, 11, 20, 6, tzinfo=BERLIN) == found.instant


def test_a_reference_range_is_used_only_when_there_is_one():
    one = {"low": millilitres(0), "high": millilitres(100)}

    assert Quantity(100.0, "mL") == entry("pvr.in", observation(referenceRange=[one])).high
    assert None is entry("pvr.in", observation(referenceRange=[one, one])).high


def test_interpretations_are_kept_as_codes():
    assert frozenset({"H"}) == entry("pvr.in", observation(interpretation=[coded("x", "H")])).interpretations


def answered(status="completed", **answer):
    group = {
        "linkId": "g",
        "item": [{"linkId": "saddle-numbness", "text": "Numb?", "answer": [answer] if answer else []}],
    }
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        **SUBJECT,
        "status": status,
        "authored": "2026-11-21T09:00:00+01:00",
        "item": [{"linkId": "top", "answer": [{"valueBoolean": True, "item": [group]}]}],
    }


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ({"valueBoolean": True}, True),
        ({"valueBoolean": False}, False),
        ({"valueInteger": 3}, Quantity(3.0, None)),
        ({"valueDecimal": 1.5}, Quantity(1.5, None)),
        ({"valueDate": "2026-11-20"}, Span(date(2026, 11, 20), date(2026, 11, 20))),
        ({"valueCoding": {"system": SNOMED, "code": "373066001"}}, (Coding(SNOMED, "373066001"),)),
        ({"valueQuantity": {"value": 3, "code": "d"}}, Quantity(3.0, "d")),
    ],
)
def test_an_answer_is_found_by_its_link_id_however_deep(answer, value):
    found = entry("numbness.in", answered(**answer))

    assert ("QuestionnaireResponse/q1", "Numb?", value) == (found.reference, found.text, found.value)


def test_a_question_without_an_answer_says_nothing():
    assert () == entries("numbness.in", answered())


@pytest.mark.parametrize(("status", "there"), [("amended", 1), ("in-progress", 0), ("stopped", 0)])
def test_only_finished_questionnaires_count(status, there):
    assert there == len(entries("numbness.in", answered(status, valueBoolean=True)))
