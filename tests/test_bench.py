"""The measurements measure what they say."""

import json

import pytest

from bench.bodies import PATIENT, SIZES, body
from bench.limit import active_nsaids
from cds.clinical import Coding
from cds.fhir.decode import hook_request
from cds.fhir.read import read
from cds.ruleset.codes import CodeIndex
from cds.ruleset.model import Codes
from tests.fhir.sending import BERLIN, ICD, RXNORM

ASKED = {
    "sciatica.in": Codes(codings=(Coding(ICD, "M54.3"),)),
    "nsaid.in": Codes(codings=(Coding(RXNORM, "5640"),)),
}


def record(content: bytes):
    sent = list(hook_request(content).prefetch.values())
    return read(sent, CodeIndex(ASKED, {}, {}), zone=BERLIN, patient_id=PATIENT)


@pytest.mark.parametrize("relevant", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_a_body_holds_as_many_resources_as_it_says(size, relevant):
    prefetch = json.loads(body(size, relevant=relevant))["prefetch"]

    assert size == sum(len(value["entry"]) if "entry" in value else 1 for value in prefetch.values() if value)


def test_a_body_is_the_same_on_every_run():
    assert body(200, relevant=True) == body(200, relevant=True)


@pytest.mark.parametrize("size", SIZES)
def test_everything_in_a_body_can_be_read_as_it_stands(size):
    found = record(body(size, relevant=True))

    assert ((), {}, 0) == (found.unreadable, found.unavailable, found.foreign)


def test_only_a_relevant_body_holds_what_the_rules_ask_for():
    assert {"sciatica.in", "nsaid.in"} == record(body(10, relevant=True)).entries.keys()
    assert {} == record(body(200, relevant=False)).entries


@pytest.mark.parametrize(("relevant", "count"), [(True, 1), (False, 0)])
def test_the_limit_counts_active_orders_of_nsaids(relevant, count):
    assert count == active_nsaids(body(200, relevant=relevant))
