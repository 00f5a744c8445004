"""Condition and AllergyIntolerance as entries."""

from datetime import date

import pytest

from cds.clinical import Coding, Span
from tests.fhir.sending import ICD, RXNORM, SNOMED, SUBJECT, coded, entries, entry, record


def condition(**members):
    return {"resourceType": "Condition", "id": "c1", **SUBJECT, "code": coded(ICD, "M54.31"), **members}


def status(code):
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-x", "code": code}]}


def test_a_condition_tells_what_the_record_says_of_it():
    found = entry(
        "sciatica.in",
        condition(
            code={"coding": [{"system": ICD, "code": "M54.31", "display": "Sciatica, right"}], "text": "Bad leg"},
            clinicalStatus=status("active"),
            verificationStatus=status("provisional"),
            category=[status("problem-list-item")],
            severity=coded(SNOMED, "24484000"),
            onsetDateTime="2026-11",
            recordedDate="2026-11-20T10:00:00+01:00",
        ),
    )

    assert ("Condition/c1", "Bad leg", "right") == (found.reference, found.text, found.side)
    assert (Coding(ICD, "M54.31", "Sciatica, right"),) == found.codings
    assert ("active", True, False) == (found.clinical_status, found.provisional, found.refuted)
    assert (frozenset({"problem-list-item"}), "severe") == (found.categories, found.severity)
    assert Span(date(2026, 11, 1), date(2026, 11, 30)) == found.onset
    assert Span(date(2026, 11, 20), date(2026, 11, 20)) == found.recorded
    assert not found.abated


@pytest.mark.parametrize(
    ("verification", "there", "refuted"),
    [("confirmed", 1, False), ("refuted", 1, True), ("entered-in-error", 0, None), (None, 1, False)],
)
def test_a_refuted_condition_is_a_statement_and_one_entered_in_error_is_none(verification, there, refuted):
    members = {"verificationStatus": status(verification)} if verification else {}
    found = entries("sciatica.in", condition(**members))

    assert there == len(found)
    assert [refuted] * there == [each.refuted for each in found]


def test_a_status_may_be_the_plain_code_it_was_before_r4():
    assert "active" == entry("sciatica.in", condition(clinicalStatus="active")).clinical_status


def test_a_condition_whose_status_cannot_be_read_makes_conditions_unknown():
    found = record(condition(verificationStatus={"text": "who knows"}))

    assert {} == found.entries
    assert "Condition" not in found.supplied
    assert ("bundle.entry[1].verificationStatus",) == found.unreadable


@pytest.mark.parametrize(
    ("members", "onset", "age"),
    [
        ({"onsetPeriod": {"start": "2026-11-01"}}, Span(date(2026, 11, 1), date(2026, 11, 1)), None),
        ({"onsetAge": {"value": 52, "code": "a", "system": "http://unitsofmeasure.org"}}, None, 52.0),
        ({"onsetAge": {"value": 30, "code": "mo"}}, None, 2.0),
        ({"onsetAge": {"value": 52}}, None, None),
        ({"onsetString": "last winter"}, None, None),
        ({"_onsetDateTime": {"extension": [{"url": "x", "valueCode": "unknown"}]}}, None, None),
        ({"onsetDateTime": "soon"}, None, None),
    ],
)
def test_an_onset_is_taken_in_the_forms_that_say_a_time(members, onset, age):
    found = entry("sciatica.in", condition(**members))

    assert (onset, age) == (found.onset, found.onset_age)


def test_an_onset_in_words_is_noted_as_not_understood():
    assert ("bundle.entry[1].onsetString",) == record(condition(onsetString="last winter")).unreadable


@pytest.mark.parametrize("members", [{"abatementDateTime": "2026"}, {"abatementString": "gone"}, {"abatementAge": {}}])
def test_an_abatement_of_any_form_ends_a_condition(members):
    assert entry("sciatica.in", condition(**members)).abated


def test_the_body_site_goes_before_the_laterality_of_the_code():
    site = {"coding": [{"system": SNOMED, "code": "61685007"}, {"system": SNOMED, "code": "7771000"}]}
    found = entry("sciatica.in", condition(bodySite=[site]))

    assert ("left", frozenset({"leg.in"})) == (found.side, found.site_sets)


@pytest.mark.parametrize(("code", "places"), [("7771000", 0), ("24028007", 0), ("51440002", 0), ("61685007", 1)])
def test_a_body_site_that_names_a_side_alone_is_no_place(code, places):
    found = entry("sciatica.in", condition(bodySite=[{"coding": [{"system": SNOMED, "code": code}]}]))

    assert places == len(found.sites)


def test_a_condition_nobody_asks_for_is_not_kept():
    assert {} == record(condition(code=coded(SNOMED, "195662009"))).entries


@pytest.mark.parametrize(
    ("codes", "there"),
    [
        ([(SNOMED, "266987004")], True),
        ([(ICD, "Z85.3")], True),
        ([(ICD, "Z85.828")], False),
        ([(SNOMED, "266987004"), (ICD, "Z85.828")], False),
        ([(ICD, "Z85.828"), (SNOMED, "266987004")], False),
        ([(SNOMED, "266987004"), (ICD, "Z85.3")], True),
        ([(SNOMED, "266987004"), (SNOMED, "Z85.828")], True),
    ],
)
def test_what_has_a_code_that_is_an_exception_counts_by_no_other_of_its_codes(codes, there):
    code = {"coding": [{"system": system, "code": value} for system, value in codes]}

    assert there is bool(entries("history.in", condition(code=code)))


def test_a_modifier_that_is_not_understood_makes_conditions_unknown():
    found = record(condition(modifierExtension=[{"url": "https://example.org/not", "valueBoolean": True}]))

    assert ({}, False) == (found.entries, "Condition" in found.supplied)


DUE_TO = "http://hl7.org/fhir/StructureDefinition/condition-dueTo"
CANCER = {"resourceType": "Condition", "id": "c2", **SUBJECT, "code": coded(ICD, "C50.1")}


@pytest.mark.parametrize(
    ("members", "causes"),
    [
        ({"extension": [{"url": DUE_TO, "valueCodeableConcept": coded(ICD, "C50.1")}]}, {"cancer.in"}),
        ({"extension": [{"url": DUE_TO, "valueReference": {"reference": "Condition/c2"}}]}, {"cancer.in"}),
        ({"extension": [{"url": DUE_TO, "valueReference": {"reference": "Condition/c9"}}]}, set()),
        ({"extension": [{"url": "https://example.org/x", "valueCodeableConcept": coded(ICD, "C50.1")}]}, set()),
        ({"evidence": [{"code": [coded(ICD, "C50.1")]}]}, {"cancer.in"}),
        ({"evidence": [{"detail": [{"reference": "Condition/c2"}]}]}, {"cancer.in"}),
        ({}, set()),
    ],
)
def test_what_a_condition_is_due_to_or_rests_on(members, causes):
    assert frozenset(causes) == entry("sciatica.in", condition(**members), CANCER).cause_sets


def test_an_allergy_is_found_by_its_substance():
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "patient": {"reference": "Patient/p1"},
        "code": coded(RXNORM, "5640"),
        "clinicalStatus": status("active"),
        "criticality": "high",
        "reaction": [{"manifestation": [coded(SNOMED, "39579001")], "severity": "severe"}],
    }
    found = entry("nsaid.in", allergy)

    assert ("AllergyIntolerance", "active", "high") == (found.type, found.clinical_status, found.criticality)
    assert frozenset({"severe"}) == found.severities
