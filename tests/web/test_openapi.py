"""GET /openapi.json: a valid document that says of the service what is true."""

import json
from uuid import uuid4

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from tests.serving import ROOT
from tests.web.closed import CALL, DISCOVERY, FEEDBACK, JSON, PAIN, closed

OPEN = {"/rulesets", "/rulesets/{name}", "/rulesets/{name}/{version}"}
READ_ONLY = {DISCOVERY, "/fhir/{type}", "/fhir/{type}/{id}", *OPEN}
REQUESTS = ROOT / "fhir_samples" / "hooks"


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").json


def schema(document, name):
    """A schema of the document as a schema by itself."""
    return jsonschema_rs.validator_for(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}, validate_formats=True
    )


def faults(document, name, instance):
    return [f"{error.instance_path}: {error.message}" for error in schema(document, name).iter_errors(instance)]


def test_it_is_openapi(document):
    assert "3.1.0" == document["openapi"]
    assert [] == [error.message for error in jsonschema_rs.validator_for(OPENAPI_31).iter_errors(document)]


def test_every_reference_leads_somewhere(document):
    def references(value):
        if isinstance(value, dict):
            yield from ([value["$ref"]] if "$ref" in value else [])
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    def found(reference):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place.get(part, {})
        return place

    assert [] == [each for each in references(document) if not found(each)]


@pytest.mark.requirement("CH-187")
def test_it_has_every_address_and_hook_that_is_served(client, document):
    listed = client.get(DISCOVERY).json["services"]
    asked = {
        path: set(
            item["post"]["requestBody"]["content"]["application/json"]["schema"]["allOf"][1]["properties"]["hook"][
                "enum"
            ]
        )
        for path, item in document["paths"].items()
        if path not in READ_ONLY and not path.endswith("/feedback")
    }

    assert asked == {
        f"{DISCOVERY}/{one['id']}": {other["hook"] for other in listed if other["id"] == one["id"]} for one in listed
    }
    assert {f"{path}/feedback" for path in asked} | READ_ONLY | asked.keys() == document["paths"].keys()


@pytest.mark.requirement("CH-014")
def test_discovery_is_as_it_says(client, document):
    assert [] == faults(document, "Discovery", client.get(DISCOVERY).json)


def test_answers_are_as_it_says(client, document):
    answer = client.post(PAIN, data=CALL, **JSON).json

    assert answer["cards"]
    assert [] == faults(document, "Response", answer)


@pytest.mark.parametrize(
    ("path", "body"), [(PAIN, b"{"), ("/cds-services/nope", CALL), (FEEDBACK, b"[]"), ("/nope", b"")]
)
def test_errors_are_as_it_says(client, document, path, body):
    response = client.post(path, data=body, **JSON)

    assert [] == faults(document, "OperationOutcome", response.json)
    assert path == "/nope" or f"Error{response.status_code}" in document["components"]["responses"]


@pytest.mark.parametrize(
    "name", ["cauda-equina-new-saddle-numbness", "order-sign-naproxen-for-sixty-days-with-migraine"]
)
def test_a_story_is_a_request_as_it_says(document, name):
    story = json.loads((REQUESTS / f"{name}.json").read_bytes()) | {"hookInstance": str(uuid4())}

    assert [] == faults(document, "Request", story)


@pytest.mark.parametrize(
    "change",
    [
        {"hook": ""},
        {"hook": None},
        {"hookInstance": "x"},
        {"context": {"userId": "Practitioner/a"}},
        {"context": {"userId": "a", "patientId": "1"}},
        {"context": []},
        {"fhirAuthorization": {"access_token": "x"}},
        {"prefetch": {"patient": "x"}},
    ],
)
def test_what_is_no_request_is_none_by_it_either(document, change):
    assert faults(document, "Request", json.loads(CALL) | change)


@pytest.mark.parametrize(
    ("entry", "fits"),
    [
        ({"outcome": "accepted", "acceptedSuggestions": [{"id": "x"}]}, True),
        ({"outcome": "overridden", "overrideReason": {"userComment": "no"}}, True),
        ({"outcome": "ignored"}, False),
        ({"outcome": "accepted", "acceptedSuggestions": ["x"]}, False),
        ({"outcome": "overridden", "outcomeTimestamp": "yesterday"}, False),
    ],
)
def test_feedback_is_as_it_says(document, entry, fits):
    message = {"feedback": [{"card": str(uuid4()), "outcomeTimestamp": "2026-11-21T10:05:31Z", **entry}]}

    assert fits == (not faults(document, "Feedback", message))


def test_it_says_where_a_token_is_needed(document, tmp_path):
    def secured(document):
        return {
            path: bool(operation["security"]) for path, item in document["paths"].items() for operation in item.values()
        }

    some = secured(closed(tmp_path).get("/openapi.json").json)
    every = secured(closed(tmp_path, protect_discovery=True).get("/openapi.json").json)

    assert {False} == set(secured(document).values())
    assert {path: path not in READ_ONLY for path in document["paths"]} == some
    assert {path: path not in OPEN for path in document["paths"]} == every
