"""What a request leaves out: read from its FHIR server, left unread, refused; and always the same cards."""

import json
import time
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, combinations
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from cds.errors import MissingData, RequestError
from cds.fhir.remote.reads import Access, Reads
from cds.fhir.remote.servers import FhirServer
from cds.hooks.access import Remote
from cds.hooks.answer import answer
from cds.hooks.catalogue import catalogue
from cds.hooks.gathering import gathered
from cds.hooks.prefetch import PATIENT_ID, Template, supply
from cds.hooks.received import received
from cds.ruleset.load import load
from tests.hooks.messages import USUAL, bundle, condition, ibuprofen, observation, patient, request
from tests.hooks.test_system_actions import warfarin
from tests.outbound.serving import hangs, outbound, serving

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
TOKEN = "a-token-of-this-test"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
WARNED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "incomplete"}]}
ULCER = condition("13200003", "Peptic ulcer", "ulcer")
POOR = observation("http://loinc.org", "98979-8", 20, "mL/min/{1.73_m2}", "gfr")
CHART = {
    "Patient": [patient()],
    "Condition": [ULCER],
    "MedicationRequest": [warfarin(status="active", authoredOn="2026-11-01")],
    "Observation": [POOR],
}
KEYS = {
    "patient": "Patient",
    "conditions": "Condition",
    "medicationAdministrations": "MedicationAdministration",
    "medicationDispenses": "MedicationDispense",
    "medicationRequests": "MedicationRequest",
    "medicationStatements": "MedicationStatement",
    "observations": "Observation",
    "questionnaireResponses": "QuestionnaireResponse",
}


@pytest.fixture(scope="module")
def served():
    return catalogue(load(Path(__file__).with_name("orders")))


class Ehr:
    """A FHIR server with a chart on a real socket. ``faults``: by type or query, the status it answers with instead."""

    base: str
    remote: Remote

    def __init__(self, chart, faults, pages):
        self.chart, self.faults, self.pages = chart, faults, pages
        self.tokens: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, exchange):
        parts = urlsplit(exchange.path)
        kind, _, ident = parts.path.removeprefix("/fhir/").partition("/")
        self.asked.append(exchange.path.removeprefix("/fhir/"))
        self.tokens.add(exchange.headers.get("Authorization", ""))
        if fault := self.faults.get(kind) or self.faults.get(self.asked[-1]):
            exchange.send(fault, b"{}", {})
        elif ident:
            found = next((one for one in self.chart.get(kind, ()) if one["id"] == ident), OUTCOME)
            exchange.send(404 if found is OUTCOME else 200, json.dumps(found).encode(), {})
        else:
            page = int(parse_qs(parts.query).get("page", ["0"])[0])
            exchange.send(200, json.dumps(self._page(kind, page, exchange)).encode(), {})

    def _page(self, kind, page, exchange):
        size = self.pages.get(kind, 100)
        resources = self.chart.get(kind, [])
        link = {}
        if len(resources) > (page + 1) * size:
            host = exchange.headers["Host"]
            link = {"link": [{"relation": "next", "url": f"http://{host}/fhir/{kind}?page={page + 1}"}]}
        return bundle(*resources[page * size : (page + 1) * size], **link)

    @property
    def types(self):
        return sorted(query.partition("?")[0].partition("/")[0] for query in self.asked)


@contextmanager
def ehr(chart=CHART, *, faults=None, pages=None, seconds=5.0):
    """A server with its chart, and what its caller may have read of it."""
    held = Ehr(chart, faults or {}, pages or {})
    with serving(held) as server, outbound() as opened:
        base = f"http://127.0.0.1:{server.server_port}/fhir"
        held.base = base
        held.remote = Remote((FhirServer(base, "cds-service"),), Reads(opened), seconds, time.monotonic())
        yield held


def token(**members):
    return {
        "access_token": TOKEN,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": "cds-service",
        **members,
    }


def call(held, prefetch=None, hook="patient-view", context=None, **members):
    reading = {"fhirServer": held.base, "fhirAuthorization": token()} if held else {}
    return orjson.dumps(request(context, prefetch, hook, **{**reading, **members}))


def cards(served, body, remote, service="orders"):
    found = answer(
        served.offers(service), body, now=NOW, new_id=lambda: str(uuid.uuid4()), max_cards=6, remote=remote
    ).response["cards"]
    return [{key: value for key, value in card.items() if key != "uuid"} for card in found]


