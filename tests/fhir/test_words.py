"""What an entry is called: as the sender puts it or, where only codes came, as the value sets do; never by the code."""

import pytest

from tests.fhir.sending import ICD, LOINC, RXNORM, SNOMED, SPINE, SUBJECT, coded, entry

SCIATICA = {"system": SNOMED, "code": "23056005"}


def condition(code: dict) -> dict:
    return {"resourceType": "Condition", "id": "c1", **SUBJECT, "code": code}


@pytest.mark.parametrize(
    ("choice", "code", "words"),
    [
        (
            "sciatica.in",
            {"text": "Pain down the leg", **coded(SNOMED, "23056005", "Sciatica, left")},
            "Pain down the leg",
        ),
        ("sciatica.in", coded(SNOMED, "23056005", "Sciatica, left"), "Sciatica, left"),
        ("sciatica.in", {"coding": [SCIATICA]}, "Sciatica"),
        ("sciatica.in", {"coding": [{"system": "urn:mine", "code": "x17"}, SCIATICA]}, "Sciatica"),
        ("cancer.in", coded(ICD, "C50.911"), "Malignant neoplasm of breast"),
        ("leg.in", coded(SNOMED, "61685007"), ""),
    ],
)
def test_a_condition_is_called_by_its_words_or_as_the_value_sets_call_its_code(choice, code, words):
    assert words == entry(choice, condition(code)).text


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"linkId": "saddle-numbness", "text": "Is the saddle numb?"}, "Is the saddle numb?"),
        ({"linkId": "saddle-numbness"}, "Saddle numbness"),
    ],
)
def test_an_answer_is_called_by_its_question_or_by_what_its_linkid_stands_for(item, words):
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        **SUBJECT,
        "authored": "2026-11-20",
        "item": [{**item, "answer": [{"valueBoolean": True}]}],
    }

    assert words == entry("numbness.in", response).text


@pytest.mark.parametrize(
    ("resource", "choice", "words"),
    [
        (
            {"resourceType": "Observation", "status": "final", "code": coded(SPINE, "saddle-numbness")},
            "numbness.in",
            "Saddle numbness",
        ),
        ({"resourceType": "DiagnosticReport", "status": "final", "code": coded(LOINC, "30679-5")}, "mri.in", ""),
        (
            {
                "resourceType": "MedicationStatement",
                "status": "active",
                "medicationCodeableConcept": coded(RXNORM, "5640"),
            },
            "nsaid.in",
            "ibuprofen",
        ),
    ],
)
def test_other_resources_are_called_in_the_same_way(resource, choice, words):
    assert words == entry(choice, {**resource, **SUBJECT}).text


@pytest.mark.parametrize(
    ("medication", "words"),
    [
        (coded(RXNORM, "310965", "ibuprofen 200 MG Oral Tablet"), "ibuprofen 200 MG Oral Tablet"),
        (coded(RXNORM, "310965"), "ibuprofen"),
    ],
)
def test_a_product_that_nobody_names_is_called_by_what_it_contains(medication, words):
    statement = {"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": medication}

    assert words == entry("nsaid.in", {**statement, **SUBJECT}).text
