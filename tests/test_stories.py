"""A test's record, told in lines, becomes the FHIR it stands for."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cds.workbench import stories
from cds.workbench.when import day_offsets, documented_days, fhir_moment

SNOMED, UCUM = "http://snomed.info/sct", "http://unitsofmeasure.org"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("today", "2026-11-21"),
        ("today-14d", "2026-11-07"),
        ("today+3d", "2026-11-24"),
        ("today-1d 22:30", "2026-11-20T22:30:00+01:00"),
        ("now-47h", "2026-11-19T13:00:00+01:00"),
        ("now-20min", "2026-11-21T11:40:00+01:00"),
        ("2026-03", "2026-03"),
    ],
)
def test_moments_are_told_from_the_day_of_the_story(words, expected):
    assert fhir_moment(words, NOW) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([0, 3, "6-8"], (0, 3, 6, 7, 8)),
        ("2 of every 3 for 7 days", (0, 1, 3, 4, 6)),
    ],
)
def test_days_of_a_diary_are_listed_or_repeat(words, expected):
    assert day_offsets(words) == expected


def test_documented_days_count_back_from_today():
    assert documented_days("3 days") == (0, 1, 2)


@pytest.mark.parametrize("words", ["often", ["x"], 3, "3 of every 30"])
def test_other_words_for_days_are_refused(words):
    with pytest.raises(ValueError, match="day"):
        day_offsets(words)


def test_a_condition_line_is_an_active_confirmed_condition_unless_it_says_otherwise():
    line = {"condition": {"snomed": "23056005"}, "onset": "today-30d", "side": "left"}

    (resource,) = stories.told(line, NOW)

    assert resource == {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/story"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "23056005"}]},
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "verificationStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}]
        },
        "onsetDateTime": "2026-10-22",
        "bodySite": [{"coding": [{"system": "http://snomed.info/sct", "code": "7771000"}]}],
    }


@pytest.mark.parametrize(
    ("value", "element", "expected"),
    [
        ("38.4 Cel", "valueQuantity", {"value": 38.4, "unit": "Cel", "system": UCUM, "code": "Cel"}),
        ("<5 mm/h", "valueQuantity", {"comparator": "<", "value": 5, "unit": "mm/h", "system": UCUM, "code": "mm/h"}),
        (300, "valueQuantity", {"value": 300}),
        (False, "valueBoolean", False),
        ({"snomed": "77386006"}, "valueCodeableConcept", {"coding": [{"system": SNOMED, "code": "77386006"}]}),
        ("nothing said", "valueString", "nothing said"),
        ("today-14d", "valueDateTime", "2026-11-07"),
        ("2026-10", "valueDateTime", "2026-10"),
    ],
)
def test_the_value_of_an_observation_line_has_the_type_it_looks_like(value, element, expected):
    (resource,) = stories.told({"observation": {"loinc": "8310-5"}, "value": value}, NOW)

    assert resource[element] == expected


def test_a_diary_documents_the_days_on_which_nothing_was_taken():
    line = {"diary": {"class-nsaid": [0, 2]}, "documented": "3 days"}

    days = [(resource["effectiveDateTime"], resource["valueBoolean"]) for resource in stories.told(line, NOW)]

    assert days == [("2026-11-21", True), ("2026-11-20", False), ("2026-11-19", True)]


def test_several_answers_are_one_form():
    line = {"answers": {"saddle-sensory-loss": False, "trauma-major": True}, "at": "today"}

    (form,) = stories.told(line, NOW)

    assert form["authored"] == "2026-11-21"
    assert [(item["linkId"], item["answer"][0]["valueBoolean"]) for item in form["item"]] == [
        ("saddle-sensory-loss", False),
        ("trauma-major", True),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"conditon": {"snomed": "1"}}, 'not with "conditon"'),
        ({"condition": {"snomed": "1"}, "onst": "today"}, '"onst" is not a key of a line with condition'),
        ({}, 'not with ""'),
    ],
)
def test_a_line_nobody_understands_is_refused_with_the_words_it_could_have_been(line, message):
    with pytest.raises(ValueError, match=message):
        list(stories.told(line, NOW))


def test_an_order_says_why_and_where():
    line = {"service_request": {"snomed": "241645008"}, "reason": {"snomed": "23056005"}, "site": "Neck"}

    (order,) = stories.told(line, NOW)

    assert order["reasonCode"] == [{"coding": [{"system": SNOMED, "code": "23056005"}]}]
    assert order["bodySite"] == [{"text": "Neck"}]


def test_draft_orders_get_a_status_and_an_id():
    bundle = stories.drafts([{"request": {"rxnorm": "37418"}, "as_needed": True, "quantity": "18 {tablet}"}], NOW)

    (entry,) = bundle["entry"]

    assert (entry["resource"]["id"], entry["resource"]["status"]) == ("draft-1", "draft")
    assert entry["resource"]["dispenseRequest"]["quantity"]["value"] == 18
    assert entry["resource"]["dosageInstruction"] == [{"asNeededBoolean": True}]


def test_the_patient_of_a_story_has_the_age_it_says():
    bundle = stories.bundle({"age": 74, "gender": "female"}, [], NOW)

    assert bundle["entry"][0]["resource"] == {
        "resourceType": "Patient",
        "id": "story",
        "birthDate": "1952-01-01",
        "gender": "female",
    }


def test_every_line_and_key_is_on_the_page_of_the_language():
    page = (Path(__file__).parents[1] / "docs" / "rule-language.md").read_text()
    words = set(re.findall(r"`([a-zA-Z_0-9-]+)`", page))

    assert {*stories.LINES, *(key for _, keys in stories.LINES.values() for key in keys)} <= words


def test_an_attack_line_is_one_observation_a_day_with_the_parts_of_the_attack():
    line = {"attack": [3], "hours": 8, "start": "14:00", "laterality": "unilateral", "vomiting": False}
    local = "https://cds.example.org/fhir/CodeSystem/headache-cds-findings"

    (resource,) = stories.told(line, NOW)

    assert resource["effectivePeriod"] == {"start": "2026-11-18T14:00:00+01:00", "end": "2026-11-18T22:00:00+01:00"}
    assert [part.get("valueBoolean", part.get("valueCodeableConcept")) for part in resource["component"]] == [
        {"coding": [{"system": local, "code": "unilateral"}]},
        False,
    ]


def test_the_usual_attack_is_marked_as_typical():
    (resource,) = stories.told({"attack": "usual", "attack-duration-min": 60}, NOW)

    typical, length = resource["component"]
    assert typical["valueBoolean"] is True
    assert length["valueQuantity"]["code"] == "min"


def test_a_patient_of_whom_something_unknown_is_said_is_refused():
    """A misspelt birth date would leave the case with the age that is usual."""
    with pytest.raises(ValueError, match='"birth" is not a key of a patient; it has age, born, gender, deceased'):
        stories.bundle({"birth": "1950-01-01"}, (), NOW)
