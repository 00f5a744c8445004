"""What CDS Hooks asks of every service and of all its answers together."""

import json
import re
import uuid

import pytest
from markupsafe import escape

from cds.hooks.library import HOOKS
from tests import shipped
from tests.hooks.messages import MINIMAL, USUAL, bundle, data, headache, ibuprofen, nsaid_days, request, thunderclap
from tests.web.test_service import about_orders, call, cards, masked, rules


def once(pairs):
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names)
    return dict(pairs)


def no_number(text):
    raise AssertionError(f"{text} is no JSON")


def strict(body):
    """As the strictest of clients reads it: UTF-8, no member twice, no NaN."""
    return json.loads(body.decode("utf-8"), object_pairs_hook=once, parse_constant=no_number)


RIGHT = json.dumps(request(prefetch=data(headache(), nsaid_days(4), thunderclap())))
FEEDBACK = {
    "card": str(uuid.uuid4()),
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": str(uuid.uuid4())}],
    "outcomeTimestamp": "2026-11-21T10:00:00Z",
}


@pytest.mark.requirement("CH-001", "CH-002", "CH-003", "CH-087", "CH-088")
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/cds-services", "", 200),
        ("POST", "/cds-services/pain", RIGHT, 200),
        ("POST", "/cds-services/pain", "{bad", 400),
        ("POST", "/cds-services/nope", RIGHT, 404),
        ("GET", "/nope", "", 404),
        ("GET", "/cds-services/pain", "", 405),
        ("POST", "/cds-services/pain", json.dumps(request()), 412),
        ("POST", "/cds-services/pain", RIGHT + " " * 100_000, 413),
        ("POST", "/cds-services/pain/feedback", json.dumps({"feedback": [FEEDBACK]}), 200),
        ("POST", "/cds-services/pain/feedback", json.dumps([FEEDBACK]), 400),
        ("GET", "/cds-services/pain/feedback", "", 405),
    ],
)
def test_every_body_is_strict_json(client, method, path, body, status):
    response = client.open(path, method=method, data=body, content_type="application/json")

    answered = strict(response.data) if response.data else {}
    assert status == response.status_code
    assert not response.data or response.content_type in ("application/json", "application/fhir+json")
    assert (status >= 400) == (answered.get("resourceType") == "OperationOutcome")


@pytest.mark.requirement("CH-008", "CH-009", "CH-052", "CH-182", "CH-184", "CH-189")
@pytest.mark.parametrize(
    "members",
    [
        {"x": 1, "systemActions": "yes"},
        {
            "extension": {
                "com.example.configuration": {"max-cards": 0},
                "com.example.text": "x",
                "com.example.list": [1],
            }
        },
        {"extension": None, "fhirServer": None, "fhirAuthorization": None},
        {"extension": {}, "fhirServer": "", "fhirAuthorization": {}},
        {"context": {**USUAL, "encounterId": None, "newInTheNextVersion": {"x": [None]}}},
        {"fhirServer": "https://ehr.example.org/fhir", "fhirAuthorization": {"x": 1}},
    ],
)
def test_what_a_client_adds_changes_nothing(client, members):
    usual = json.loads(RIGHT)

    plain, more = (call(client, message) for message in (usual, {**usual, **members}))

    assert (200, 200) == (plain.status_code, more.status_code)
    assert masked(plain.text) == masked(more.text)


@pytest.mark.requirement("CH-019", "CH-016", "CH-191")
def test_every_service_listed_answers_at_its_address(client):
    listed = client.get("/cds-services").json["services"]

    statuses = {
        (one["id"], one["hook"]): call(
            client, request(MINIMAL[one["hook"]], data(), one["hook"]), one["id"]
        ).status_code
        for one in listed
    }

    assert {200} == set(statuses.values())
    assert all(re.fullmatch(r"[A-Za-z0-9\-._~]+", name) and name != "feedback" for name, _ in statuses)


@pytest.mark.requirement("CH-022", "CH-023")
def test_the_versions_are_those_of_the_specification_and_of_the_hook(client):
    published = {
        "patient-view": "1.0",
        "order-select": "1.0",
        "order-sign": "1.0",
        "order-dispatch": "1.1",
        "appointment-book": "1.0",
        "encounter-start": "1.0",
        "encounter-discharge": "1.0",
        "medication-refill": "0.1.0",
        "medication-verify": "0.1.0",
        "allergyintolerance-create": "0.1.0",
        "problem-list-item-create": "0.1.0",
    }
    listed = client.get("/cds-services").json["services"]

    assert published == {one["hook"]: one["hookVersion"] for one in listed}
    assert {"2.0.1"} == {one["version"] for one in listed}


@pytest.mark.requirement("CH-010", "CH-021")
def test_what_a_service_needs_beforehand_is_listed(client):
    """What its author says of it, or else what holds for every service."""
    needs = {one["id"]: one["usageRequirements"] for one in client.get("/cds-services").json["services"]}

    assert needs["pain"].startswith("Supply every prefetch key. ")
    assert needs["order-only"].startswith("Reads FHIR R4. ")


@pytest.mark.requirement("CH-187")
def test_a_person_may_read_what_every_service_does(client):
    page = client.get("/").text

    for one in client.get("/cds-services").json["services"]:
        assert all(str(escape(one[name])) in page for name in ("id", "hook", "title", "description"))


@pytest.mark.requirement("CH-185")
@pytest.mark.parametrize("later", ["patient-view", "encounter-start", "order-sign"])
def test_a_later_call_tells_again_what_still_holds(client, later):
    chart = (headache(), nsaid_days(4))

    first, again = cards(client, *chart), cards(client, *chart, hook=later, context=MINIMAL[later])

    assert {"P-01.card@1.2.0"} <= {rule for found in rules(first) for rule in found}
    assert {"P-01.card@1.2.0"} <= {rule for found in rules(again) for rule in found}


@pytest.mark.requirement("CH-203")
def test_an_encounter_may_start_again_with_another_user(client):
    contexts = ({**MINIMAL["encounter-start"], "userId": user} for user in ("Practitioner/a", "PractitionerRole/b"))

    first, again = (
        rules(cards(client, headache(), nsaid_days(4), hook="encounter-start", context=each)) for each in contexts
    )

    assert [["P-01.card@1.2.0"]] == first == again


@pytest.mark.requirement("CH-195")
@pytest.mark.parametrize("status", ["draft", "active", "on-hold"])
def test_an_order_that_is_signed_again_is_advised_on_whatever_its_status(client, status):
    [card] = about_orders(client, {**USUAL, "draftOrders": bundle(ibuprofen("one", status=status))})

    assert status == card["suggestions"][0]["actions"][0]["resource"]["status"]


@pytest.mark.requirement("CH-113")
def test_what_goes_together_in_a_suggestion_does_not_contradict_itself():
    """An order is changed or cancelled, once; what is created is created once."""
    offered = [
        (rule.id, suggestion)
        for ruleset in shipped.knowledge().rulesets.values()
        for rule in ruleset.rules
        if rule.card
        for suggestion in rule.card.suggest
    ]
    wrong = [
        name
        for name, suggestion in offered
        if sum(action.type != "create" for action in suggestion.actions) > 1
        or len({repr(action.template) for action in suggestion.actions}) < len(suggestion.actions)
    ]

    assert offered
    assert [] == wrong


@pytest.mark.requirement("CH-016", "CH-188", "CH-204")
def test_the_shipped_services_are_at_hooks_of_the_library_that_are_not_replaced():
    hooks = {service.hook for service in shipped.knowledge().services}

    assert hooks <= {name for name, hook in HOOKS.items() if not hook.deprecated}
