"""Whose resources they are."""

import json

import pytest

from cds.errors import InputError
from cds.fhir.bundle import patient_record
from cds.fhir.decode import sent
from cds.fhir.read import read
from tests.fhir.sending import BERLIN, ICD, PATIENT, bundle, coded, index, record

SCIATICA = {"resourceType": "Condition", "code": coded(ICD, "M54.31")}


def of(reference, **members):
    return SCIATICA | {"id": "c1", "subject": {"reference": reference}} | members


@pytest.mark.parametrize(
    "reference",
    ["Patient/p1", "Patient/p1/_history/3", "https://ehr.example.org/fhir/Patient/p1", "urn:uuid:11111111-aaaa"],
)
def test_every_way_to_name_the_patient_is_understood(reference):
    entries = [
        {"fullUrl": "urn:uuid:11111111-aaaa", "resource": PATIENT},
        {"fullUrl": "urn:uuid:2", "resource": of(reference)},
    ]
    content = json.dumps({"resourceType": "Bundle", "entry": entries}).encode()
    found = patient_record(content, index(), BERLIN)

    assert ("Condition/c1", 0) == (found.entries["sciatica.in"][0].reference, found.foreign)


@pytest.mark.parametrize(
    ("patient_id", "ours"),
    [
        ("5b477e00-ba36-4786-b672-a2816b3b9149", True),
        ("5b477e00-ba36-4786-b672-a2816b3b9148", False),
        ("7", False),  # no UUID: anything may be called urn:uuid:7 in a Bundle
    ],
)
def test_a_full_url_that_was_left_out_is_told_by_the_id_made_of_it(patient_id, ours):
    named = "urn:uuid:7" if patient_id == "7" else "urn:uuid:5b477e00-ba36-4786-b672-a2816b3b9149"
    content = json.dumps({"resourceType": "Bundle", "entry": [{"resource": of(named)}]}).encode()

    found = read([sent(content, "prefetch.conditions")], index(), zone=BERLIN, patient_id=patient_id)

    assert (ours, 0 if ours else 1) == ("sciatica.in" in found.entries, found.foreign)


@pytest.mark.parametrize(
    "reference",
    ["Patient/p2", "Patient/p11", "Patient/xp1", "https://ehr.example.org/fhir/Patient/p2", "urn:uuid:3", "Group/p1"],
)
def test_the_resources_of_others_are_left_out_and_counted(reference):
    found = record(of(reference))

    assert ({}, 1) == (found.entries, found.foreign)


@pytest.mark.parametrize(
    ("subjects", "supplied"),
    [([], True), (["p1"], True), (["p1", "p2"], True), (["p2"], False), (["p2", "p2"], False)],
)
def test_where_nothing_is_the_patients_own_the_data_were_not_supplied(subjects, supplied):
    resources = [of(f"Patient/{each}", id=f"c{number}") for number, each in enumerate(subjects)]
    content = json.dumps({"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}).encode()
    conditions = sent(content, "prefetch.conditions").supplying(frozenset({"Condition"}))

    found = read([conditions], index(), zone=BERLIN, patient_id="p1")

    assert supplied == ("Condition" in found.supplied)


@pytest.mark.parametrize(("ident", "supplied"), [("p1", True), ("p2", False), (None, False)])
def test_another_patient_tells_nothing_of_this_one(ident, supplied):
    content = json.dumps(PATIENT | {"id": ident}).encode()
    found = read(
        [sent(content, "prefetch.patient").supplying(frozenset({"Patient"}))],
        index(),
        zone=BERLIN,
        patient_id="p1",
    )

    assert (supplied, supplied) == ("Patient" in found.supplied, found.patient.born is not None)


@pytest.mark.parametrize("members", [{}, {"subject": {"display": "Sample"}}, {"subject": {"reference": "#p"}}])
def test_a_resource_that_names_nobody_is_kept_and_counted(members):
    found = record(SCIATICA | {"id": "c1"} | members)

    assert (1, 1, 0) == (len(found.entries["sciatica.in"]), found.unattributed, found.foreign)


def test_a_subject_that_cannot_be_read_is_not_taken_for_the_patient():
    found = record(SCIATICA | {"id": "c1", "subject": "p1"})

    assert ({}, False) == (found.entries, "Condition" in found.supplied)


def test_a_resource_that_came_twice_is_there_once():
    assert 1 == len(record(of("Patient/p1"), of("Patient/p1")).entries["sciatica.in"])


def test_a_resource_without_id_goes_by_its_place():
    (found,) = record(of("Patient/p1", id=None)).entries["sciatica.in"]

    assert "bundle.entry[1]" == found.reference


def test_a_bundle_of_several_patients_needs_to_be_told_which():
    content = bundle(PATIENT | {"id": "p2"})

    with pytest.raises(InputError, match="2 patients"):
        patient_record(content, index(), BERLIN)
    assert "p2" == patient_record(content, index(), BERLIN, patient_id="p2").patient.id


def test_a_bundle_of_no_patient_needs_to_be_told_whose_it_is():
    with pytest.raises(InputError, match="no patients"):
        patient_record(b'{"resourceType": "Bundle"}', index(), BERLIN)


def test_a_patient_without_id_goes_by_the_full_url():
    nameless = {key: value for key, value in PATIENT.items() if key != "id"}
    entries = [
        {"fullUrl": "urn:uuid:4", "resource": nameless},
        {"resource": of("urn:uuid:4")},
    ]
    found = patient_record(json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), index(), BERLIN)

    assert ("4", "female", 1) == (found.patient.id, found.patient.gender, len(found.entries["sciatica.in"]))
