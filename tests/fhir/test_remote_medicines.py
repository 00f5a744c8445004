import json

import pytest

from cds.fhir.decode import Sent, bundle_file
from cds.fhir.read import read
from cds.fhir.remote.medicines import AT_MOST, unresolved
from tests.fhir.remote import remote
from tests.fhir.sending import BERLIN, PATIENT, RXNORM, SUBJECT, coded, index
from tests.outbound.serving import by_path, says

BASE = "https://ehr.test/fhir"


def order(reference: str | None, **members) -> dict:
    medicine = {} if reference is None else {"medicationReference": {"reference": reference, "display": "a tablet"}}
    return {
        "resourceType": "MedicationRequest", "id": "r1", "status": "active", "intent": "order",
        "authoredOn": "2026-01-01", **SUBJECT, **medicine, **members,
    }  # fmt: skip


def medicine(name: str = "m1") -> dict:
    return {"resourceType": "Medication", "id": name, "code": coded(RXNORM, "5640", "ibuprofen")}


def sent(*resources: dict, full_url: str = ""):
    entries = [{"resource": each, **({"fullUrl": full_url} if full_url else {})} for each in resources]
    return bundle_file(json.dumps({"resourceType": "Bundle", "entry": entries}).encode())


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("Medication/m1", ("Medication/m1",)),
        ("Medication/m1/_history/2", ("Medication/m1",)),
        (f"{BASE}/Medication/m1", ("Medication/m1",)),
        ("https://other.test/fhir/Medication/m1", ()),
        ("https://ehr.test/fhir/../Medication/m1", ()),
        ("#m1", ()),
        ("urn:uuid:00000000-0000-0000-0000-000000000001", ()),
        ("Substance/m1", ()),
        ("Medication/../Patient/p2", ()),
        ("Medication/m1?_format=xml", ()),
        ("Medication/", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_a_medicine_that_did_not_come_along_is_asked_for_at_its_own_server(reference, expected):
    assert unresolved([sent(order(reference))], BASE) == expected


@pytest.mark.parametrize(
    ("reference", "along"),
    [
        ("Medication/m1", sent(medicine())),
        ("Medication/m1/_history/2", sent(medicine())),
        (f"{BASE}/Medication/m1", sent(medicine())),
        (f"{BASE}/Medication/x", sent(medicine(), full_url=f"{BASE}/Medication/x")),
    ],
)
def test_one_that_came_along_is_not(reference, along):
    assert unresolved([sent(order(reference)), along], BASE) == ()


@pytest.mark.parametrize("kind", ["Request", "Statement", "Dispense", "Administration"])
def test_every_use_of_a_medicine_may_refer_to_it(kind):
    use = {"resourceType": f"Medication{kind}", **SUBJECT, "medicationReference": {"reference": "Medication/m1"}}
    r5 = {"resourceType": f"Medication{kind}", **SUBJECT, "medication": {"reference": {"reference": "Medication/m2"}}}

    assert unresolved([sent(use, r5, use)], BASE) == ("Medication/m1", "Medication/m2")


def test_at_most_fifty_are_asked_for():
    many = [order(f"Medication/m{number}") for number in range(AT_MOST + 1)]

    assert len(unresolved([sent(*many[:AT_MOST])], BASE)) == AT_MOST
    assert len(unresolved([sent(*many)], BASE)) == AT_MOST


def test_what_is_read_explains_the_order():
    with remote(by_path({"/fhir/Medication/m1": says(medicine())})) as far:
        ordered = sent(PATIENT, order("Medication/m1"))
        (name,) = unresolved([ordered], far.access.base)
        found = far.reads.read(far.access, {name: name}, seconds=5)
        read_one = found[name]
        assert isinstance(read_one, Sent)
        record = read([ordered, read_one], index(), zone=BERLIN, patient_id="p1")

        assert [entry.text for entry in record.entries["nsaid.in"]] == ["ibuprofen"]
