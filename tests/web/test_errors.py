"""Every error is an OperationOutcome that says what is wrong, and nothing else."""

import gzip
import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cds.engine.part import Part, Whole
from cds.errors import EngineFault
from cds.fhir.write import problems
from cds.loading import load_catalogue
from cds.ruleset.selection import EVERY_RULE
from cds.web.app import application, connections
from tests.hooks.messages import MINIMAL, USUAL, bundle, data, headache, ibuprofen, nsaid_days, request

JSON = {"content_type": "application/json"}
RIGHT = json.dumps(request(prefetch=data())).encode()


ADVISED_ON = json.dumps(request(prefetch=data(headache(), nsaid_days())))


def run_by(part, settings):
    """A client of the application, whose rules another kind of engine runs."""

    def prepared(offer):
        made = part(Whole.of(offer.prepared.program), offer.prepared.program)
        return replace(offer, prepared=replace(offer.prepared, engine=made))

    served = load_catalogue(settings)
    offers = {hook: prepared(offer) for hook, offer in served.by_id["pain"].items()}
    served = replace(served, by_id={"pain": offers})
    return application(settings, served, connections(settings, served)).test_client()


def outcome(response):
    """The status and the words of an error that is well formed."""
    assert "application/fhir+json" == response.content_type
    assert "OperationOutcome" == response.json["resourceType"]
    assert () == problems(response.json)
    return response.status_code, response.json["issue"][0]["diagnostics"]


@pytest.mark.requirement("CH-053", "CH-088", "CH-089")
@pytest.mark.parametrize(
    "body",
    [b"", b"{bad", b"[]", b'"x"', b"null", b"[" * 90_000, b'{"hook":"a","hook":"b"}', b'{"x":"\xff"}', b'{"x":NaN}'],
)
def test_a_body_that_is_no_request_is_refused(client, body):
    assert 400 == outcome(client.post("/cds-services/pain", data=body, **JSON))[0]


@pytest.mark.requirement("CH-043", "CH-087", "CH-088")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/cds-services/nope", 404),
        ("GET", "/nope", 404),
        ("GET", "/cds-services/pain", 405),
        ("PUT", "/cds-services/pain", 405),
        ("DELETE", "/cds-services/pain", 405),
        ("POST", "/cds-services", 405),
    ],
)
def test_there_is_nothing_else(client, method, path, status):
    assert status == outcome(client.open(path, method=method, data=RIGHT, **JSON))[0]


@pytest.mark.requirement("CH-042")
def test_a_service_says_how_it_is_called(client):
    assert "POST" in client.get("/cds-services/pain").headers["Allow"]


@pytest.mark.requirement("CH-012", "CH-042")
@pytest.mark.parametrize("path", ["/cds-services/pain", "/cds-services/pain/"])
def test_a_trailing_slash_is_tolerated(client, path):
    assert 200 == client.post(path, data=RIGHT, **JSON).status_code


@pytest.mark.requirement("CH-003")
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/json;charset=UTF-8", 200),
        ("application/fhir+json", 200),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ],
)
def test_the_body_is_json_in_utf_8(client, content_type, status):
    assert status == client.post("/cds-services/pain", data=RIGHT, content_type=content_type).status_code


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_compressed_body_is_refused(client, encoding):
    headers = {"Content-Encoding": encoding}

    assert 415 == outcome(client.post("/cds-services/pain", data=gzip.compress(RIGHT), headers=headers, **JSON))[0]


@pytest.mark.requirement("CH-054")
@pytest.mark.parametrize(("size", "status"), [(100_000, 200), (100_001, 413), (300_000, 413)])
def test_a_body_has_a_limit(client, size, status):
    response = client.post("/cds-services/pain", data=RIGHT + b" " * (size - len(RIGHT)), **JSON)

    assert status == response.status_code
    assert status == 200 or outcome(response) == (413, "the body may have at most 100000 bytes")


@pytest.mark.requirement("CH-089", "CH-090")
@pytest.mark.parametrize("fault", [EngineFault("the engine failed"), ZeroDivisionError("Geheim")])
def test_a_fault_of_a_rule_fails_the_call(settings, fault, capsys):
    class Broken(Part):
        def infer(self, facts, rules=EVERY_RULE):
            raise fault

    status, words = outcome(run_by(Broken, settings).post("/cds-services/pain", data=ADVISED_ON, **JSON))

    assert 500 == status
    assert "Geheim" not in words + "".join(capsys.readouterr())
    assert "Traceback" not in words


