"""From bytes to resources: what is refused, what is salvaged, what counts as supplied."""

import json

import pytest

from cds.errors import RequestError
from cds.fhir.decode import hook_request
from cds.fhir.read import read
from cds.record import ObservationEntry
from tests.fhir.sending import BERLIN, ICD, LOINC, PATIENT, SUBJECT, UCUM, coded, index

CONDITION = {"resourceType": "Condition", "id": "c1", **SUBJECT, "code": coded(ICD, "M54.31")}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
WARNING = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "not-found"}]}
TYPES = frozenset({"Condition"})


def body(prefetch, **members):
    request = {"hook": "patient-view", "hookInstance": "1", "context": {"patientId": "p1"}, "prefetch": prefetch}
    return json.dumps(request | members).encode()


def searchset(*resources, **members):
    return {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources], **members}


def record(value):
    """The record of a request whose only prefetch key was to supply conditions."""
    sent = hook_request(body({"key": value})).prefetch["key"].supplying(TYPES)
    return read([sent], index(), zone=BERLIN, patient_id="p1")


def test_the_members_are_the_bytes_of_what_was_sent_besides_prefetch():
    request = hook_request(body({}, fhirServer="https://ehr.example.org/fhir", extension={"x": 1}))

    assert {
        "hook": b'"patient-view"',
        "hookInstance": b'"1"',
        "fhirServer": b'"https://ehr.example.org/fhir"',
        "context": b'{"patientId": "p1"}',
        "extension": b'{"x": 1}',
    } == {name: bytes(raw) for name, raw in request.members.items()}


@pytest.mark.parametrize("prefetch", [None, {}])
def test_prefetch_may_be_empty(prefetch):
    assert {} == hook_request(body(prefetch)).prefetch


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the body is empty"),
        (b" \n", "the body is empty"),
        (b'{"a":', "the body is not JSON"),
        (b"{bad", "the body is not JSON (byte 1)"),
        (b'{"a": 1}}', "the body is not JSON (byte 9)"),
        (b'{"prefetch": {"k": NaN}}', "the body is not JSON (byte 19)"),
        (b"\xef\xbb\xbf{}", "the body begins with a byte order mark, which JSON must not have"),
        (b'{"a": "\xff"}', "the text is not UTF-8 (byte 7)"),
        (b'{"a": "\\ud800"}', "the body is not JSON"),
        (b"[]", "the body must be a JSON object"),
        (b'"secret"', "the body must be a JSON object"),
        (b'{"prefetch": ["secret"]}', "prefetch must be an object"),
        (b'{"hook": "patient-view", "prefetch": 7}', "prefetch must be an object"),
        (b'{"prefetch": {"k": ' + b"[" * 100_000, "the body is nested too deeply"),
    ],
)
def test_what_is_no_hook_request_is_refused_with_the_place_and_without_the_content(content, message):
    with pytest.raises(RequestError) as refused:
        hook_request(content)

    assert message == str(refused.value)


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (None, "sent"),
        (searchset(), "sent"),
        ({"resourceType": "Bundle", "total": 0}, "sent"),
        (CONDITION, "sent"),
        (OUTCOME, "failed"),
        ({"response": {"status": "200"}, "resource": CONDITION}, "unreadable"),
        ({"resourceType": "Nonsense"}, "unreadable"),
        ("text", "unreadable"),
        (7, "unreadable"),
        ([CONDITION], "unreadable"),
    ],
)
def test_every_prefetch_value_has_a_state(value, state):
    assert state == hook_request(body({"key": value})).prefetch["key"].state


@pytest.mark.parametrize(
    ("value", "count", "why"),
    [
        (None, 0, None),
        (searchset(), 0, None),
        (searchset(CONDITION), 1, None),
        (CONDITION, 1, None),
        (searchset(CONDITION, WARNING), 1, None),
        (searchset(CONDITION, OUTCOME), 1, "the client could not read all of it"),
        (OUTCOME, 0, "the client could not read it"),
        (WARNING, 0, "the client could not read it"),
        ("text", 0, "what was sent is not a FHIR resource"),
        (searchset(CONDITION, link=[{"relation": "next", "url": "x"}]), 1, "only its first page was sent"),
        (searchset(CONDITION, total=2), 1, "only its first page was sent"),
        (searchset(CONDITION, total=1), 1, None),
        (searchset() | {"entry": None}, 0, None),
        (searchset() | {"entry": "text"}, 0, "one that may matter could not be read"),
        (searchset() | {"entry": [7]}, 0, "one that may matter could not be read"),
        (searchset() | {"entry": [{"fullUrl": "urn:uuid:1"}]}, 0, "one that may matter could not be read"),
        (searchset(CONDITION, {"no": "type"}), 1, "one that may matter could not be read"),
        (searchset(CONDITION, searchset(CONDITION)), 1, "one that may matter could not be read"),
        (searchset(CONDITION, {"resourceType": "Nonsense"}), 1, None),
        (searchset(CONDITION, {"resourceType": "Basic", "code": 7}), 1, None),
    ],
)
def test_data_count_as_supplied_when_nothing_of_them_is_missing(value, count, why):
    found = record(value)

    assert count == len(found.entries.get("sciatica.in", ()))
    assert (frozenset() if why else TYPES) == found.supplied
    assert ({"Condition": why} if why else {}) == found.unavailable


