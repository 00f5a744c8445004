"""The moments of a life: when an EHR would have called, and what was on record by then."""

import json
from datetime import UTC, date, datetime

import pytest

from cds.errors import InputError
from cds.population.history import moments

PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}
FLU = {
    "resourceType": "Condition",
    "id": "flu",
    "recordedDate": "2020-01-10T09:00:00Z",
    "abatementDateTime": "2020-01-20",
    "clinicalStatus": {"coding": [{"code": "resolved"}]},
}
WEIGHT = {"resourceType": "Observation", "id": "weight", "effectiveDateTime": "2021-06-01T10:00:00Z"}


def visit(name, start, end=None, status="finished"):
    period = {"start": start, **({"end": end} if end else {})}
    return {"resourceType": "Encounter", "id": name, "status": status, "period": period}


def order(name, authored, kind="MedicationRequest", intent="order", status="stopped"):
    return {"resourceType": kind, "id": name, "authoredOn": authored, "intent": intent, "status": status}


def lived(*resources, since=date.min):
    bundle = {"resourceType": "Bundle", "entry": [{"fullUrl": f"urn:{r['id']}", "resource": r} for r in resources]}
    return list(moments(json.dumps(bundle).encode(), UTC, since))


def ids(bundle):
    return [entry["resource"]["id"] for entry in json.loads(bundle)["entry"]]


def test_every_visit_is_looked_at_when_it_ends_with_what_was_on_record_by_then():
    found = lived(
        PATIENT,
        visit("first", "2020-01-10T09:00:00Z", "2020-01-10T09:30:00Z"),
        FLU,
        WEIGHT,
        visit("second", "2021-06-01T10:00:00Z"),
    )

    assert [(one.at, one.hook, ids(one.known)) for one in found] == [
        (datetime(2020, 1, 10, 9, 30, tzinfo=UTC), "patient-view", ["p", "first", "flu"]),
        (datetime(2021, 6, 1, 10, tzinfo=UTC), "patient-view", ["p", "first", "flu", "weight", "second"]),
    ]


@pytest.mark.parametrize("at, status", [("2020-01-19T23:59:00Z", "active"), ("2020-01-20T00:00:00Z", "resolved")])
def test_a_problem_that_has_ended_since_was_active_then(at, status):
    (found,) = lived(PATIENT, FLU, visit("v", at))
    flu = json.loads(found.known)["entry"][1]["resource"]

    assert flu["clinicalStatus"]["coding"][0]["code"] == status
    assert ("abatementDateTime" in flu) == (status == "resolved")


def test_orders_of_one_instant_are_signed_together_and_are_not_on_record_yet():
    found = lived(
        PATIENT,
        order("old", "2019-01-01"),
        order("one", "2020-01-10"),
        order("two", "2020-01-10", "ServiceRequest"),
        order("plan", "2020-01-10", intent="plan"),
    )
    signed = found[1]

    assert [one.hook for one in found] == ["order-sign", "order-sign", "patient-view"]
    assert (ids(signed.drafts), ids(signed.known)) == (["one", "two"], ["p", "old", "plan"])
    assert {entry["resource"]["status"] for entry in json.loads(signed.drafts)["entry"]} == {"draft"}


@pytest.mark.parametrize("status", ["draft", "entered-in-error"])
def test_an_order_that_was_never_signed_is_not_signed(status):
    found = lived(PATIENT, order("one", "2020-01-10", status=status))

    assert [(one.hook, ids(one.known)) for one in found] == [("patient-view", ["p", "one"])]


def test_an_order_of_a_visit_is_signed_before_the_visit_ends():
    found = lived(PATIENT, order("one", "2020-01-10T09:00:00Z"), visit("v", "2020-01-10T09:00:00Z"))

    assert [(one.hook, ids(one.known)) for one in found] == [
        ("order-sign", ["p", "v"]),
        ("patient-view", ["p", "one", "v"]),
    ]


@pytest.mark.parametrize("status", ["planned", "cancelled", "entered-in-error"])
def test_a_visit_that_did_not_take_place_is_none(status):
    found = lived(PATIENT, WEIGHT, visit("v", "2022-01-01", status=status))

    assert [ids(one.known) for one in found] == [["p", "weight", "v"]]  # once, on the last day it tells of


def test_a_summary_without_visits_is_looked_at_on_the_last_day_it_tells_of():
    (found,) = lived(PATIENT, FLU, WEIGHT)

    assert (found.at, found.hook) == (datetime(2021, 6, 1, 10, tzinfo=UTC), "patient-view")


def test_a_record_without_any_date_has_no_moment():
    assert lived(PATIENT) == []


@pytest.mark.parametrize("since, number", [(date(2020, 1, 10), 2), (date(2020, 1, 11), 1), (date(2021, 6, 2), 0)])
def test_what_was_before_a_day_is_not_played_again(since, number):
    found = lived(PATIENT, visit("first", "2020-01-10T09:00:00Z"), visit("second", "2021-06-01T10:00:00Z"), since=since)

    assert len(found) == number


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"entry": 1}',
        b'{"entry": [1]}',
        b'{"entry": [{}]}',
        b'{"entry": [{"resource": [["resourceType", "Patient"]]}]}',
    ],
)
def test_what_is_no_bundle_is_refused(content):
    with pytest.raises(InputError, match="not a Bundle with entries"):
        list(moments(content, UTC))