class Forgetful(Part):
    """Runs the rules, and loses what has fired."""

    def infer(self, facts, rules=EVERY_RULE):
        return replace(super().infer(facts, rules), fired=frozenset())


def test_where_the_engine_and_the_plain_evaluator_differ_the_call_fails_and_nothing_is_shown(settings):
    status, words = outcome(run_by(Forgetful, settings).post("/cds-services/pain", data=ADVISED_ON, **JSON))

    assert 500 == status
    assert "the engine and the plain evaluator disagree on P-01.card, P-01.frequent" in words


def test_without_that_check_what_the_engine_says_is_believed(settings):
    unchecked = run_by(Forgetful, replace(settings, cross_check=False))

    assert {"cards": []} == unchecked.post("/cds-services/pain", data=ADVISED_ON, **JSON).json


@pytest.mark.parametrize("path", ["/", "/cds-services", "/healthz", "/readyz", "/nope"])
def test_every_response_has_the_security_headers(client, path):
    headers = client.get(path).headers

    assert ("nosniff", "no-store", "no-referrer") == tuple(
        headers[name] for name in ("X-Content-Type-Options", "Cache-Control", "Referrer-Policy")
    )
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= {*policy}


@pytest.mark.parametrize(
    ("given_id", "kept"), [("abc-12345", True), ("short", False), ("x" * 65, False), ("a b c d e f", False)]
)
def test_a_request_has_an_id(client, given_id, kept):
    found = client.get("/healthz", headers={"X-Request-ID": given_id}).headers["X-Request-ID"]

    assert kept == (found == given_id)
    assert re.fullmatch(r"[A-Za-z0-9._\-]{8,64}", found)


def test_the_index_says_what_is_served(client):
    page = client.get("/").text

    assert "curl http://127.0.0.1:8080/cds-services" in page
    assert "<code>pain</code>" in page
    assert "<script" not in page
    assert "unsafe" not in client.get("/").headers["Content-Security-Policy"]


def test_the_process_says_that_it_lives_and_what_it_has_loaded(client):
    assert {"status": "ok"} == client.get("/healthz").json
    assert {"pain": "1.2.0"} == client.get("/readyz").json["rulesets"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    "hook",
    "hookInstance",
    "context",
    "prefetch",
    "patientId",
    "userId",
    "draftOrders",
    "selections",
    "resourceType",
]
NAMES += ["entry", "resource", "conditions", "observations", "patient", "id", "code", "coding", "subject", "fhirServer"]
FHIR_LIKE = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["Bundle", "Condition", "Patient", "Patient/1", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None)
@given(ANYTHING | FHIR_LIKE)
def test_no_json_is_a_fault_of_ours(client, body):
    response = client.post("/cds-services/pain", data=json.dumps(body), **JSON)

    assert 400 == response.status_code


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(MINIMAL)), FHIR_LIKE | ANYTHING, FHIR_LIKE, st.sampled_from(NAMES))
def test_no_context_and_no_prefetch_is_a_fault_of_ours(client, hook, context, prefetch, name):
    members = context if isinstance(context, dict) else {name: context}
    message = request({**MINIMAL[hook], **members}, {**data(headache(), nsaid_days()), "conditions": prefetch}, hook)

    response = client.post("/cds-services/pain", data=json.dumps(message), **JSON)

    assert response.status_code in (200, 400, 412), response.json


@settings(max_examples=150, deadline=None)
@given(
    FHIR_LIKE,
    st.sampled_from(["code", "status", "subject", "id", "valueQuantity", "onsetDateTime", "medicationCodeableConcept"]),
)
@example("\x85", "id")  # white space, and so no id to cancel the order by
def test_no_resource_is_a_fault_of_ours(client, value, name):
    context = {**USUAL, "draftOrders": bundle(ibuprofen(**{name: value}))}
    message = request(context, data(headache() | {name: value}, nsaid_days() | {name: value}), "order-sign")

    response = client.post("/cds-services/pain", data=json.dumps(message), **JSON)

    assert response.status_code in (200, 400), response.json
