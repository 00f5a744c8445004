"""The measurements measure what they say."""

import json
import re

import pytest

from bench.__main__ import PAGE
from bench.bodies import SIZES, body
from bench.chart import DAY, PATIENT
from bench.limit import active_nsaids
from bench.shares import offered
from bench.tables import Table, filled_in
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


def test_a_body_holds_the_keys_that_discovery_asks_for():
    asked = {template.key for template in offered().templates}

    assert asked == json.loads(body(200, relevant=False))["prefetch"].keys()


def test_nothing_in_a_body_without_relevance_is_asked_for_by_any_fact():
    sent = list(hook_request(body(200, relevant=False)).prefetch.values())
    found = read(sent, offered().prepared.index, zone=BERLIN, patient_id=PATIENT, today=DAY)

    assert ({}, ()) == (found.entries, found.encounters)


def test_only_a_relevant_body_holds_what_the_rules_ask_for():
    assert {"sciatica.in", "nsaid.in"} == record(body(10, relevant=True)).entries.keys()
    assert {} == record(body(200, relevant=False)).entries


@pytest.mark.parametrize(("relevant", "count"), [(True, 1), (False, 0)])
def test_the_limit_counts_active_orders_of_nsaids(relevant, count):
    assert count == active_nsaids(body(200, relevant=relevant))


TABLE = Table("memory", ("after", "MB", "flat"), [(20_000, 112.34, True), (0, 0.0312, False), (1, None, "7%")])
MARKDOWN = "| after | MB | flat |\n| --- | --- | --- |\n| 20,000 | 112 | yes |\n| 0 | 0.031 | no |\n| 1 | – | 7% |"


def test_a_table_takes_the_place_of_the_one_before():
    page = "a\n<!-- bench: memory -->\n| old |\n<!-- /bench -->\nb\n<!-- bench: rules -->\n<!-- /bench -->\n"
    written = page.replace("| old |", MARKDOWN)

    assert (written, written) == (filled_in(page, TABLE), filled_in(written, TABLE))


def test_a_table_without_a_place_on_the_page_is_no_table():
    with pytest.raises(SystemExit, match="0 places for the table memory"):
        filled_in("", TABLE)


def test_every_table_of_the_page_was_measured():
    marks = re.findall(r"<!-- bench: (\w+) -->\n(.)", PAGE.read_text(encoding="utf-8"))

    assert [(name, "|") for name, _ in marks] == marks
    tables = {"machine", "throughput", "memory", "shares", "resources", "rulesets", "rules"}
    assert tables == {name for name, _ in marks}
