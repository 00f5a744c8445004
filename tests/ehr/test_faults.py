"""Whatever a FHIR server does instead of answering: the same cards where it can be borne, else what is missing is said.

Every test has a FHIR server of its own: the service leaves one alone that keeps failing.
"""

from __future__ import annotations

import pytest

from cds.workbench.samples import masked
from tests.ehr import faults as trouble
from tests.ehr.client import rules
from tests.ehr.conftest import READ_SECONDS
from tests.ehr.fhir_server import SERVICE_TOKEN
from tests.ehr.oracle import unsaid
from tests.hooks.messages import USUAL

GENEROUS = 3  # seconds beside those for reading, on a busy machine

TYPES = {"patient": "Patient", "conditions": "Condition", "observations": "Observation"}

BORNE = {
    "once 503": trouble.once(trouble.status(503, Retry_After="0")),
    "once 429": trouble.once(trouble.status(429, Retry_After="0")),
    "once a reset": trouble.once(trouble.reset),
    "gzip": trouble.gzipped,
    "a little slow": trouble.slow(0.3),
}
TOO_LONG = {
    "slow": trouble.slow(2 * READ_SECONDS),
    "a drip": trouble.drip,
}
NOT_BORNE = {
    "400": trouble.status(400),
    "401": trouble.status(401),
    "403": trouble.status(403),
    "404": trouble.status(404),
    "410": trouble.status(410),
    "500": trouble.status(500),
    "503": trouble.status(503, Retry_After="0"),
    "503 for long": trouble.status(503, Retry_After="3600"),
    "redirected": trouble.redirected("http://127.0.0.1:9/r4/Condition"),
    "redirected to itself": trouble.redirected("{base}/Condition?patient=1"),
    "redirected to another chart": trouble.redirected("{base}/../../ward-99/r4/Condition?patient=1"),
    "a reset": trouble.reset,
    "a body cut off": trouble.body_cut_off,
    "JSON cut off": trouble.json_cut_off,
    "HTML": trouble.html,
    "nothing": trouble.nothing,
    "another type": trouble.another_type,
    "no resource": trouble.no_resource,
    "an OperationOutcome": trouble.outcome,
}
SETS_ONLY = {
    "a loop": trouble.loop,
    "a next page elsewhere": trouble.leads_to("http://127.0.0.1:9/ward/r4?page=2"),
    "a next page in the cloud": trouble.leads_to("http://169.254.169.254/latest/meta-data/"),
    "a next page of another chart": trouble.leads_to("{base}/../../ward-99/r4/Condition?patient=1"),
    "a next page next door": trouble.leads_to("{base}-2/Condition?patient=1"),
    "a next page with a user": trouble.leads_to("http://user:word@127.0.0.1/r4"),
    "a next page that is none": trouble.leads_to("Condition?patient=1&page=2"),
    "garbage": trouble.garbage,
}


def cases(faults, types=TYPES):
    return [pytest.param(fault, key, id=f"{name}, {key}") for name, fault in faults.items() for key in types]


@pytest.fixture
def ehr(wards):
    return next(wards)


def called_without(ehr, fhir, fault, key):
    """The service, what it says with all data, and what it says when one key is missing and reading it has a fault."""
    service = ehr.services()["pain", "patient-view"]
    prefetch = ehr.prefetch(service, USUAL)
    full = ehr.call(service, USUAL, prefetch, access=False)
    rest = {name: value for name, value in prefetch.items() if name != key}
    with fhir.troubled({TYPES[key]: fault}) as asked:
        partial = ehr.call(service, USUAL, rest, access=True)
    assert {ehr.fhir} >= {one.base for one in asked}
    return service, full, partial


@pytest.mark.requirement("CH-062", "CH-061")
@pytest.mark.parametrize(("fault", "key"), cases(BORNE))
def test_a_fault_that_can_be_borne_changes_nothing(ehr, fhir, fault, key):
    _, full, partial = called_without(ehr, fhir, fault, key)

    assert masked(full.cards) == masked(partial.cards)


@pytest.mark.requirement("CH-067", "CH-068")
@pytest.mark.parametrize(
    ("fault", "key"),
    [*cases(TOO_LONG, ["conditions"]), *cases(NOT_BORNE), *cases(SETS_ONLY, ["conditions", "observations"])],
)
def test_a_fault_that_cannot_be_borne_is_no_silence(ehr, fhir, fault, key):
    service, full, partial = called_without(ehr, fhir, fault, key)

    assert [] == unsaid(service, full.cards, partial, {key})
    assert partial.seconds < READ_SECONDS + GENEROUS


@pytest.mark.requirement("CH-067")
@pytest.mark.parametrize("fault", [trouble.status(401), trouble.status(403), trouble.status(404), trouble.slow(4)])
def test_where_nothing_was_sent_and_nothing_can_be_read_there_is_no_answer(ehr, fhir, fault):
    service = ehr.services()["pain", "patient-view"]

    everything = dict.fromkeys(("Patient", "Condition", "Observation", "QuestionnaireResponse"), fault)
    with fhir.troubled(everything):
        reply = ehr.call(service, USUAL, None, access=True)

    assert (412, "OperationOutcome") == (reply.status, reply.body["resourceType"])
    assert reply.seconds < READ_SECONDS + GENEROUS


@pytest.mark.requirement("CH-066", "CH-073")
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("sent", [True, False])
def test_every_page_is_read_with_the_token(ehr, fhir, size, sent):
    """Whether the first page was sent with the call or read."""
    service = ehr.services()["pain", "patient-view"]
    full = ehr.call(service, USUAL, ehr.prefetch(service, USUAL), access=False)

    with fhir.troubled(pages={"Condition": size}) as asked:
        first = ehr.prefetch(service, USUAL)
        prefetch = first if sent else {key: value for key, value in first.items() if key != "conditions"}
        reply = ehr.call(service, USUAL, prefetch, access=True)

    assert masked(full.cards) == masked(reply.cards)
    assert 3 // size - sent + (3 % size > 0) == len(asked)
    assert {("Condition", SERVICE_TOKEN)} == {(one.type, one.token) for one in asked}


@pytest.mark.requirement("CH-066", "CH-068")
def test_a_first_page_alone_is_not_taken_for_everything(ehr, fhir):
    service = ehr.services()["pain", "patient-view"]
    full = ehr.call(service, USUAL, ehr.prefetch(service, USUAL), access=False)

    with fhir.troubled(pages={"Condition": 1}) as asked:
        reply = ehr.call(service, USUAL, ehr.prefetch(service, USUAL), access=False)

    assert rules(reply.cards) < rules(full.cards)
    assert [] == unsaid(service, full.cards, reply, {"conditions"})
    assert [] == asked
