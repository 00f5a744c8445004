"""Resources and messages that nobody of this project wrote: all of them go through."""

import json
from math import inf
from pathlib import Path

import pytest

from cds.clinical import Coding
from cds.errors import RequestError
from cds.fhir.bundle import patient_record
from cds.fhir.decode import hook_request
from cds.fhir.read import read
from cds.ruleset.codes import CodeIndex
from cds.ruleset.model import Codes
from tests.fhir.sending import BERLIN

REAL = Path(__file__).parents[2] / "fhir_samples" / "real"
BUNDLES = sorted([*REAL.glob("ips/*.json"), *REAL.glob("synthea/*.json")])
EXAMPLES = sorted(REAL.glob("hl7-r4-examples/*.json"))
MESSAGES = sorted(REAL.glob("hook-messages/*.json"))
NOT_JSON = "request-example-rec"  # published with a closing brace too many


def codings(value):
    """Every coding anywhere in a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("system"), str) and isinstance(value.get("code"), str):
            yield Coding(value["system"], value["code"])
        for member in value.values():
            yield from codings(member)
    elif isinstance(value, list):
        for element in value:
            yield from codings(element)


def asking_for_all_of(content: bytes) -> CodeIndex:
    codes = Codes(codings=tuple(set(codings(json.loads(content)))))
    return CodeIndex({"all.in": codes}, {}, {}, visits_within=inf)


def named(paths):
    return {"argvalues": paths, "ids": [path.stem[:30] for path in paths]}


@pytest.mark.parametrize("path", **named(BUNDLES))
def test_every_resource_of_a_real_bundle_can_be_read(path):
    content = path.read_bytes()
    record = patient_record(content, asking_for_all_of(content), BERLIN)

    assert ((), {}, 0) == (record.unreadable, record.unavailable, record.foreign)


def test_as_many_entries_are_read_as_a_real_bundle_holds():
    content = (REAL / "synthea" / next(path.name for path in BUNDLES if "Jacob" in path.name)).read_bytes()
    sent = [entry["resource"] for entry in json.loads(content)["entry"]]
    record = patient_record(content, asking_for_all_of(content), BERLIN)
    read_types = {"Condition", "Procedure", "MedicationRequest", "DiagnosticReport"}

    for kind in read_types:
        expected = {resource["id"] for resource in sent if resource["resourceType"] == kind}
        found = {entry.reference.split("/")[1] for entry in record.entries["all.in"] if entry.type == kind}
        assert (kind, expected) == (kind, found)
    assert sum(resource["resourceType"] == "Encounter" for resource in sent) == len(record.encounters)


@pytest.mark.parametrize("path", **named(EXAMPLES))
def test_every_example_of_the_standard_can_be_read(path):
    content = path.read_bytes()
    sent = json.loads(content)
    subject = sent.get("subject") or sent.get("patient") or {"reference": f"Patient/{sent['id']}"}
    patient = subject["reference"].split("/")[1]
    record = patient_record(content, asking_for_all_of(content), BERLIN, patient_id=patient)

    assert ((), {}, 0) == (record.unreadable, record.unavailable, record.foreign)


@pytest.mark.parametrize("path", **named([path for path in MESSAGES if NOT_JSON not in path.name]))
def test_every_real_hook_message_can_be_read(path):
    request = hook_request(path.read_bytes())
    sent = list(request.prefetch.values())
    record = read(
        sent,
        asking_for_all_of(path.read_bytes()),
        zone=BERLIN,
        patient_id=json.loads(bytes(request.members["context"]))["patientId"],
    )

    assert ["sent"] * len(sent) == [each.state for each in sent]
    assert {} == record.unavailable


@pytest.mark.parametrize("path", **named([path for path in MESSAGES if NOT_JSON in path.name]))
def test_a_message_that_is_no_json_is_refused_at_the_byte(path):
    with pytest.raises(RequestError, match=rf"\(byte {len(path.read_bytes().rstrip())}\)"):
        hook_request(path.read_bytes())