def summaries(served, body, remote, service="orders"):
    return [card["summary"] for card in cards(served, body, remote, service)]


def refusal(served, body, remote, service="orders"):
    with pytest.raises(MissingData) as caught:
        cards(served, body, remote, service)
    return list(caught.value.diagnostics)


def full(chart=CHART):
    """Every key as prefetch, as the server of the chart would answer it."""
    return {
        key: chart["Patient"][0] if kind == "Patient" else bundle(*chart.get(kind, ())) for key, kind in KEYS.items()
    }


def subsets(names):
    return chain.from_iterable(combinations(names, count) for count in range(len(names) + 1))


@pytest.mark.requirement("CH-061", "CH-062", "CH-067", "CH-071", "CH-072", "CH-073")
def test_whatever_part_is_sent_the_cards_are_the_same_and_only_the_rest_is_read(served):
    everything = full()
    expected = cards(served, call(None, everything), None)
    wrong = []
    with ehr() as held:
        for sent in subsets(KEYS):
            held.asked.clear()
            found = cards(served, call(held, {key: everything[key] for key in sent}), held.remote)
            if found != expected or held.types != sorted(kind for key, kind in KEYS.items() if key not in sent):
                wrong.append(sent)

    assert ["Anticoagulant and peptic ulcer"] == [card["summary"] for card in expected]
    assert [] == wrong
    assert {f"Bearer {TOKEN}"} == held.tokens


def test_the_record_of_a_call_says_what_was_read(served):
    with ehr() as held:
        everything = {key: value for key, value in full().items() if key not in ("conditions", "observations")}
        found = received(served.offers("orders"), call(held, everything), NOW, held.remote)

    assert ({"Condition", "Observation"}, ()) == (set(found.read), found.remarks)


@pytest.mark.requirement("CH-064", "CH-069")
@pytest.mark.parametrize("empty", [None, {"resourceType": "Bundle"}, bundle(), bundle(total=0)])
def test_what_the_client_has_none_of_is_not_asked_for_again(served, empty):
    with ehr() as held:
        found = cards(served, call(held, {**full(), "conditions": empty}), held.remote)

    assert (["eGFR 20 mL/min/1.73 m², no ulcer known"], []) == ([card["summary"] for card in found], held.asked)


@pytest.mark.requirement("CH-065", "CH-068")
def test_what_the_client_failed_to_read_is_not_asked_for_again(served):
    with ehr() as held:
        body = call(held, {**full(), "conditions": OUTCOME})
        found = summaries(served, body, held.remote)

    assert (["Not all data were supplied: 2 checks were not made"], []) == (found, held.asked)


@pytest.mark.requirement("CH-065", "CH-067")
def test_what_is_indispensable_and_failed_is_refused(served):
    with ehr() as held:
        body = call(held, {**full(), "medicationRequests": OUTCOME})
        told = refusal(served, body, held.remote)

    assert (["prefetch.medicationRequests: the client could not read it"], []) == (told, held.asked)


@pytest.mark.requirement("CH-070")
@pytest.mark.parametrize("value", ["x", 7, [], ULCER, {"response": {"status": "200"}, "resource": bundle()}])
def test_what_is_no_answer_to_the_query_is_read(served, value):
    with ehr() as held:
        found = summaries(served, call(held, {**full(), "medicationRequests": value}), held.remote)

    assert (["Anticoagulant and peptic ulcer"], ["MedicationRequest"]) == (found, held.types)


@pytest.mark.requirement("CH-065")
def test_a_partial_failure_is_used_and_not_read_again(served):
    body = {**full(), "observations": bundle(WARNED), "conditions": bundle(ULCER, WARNED)}
    with ehr() as held:
        found = summaries(served, call(held, body), held.remote)

    assert (["Anticoagulant and peptic ulcer"], []) == (found[:1], held.asked)