@pytest.mark.parametrize(
    ("bad", "lost"),
    [
        ({"onsetDateTime": 5}, "onsetDateTime"),
        ({"recordedDate": {}}, "recordedDate"),
        ({"bodySite": 3}, "bodySite"),
        ({"code": {"coding": [{"system": 1}, {"system": ICD, "code": "M54.31"}]}}, "code.coding[0]"),
        ({"code": {"coding": [{"system": ICD, "code": "M54.31"}], "text": []}}, "code.text"),
        ({"id": 17}, "id"),
    ],
)
def test_a_member_that_cannot_be_read_costs_neither_its_resource_nor_its_neighbours(bad, lost):
    found = record(searchset(CONDITION | {"id": "c2"}, CONDITION | bad))

    assert 2 == len(found.entries["sciatica.in"])
    assert TYPES == found.supplied
    assert (f"prefetch.key.entry[1].resource.{lost}".replace(".resource.bodySite", ".bodySite"),) == found.unreadable


@pytest.mark.parametrize("bad", [{"code": "M54.31"}, {"subject": []}])
def test_a_resource_without_a_decisive_member_is_not_read(bad):
    found = record(searchset(CONDITION | {"id": "c2"}, CONDITION | bad))

    assert (1, frozenset()) == (len(found.entries["sciatica.in"]), found.supplied)


def test_what_could_not_be_read_and_nobody_asks_for_takes_nothing_away():
    other = CONDITION | {"code": coded(ICD, "J06.9"), "subject": []}

    assert TYPES == record(searchset(CONDITION, other)).supplied


def test_a_number_too_large_for_any_measurement_is_no_value():
    weight = {"resourceType": "Observation", "id": "o1", **SUBJECT, "status": "final", "code": coded(LOINC, "9187-6")}
    sent = body({"key": weight | {"valueQuantity": {"value": "1e400", "code": "mL", "system": UCUM}}})
    request = hook_request(sent.replace(b'"1e400"', b"1e400"))
    found = read(list(request.prefetch.values()), index(), zone=BERLIN, patient_id="p1")

    assert [None] == [each.value for each in found.entries["pvr.in"] if isinstance(each, ObservationEntry)]
    assert ("prefetch.key.valueQuantity",) == found.unreadable


def test_bad_neighbours_under_other_keys_do_no_harm():
    request = hook_request(body({"bad": "text", "worse": {"response": 1}, "patient": PATIENT, "good": CONDITION}))
    found = read(list(request.prefetch.values()), index(), zone=BERLIN, patient_id="p1")

    assert ("female", 1) == (found.patient.gender, len(found.entries["sciatica.in"]))


def test_draft_orders_are_read_whatever_they_are_for():
    drafts = [
        {"resourceType": "MedicationRequest", "id": "m1", **SUBJECT, "status": "draft", "intent": "plan"},
        {"resourceType": "ServiceRequest", "id": "s1", **SUBJECT, "status": "draft", "code": {"text": "Massage"}},
        {"resourceType": "ServiceRequest", "id": "s2", "subject": {"reference": "Patient/p2"}, "status": "draft"},
        {"resourceType": "MedicationRequest", "id": "m2", **SUBJECT, "status": "entered-in-error"},
        {"resourceType": "NutritionOrder", "id": "n1"},
    ]
    sent = hook_request(body({"drafts": searchset(*drafts)})).prefetch["drafts"]
    found = read([], index(), zone=BERLIN, patient_id="p1", drafts=sent)

    assert ["MedicationRequest/m1", "ServiceRequest/s1"] == [each.reference for each in found.drafts]
    assert [True, True] == [each.draft for each in found.drafts]
    assert ({}, 1) == (found.entries, found.foreign)
