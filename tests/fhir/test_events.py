"""What was done, ordered or planned, and what runs in the family."""

from datetime import date
from math import inf

import pytest

from cds.clinical import Coding, Span
from cds.fhir.decode import bundle_file
from cds.fhir.read import read
from cds.ruleset.systems import SYSTEMS
from tests.fhir.sending import (
    BERLIN,
    ICD,
    LOINC,
    PATIENT,
    SNOMED,
    SUBJECT,
    bundle,
    coded,
    entry,
    index,
    record,
)

ROLE = SYSTEMS["role-code"]

MRI = coded(LOINC, "30679-5", "MR Lumbar spine")
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def on(day):
    return Span(date(2026, 11, day), date(2026, 11, day))


@pytest.mark.parametrize(
    ("members", "when", "end"),
    [
        ({"performedDateTime": "2026-11-03T10:00:00+01:00"}, on(3), None),
        ({"performedPeriod": {"start": "2026-11-03", "end": "2026-11-04"}}, on(3), on(4)),
        ({"performedPeriod": {"end": "2026-11-04"}}, on(4), on(4)),
        ({"occurrenceDateTime": "2026-11-03"}, on(3), None),
        ({}, None, None),
    ],
)
def test_a_procedure_is_dated_by_when_it_was_done(members, when, end):
    done = {"resourceType": "Procedure", "id": "x1", **SUBJECT, "status": "completed", "code": MRI, **members}
    found = entry("mri.in", done)

    assert ("Procedure/x1", when, end) == (found.reference, found.when, found.end)


@pytest.mark.parametrize(
    ("kind", "status", "there"),
    [
        ("Procedure", "not-done", 0),
        ("Procedure", "in-progress", 0),
        ("ServiceRequest", "active", 1),
        ("ServiceRequest", "revoked", 0),
        ("ServiceRequest", "draft", 0),
        ("DiagnosticReport", "final", 1),
        ("DiagnosticReport", "partial", 0),
        ("Task", "completed", 1),
        ("Task", "cancelled", 0),
        ("Procedure", "Completed", None),
        ("ServiceRequest", "ordered", None),
        ("DiagnosticReport", "", None),
        ("Task", "done", None),
    ],
)
def test_events_count_by_their_status(kind, status, there):
    """One that FHIR does not know may be one that counts: then it is not known what there is."""
    event = {"resourceType": kind, "id": "x1", "status": status, "code": MRI}
    about = {"for": SUBJECT["subject"]} if kind == "Task" else SUBJECT
    found = record(event | about)

    assert (there or 0) == len(found.entries.get("mri.in", ()))
    assert (there is None) == (kind in found.unavailable)