@pytest.mark.requirement("CH-066", "CH-073")
def test_the_next_pages_of_what_was_sent_are_read(served):
    chart = {**CHART, "MedicationRequest": [ibuprofen(status="active"), *CHART["MedicationRequest"]]}
    with ehr(chart, pages={"MedicationRequest": 1}) as held:
        following = [{"relation": "next", "url": f"{held.base}/MedicationRequest?page=1"}]
        first = bundle(ibuprofen(status="active"), link=following)
        found = summaries(served, call(held, {**full(), "medicationRequests": first}), held.remote)

    assert (["Anticoagulant and peptic ulcer"], ["MedicationRequest?page=1"]) == (found, held.asked)
    assert {f"Bearer {TOKEN}"} == held.tokens


@pytest.mark.requirement("CH-066", "CH-068")
def test_what_could_be_read_only_in_part_is_incomplete(served):
    chart = {**CHART, "MedicationRequest": [*CHART["MedicationRequest"], ibuprofen(status="active")]}
    with ehr(chart, pages={"MedicationRequest": 1}, faults={"MedicationRequest?page=1": 500}) as held:
        found = received(served.offers("orders"), call(held), NOW, held.remote).record
        shown = summaries(served, call(held), held.remote)

    assert {"MedicationRequest": "its server failed"} == found.unavailable
    assert "MedicationRequest" not in found.supplied
    assert ["Anticoagulant and peptic ulcer"] == shown[:1]


PARTS = (
    Template("observations", "Observation", f"Observation?patient={PATIENT_ID}&code=1"),
    Template("observations2", "Observation", f"Observation?patient={PATIENT_ID}&code=2"),
)


@pytest.mark.requirement("CH-062", "CH-068")
@pytest.mark.parametrize(
    ("faults", "unavailable"),
    [
        ({}, {}),
        ({"Observation?patient=1&code=2": 500}, {"Observation": "not supplied, and its server failed"}),
        ({"Observation?patient=1&code=1": 403}, {"Observation": "not supplied"}),
    ],
)
def test_a_type_under_several_keys_needs_all_of_them(faults, unavailable):
    with ehr(faults=faults) as held:
        access = Access(held.base, TOKEN)
        found = gathered(supply(PARTS, {}), "1", access, held.remote)

    assert unavailable == found.unavailable
    assert ["observations", "observations2"] == sorted([*found.sent, *found.lacking])


@pytest.mark.requirement("CH-066")
@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:9/fhir/MedicationRequest?page=1", "", "MedicationRequest?x"])
def test_a_next_page_that_is_somewhere_else_is_not_read(served, elsewhere):
    first = bundle(*CHART["MedicationRequest"], link=[{"relation": "next", "url": elsewhere}])
    with ehr() as held:
        found = received(
            served.offers("orders"), call(held, {**full(), "medicationRequests": first}), NOW, held.remote
        ).record

    assert ([], False) == (held.asked, "MedicationRequest" in found.supplied)


@pytest.mark.requirement("CH-066")
def test_without_a_token_no_page_is_read(served):
    with ehr() as held:
        first = bundle(link=[{"relation": "next", "url": f"{held.base}/Condition?page=1"}])
        body = call(held, {**full(), "conditions": first}, fhirAuthorization=None)
        found = received(served.offers("orders"), body, NOW, held.remote)

    assert [] == held.asked
    assert {"Condition": "only its first page was sent"} == found.record.unavailable
    assert ("there is no fhirAuthorization, and the server may not be read without it",) == found.remarks


@pytest.mark.requirement("CH-067", "CH-068")
@pytest.mark.parametrize(
    ("status", "why"),
    [
        (401, "; its server refused the token"),
        (403, "; its server refused the token"),
        (404, "; its server did not accept the question"),
        (500, ", and its server failed"),
    ],
)
def test_what_is_indispensable_and_cannot_be_read_is_refused_with_the_reason(served, status, why):
    with ehr(faults={"MedicationRequest": status}) as held:
        told = refusal(served, call(held), held.remote)

    assert [f"prefetch.medicationRequests: not supplied{why}"] == told


@pytest.mark.requirement("CH-067")
def test_a_server_that_keeps_silent_is_given_up_in_time(served):
    with ehr(seconds=0.3) as held, serving(hangs) as silent:
        base = f"http://127.0.0.1:{silent.server_port}/fhir"
        remote = Remote((FhirServer(base),), held.remote.reads, 0.3, time.monotonic())
        began = time.monotonic()
        told = refusal(served, call(held, fhirServer=base), remote)

    assert time.monotonic() - began < 3
    assert "prefetch.medicationRequests: not supplied, and its server did not answer in time" in told


@pytest.mark.requirement("CH-068", "CH-069")
@pytest.mark.parametrize(("status", "why"), [(500, "not supplied, and its server failed"), (404, "not supplied")])
def test_what_is_not_indispensable_is_told_on_a_card(served, status, why):
    with ehr(faults={"Condition": status}) as held:
        [gap] = cards(served, call(held), held.remote)

    assert "Not all data were supplied: 2 checks were not made" == gap["summary"]
    assert f"- Problems and diagnoses: {why}\n" in gap["detail"]


@pytest.mark.parametrize(("status", "fault"), [(401, "token"), (403, "token"), (404, "refused"), (500, "broken")])
def test_the_log_may_say_how_many_reads_failed_and_by_what(served, status, fault):
    with ehr(faults={"Condition": status, "Observation": status}) as held:
        found = received(served.offers("orders"), call(held), NOW, held.remote)

    assert (f"2 not read from fhirServer: {fault}",) == found.remarks


@pytest.mark.requirement("CH-067")
def test_without_anything_every_key_is_named(served):
    told = refusal(served, call(None), None)

    assert [f"prefetch.{key}: not supplied" for key in KEYS] == told


def test_keys_that_nobody_asked_for_are_counted_where_others_are_missing(served):
    told = refusal(served, call(None, {"Patient": patient(), "condition": bundle()}), None)

    assert "prefetch: keys that were sent and that discovery does not list: 2" == told[-1]
    assert [f"prefetch.{key}: not supplied" for key in KEYS] == told[:-1]


def test_a_service_that_reads_from_no_server_says_so(served):
    told = refusal(served, orjson.dumps(request(hook="patient-view", fhirServer="https://ehr.example.org")), None)

    assert "prefetch.patient: not supplied; fhirServer is not registered for this caller" == told[0]


@pytest.mark.requirement("CH-067", "CH-074", "CH-080")
def test_why_nothing_was_read_is_told_with_what_is_missing(served):
    with ehr() as held:
        body = call(held, fhirServer="http://169.254.169.254/")
        told = refusal(served, body, held.remote)
        other = {**full(), "medicationRequests": bundle()}
        del other["conditions"]
        remarks = received(
            served.offers("orders"), call(held, other, fhirServer="file:///etc/passwd"), NOW, held.remote
        ).remarks

    assert "prefetch.patient: not supplied; fhirServer is not registered for this caller" == told[0]
    assert (("fhirServer is not registered for this caller",), []) == (remarks, held.asked)


@pytest.mark.requirement("CH-075", "CH-078", "CH-079")
@pytest.mark.parametrize("members", [{"patient": "2"}, {"expires_in": 0}, {"subject": "x"}, {"token_type": "MAC"}])
def test_a_token_that_does_not_fit_reaches_no_server(served, members):
    with ehr() as held:
        told = refusal(served, call(held, fhirAuthorization=token(**members)), held.remote)

    assert ([], False) == (held.asked, any(TOKEN in one for one in told))


@pytest.mark.requirement("CH-079")
def test_a_token_that_expired_while_the_call_waited_reaches_no_server(served):
    with ehr() as held:
        remote = Remote(held.remote.servers, held.remote.reads, 5.0, time.monotonic() - 301)
        refusal(served, call(held), remote)

    assert [] == held.asked


@pytest.mark.requirement("CH-076", "CH-077")
@pytest.mark.parametrize("scope", ["patient/MedicationRequest.read", "patient/MedicationRequest.rs"])
def test_only_what_the_token_allows_is_asked_for(served, scope):
    with ehr() as held:
        found = received(served.offers("orders"), call(held, fhirAuthorization=token(scope=scope)), NOW, held.remote)

    assert ["MedicationRequest"] == held.types
    assert "not supplied" == found.record.unavailable["Condition"]


@pytest.mark.requirement("CH-059")
def test_nothing_is_read_by_an_id_that_occurs_only_in_the_context(served):
    order = ibuprofen(medicationReference={"reference": "Medication/only-a-draft"})
    del order["medicationCodeableConcept"]
    context = {**USUAL, "encounterId": "only-here", "draftOrders": bundle(order), "selections": ["x"]}
    with ehr() as held:
        cards(served, call(held, None, "order-select", context), held.remote)

    assert sorted(KEYS.values()) == held.types