@pytest.mark.parametrize(
    ("restriction", "due"),
    [
        ({"period": {"start": "2026-11-02", "end": "2026-11-03"}}, on(3)),
        ({"period": {"start": "2026-11-02"}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_task_is_due_when_its_restriction_ends(restriction, due):
    task = {"resourceType": "Task", "id": "x1", "status": "requested", "code": MRI, "for": SUBJECT["subject"]}
    told = task | ({} if restriction is None else {"restriction": restriction})

    assert due == entry("mri.in", told).due


def test_an_order_has_priority_region_and_reasons():
    order = {
        "resourceType": "ServiceRequest",
        "id": "x1",
        **SUBJECT,
        "status": "active",
        "intent": "order",
        "priority": "urgent",
        "code": {"concept": MRI},
        "bodySite": [coded(SNOMED, "61685007")],
        "reasonCode": [coded(ICD, "M54.31")],
        "authoredOn": "2026-11-03",
    }
    found = entry("mri.in", order)

    assert ("MR Lumbar spine", "urgent", on(3)) == (found.text, found.priority, found.when)
    assert (frozenset({"leg.in"}), frozenset({"sciatica.in"})) == (found.site_sets, found.reasons)


def test_each_reason_of_an_order_under_review_is_told_by_itself():
    sciatica, knee = {"coding": [{"system": ICD, "code": "M54.31"}]}, {"text": "Bad knee"}
    order = {"resourceType": "ServiceRequest", "id": "x1", **SUBJECT, "status": "active", "code": MRI}

    assert (frozenset({"sciatica.in"}), frozenset()) == entry(
        "mri.in", order | {"reasonCode": [sciatica, knee]}
    ).each_reason
    assert () == entry("mri.in", order).each_reason


def test_a_report_tells_what_it_concluded():
    report = {
        "resourceType": "DiagnosticReport",
        "id": "x1",
        **SUBJECT,
        "status": "final",
        "code": MRI,
        "effectiveDateTime": "2026-11-03",
        "conclusionCode": [coded(ICD, "M54.3")],
    }

    assert frozenset({"sciatica.in"}) == entry("mri.in", report).conclusion_sets


def test_an_imaging_study_tells_modality_and_region():
    study = {
        "resourceType": "ImagingStudy",
        "id": "x1",
        **SUBJECT,
        "status": "available",
        "started": "2026-11-03T10:00:00+01:00",
        "procedureCode": [MRI],
        "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR"}],
        "series": [
            {"modality": {"code": "MR"}, "bodySite": {"system": SNOMED, "code": "61685007"}},
            {"modality": {"coding": [{"code": "SR"}]}},
        ],
    }
    found = entry("mri.in", study)

    assert (("MR", "SR"), on(3), frozenset({"leg.in"})) == (found.modalities, found.when, found.site_sets)


def encounter(**members):
    return {
        "resourceType": "Encounter",
        "id": "e1",
        **SUBJECT,
        "status": "finished",
        "class": {"system": ACT, "code": "AMB"},
        "period": {"start": "2026-11-03T10:00:00+01:00", "end": "2026-11-03T10:20:00+01:00"},
        **members,
    }


SCIATICA = {"resourceType": "Condition", "id": "c1", **SUBJECT, "code": coded(ICD, "M54.31")}


@pytest.mark.parametrize(
    "members",
    [
        {"reasonCode": [coded(ICD, "M54.31")]},
        {"reasonReference": [{"reference": "Condition/c1"}]},
        {"diagnosis": [{"condition": {"reference": "Condition/c1"}}]},
        {"reason": [{"concept": coded(ICD, "M54.31")}]},
        {"class": [coded(ACT, "AMB")], "reasonCode": [coded(ICD, "M54.31")]},
    ],
)
def test_an_encounter_is_kept_for_its_reasons(members):
    (found,) = record(SCIATICA, encounter(**members)).encounters

    assert (frozenset({"sciatica.in"}), on(3), on(3)) == (found.reasons, found.when, found.end)
    assert (Coding(ACT, "AMB"),) == found.codings


def test_an_encounter_without_reasons_is_kept_when_some_fact_asks_for_any():
    assert () == record(encounter()).encounters
    assert 1 == len(record(encounter(), visits_within=inf).encounters)


def visits(within, *encounters):
    return read([bundle_file(bundle(*encounters))], index(within), zone=BERLIN, patient_id="p1", today=on(21).latest)


@pytest.mark.parametrize(
    ("start", "count"),
    [
        ("2026-11-20T23:00:00-12:00", 1),
        ("2026-11-19", 1),  # a date abroad may be two days from the date here
        ("2026-11-18T23:59:00Z", 0),
        ("2015-01-01", 0),
        ("2026", 1),
        ("2026-11-22", 1),
        (None, 1),
    ],
)
def test_encounters_that_began_too_long_ago_for_any_fact_are_passed_over(start, count):
    assert count == len(visits(0.0, encounter(period={"start": start})).encounters)


def test_an_encounter_is_kept_for_its_reasons_however_long_ago_it_began():
    reasons = {"reasonCode": [coded(ICD, "M54.31")]}

    assert 1 == len(visits(0.0, encounter(period={"start": "1999-01-01"}, **reasons)).encounters)


@pytest.mark.parametrize(("within", "supplied"), [(0.0, True), (3650.0, False), (inf, False), (None, True)])
def test_an_encounter_that_cannot_be_understood_matters_when_it_may_be_recent_enough(within, supplied):
    found = visits(within, encounter(status=None, period={"start": "2025-01-01"}))

    assert supplied == ("Encounter" in found.supplied)


def test_an_encounter_that_never_took_place_is_not_kept():
    assert () == record(encounter(status="cancelled"), visits_within=inf).encounters


def test_each_condition_of_a_relative_is_an_entry():
    history = {
        "resourceType": "FamilyMemberHistory",
        "id": "f1",
        "patient": {"reference": "Patient/p1"},
        "status": "completed",
        "relationship": coded(ROLE, "MTH", "mother"),
        "condition": [{"code": coded(SNOMED, "254837009")}, {"code": coded(SNOMED, "38341003")}],
    }
    found = entry("cancer.in", history)

    assert ("FamilyMemberHistory/f1", "MTH", "mother") == (found.reference, found.relationship, found.relative)


def test_the_patient_is_read_even_when_partly_known():
    found = record().patient

    assert ("p1", Span(date(1974, 3, 12), date(1974, 3, 12)), "female", False) == (
        found.id,
        found.born,
        found.gender,
        found.deceased,
    )
    assert PATIENT["id"] == found.id


@pytest.mark.parametrize(
    ("codes", "relationship"),
    [
        ([(ROLE, "FTH")], "FTH"),
        ([("urn:oid:2.16.840.1.113883.5.111", "FTH")], "FTH"),
        ([("http://hl7.org/fhir/v3/RoleCode", "FTH")], "FTH"),
        ([("", "FTH")], "FTH"),
        ([(SNOMED, "66839005"), (ROLE, "FTH")], "FTH"),
        ([(SNOMED, "66839005")], ""),
        ([], ""),
    ],
)
def test_a_relative_in_another_code_system_is_one_of_unknown_degree(codes, relationship):
    history = {
        "resourceType": "FamilyMemberHistory",
        "status": "completed",
        "patient": {"reference": "Patient/p1"},
        "relationship": {"coding": [{"system": system, "code": code} for system, code in codes]},
        "condition": [{"code": coded(SNOMED, "23056005")}],
    }

    assert relationship == entry("sciatica.in", history).relationship