@pytest.mark.requirement("CH-062")
def test_a_medicine_that_is_only_referred_to_is_read(served):
    ordered = warfarin(status="active", authoredOn="2026-11-01", medicationReference={"reference": "Medication/m1"})
    medication = {"resourceType": "Medication", "id": "m1", "code": ordered.pop("medicationCodeableConcept")}
    chart = {**CHART, "MedicationRequest": [ordered], "Medication": [medication]}
    sent = full(chart)
    with ehr(chart) as held:
        read = summaries(served, call(held), held.remote)
        rounds = held.types
        held.asked.clear()
        completed = summaries(served, call(held, sent), held.remote)

    assert ["Anticoagulant and peptic ulcer"] == read == completed
    assert (sorted([*KEYS.values(), "Medication"]), ["Medication/m1"]) == (rounds, held.asked)


@pytest.mark.requirement("CH-062")
@pytest.mark.parametrize("ident", ["1&_count=1", "1/..", "1?x=y", "1#x", "1%26x", "..", ".", "-"], ids=repr)
def test_an_id_smuggles_nothing_into_a_query(served, ident):
    with ehr() as held, pytest.raises(RequestError, match=r"^context\.patientId must be the id of a resource"):
        cards(served, call(held, None, context={**USUAL, "patientId": ident}), held.remote)

    assert [] == held.asked


def test_an_id_goes_into_the_query_as_it_is(served):
    """The chart is of another patient, so there is nothing to answer with."""
    with ehr() as held:
        refusal(served, call(held, None, context={**USUAL, "patientId": "a:b_c.d-e"}), held.remote)

    assert ["Patient/a:b_c.d-e"] == [one for one in held.asked if one.startswith("Patient/")]
    assert all("patient=a:b_c.d-e&_count=200" in one for one in held.asked if not one.startswith("Patient/"))


def test_resources_of_somebody_else_are_not_what_is_indispensable(served):
    strange = bundle(warfarin(subject={"reference": "Patient/2"}))

    told = refusal(served, call(None, {**full(), "medicationRequests": strange}), None)

    assert ["prefetch.medicationRequests: what was sent is not about this patient"] == told


@pytest.mark.requirement("CH-068")
@pytest.mark.parametrize("hook", ["medication-prescribe", "order-review"])
def test_deprecated_hooks_answer_where_they_are_offered(served, hook):
    field = "medications" if hook == "medication-prescribe" else "orders"
    body = call(None, full(), hook, {**USUAL, field: bundle(ibuprofen())})

    assert "Ibuprofen 600 MG Oral Tablet is ordered beside Warfarin 5 MG" in summaries(served, body, None)


BACKGROUND = {**full(), "medicationRequests": None, "conditions": None, "observations": None}


@pytest.mark.requirement("CH-192")
@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        (["order-1"], ["Ibuprofen 600 MG Oral Tablet is ordered beside Warfarin 5 MG"]),
        (["other"], []),
        (["warfarin"], []),
        (["order-1", "warfarin"], ["Ibuprofen 600 MG Oral Tablet is ordered beside Warfarin 5 MG"]),
    ],
)
def test_orders_that_are_not_selected_are_background(served, selected, expected):
    """What concerns only orders that are not selected is not spoken of; a selected one beside them is."""
    other = ibuprofen("other", medicationCodeableConcept={"text": "Vitamin C"})
    context = {
        **USUAL,
        "draftOrders": bundle(warfarin(), ibuprofen(), other),
        "selections": [f"MedicationRequest/{one}" for one in selected],
    }

    assert expected == summaries(served, call(None, BACKGROUND, "order-select", context), None)


@pytest.mark.requirement("CH-192")
def test_the_record_has_the_other_orders_in_the_background(served):
    context = {
        **USUAL,
        "draftOrders": bundle(warfarin(), ibuprofen()),
        "selections": ["MedicationRequest/order-1"],
    }
    found = received(served.offers("orders"), call(None, BACKGROUND, "order-select", context), NOW)

    assert (["MedicationRequest/order-1"], ["MedicationRequest/warfarin"], 1) == (
        [one.reference for one in found.record.drafts],
        [one.reference for one in found.record.background],
        found.orders,
    )
