"""The measurements measure what they say."""

import json
import re
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from xml.etree.ElementTree import fromstring

import pytest

from bench.__main__ import PAGE
from bench.arrivals import GIVEN_UP, Call, Replies, Reply, at_rate, get, in_turns
from bench.bodies import SIZES, body
from bench.chart import DAY, PATIENT
from bench.limit import active_nsaids
from bench.nsaids import NSAIDS
from bench.plot import Line, drawn
from bench.shares import offered
from bench.tables import Table, filled_in
from cds.clinical import Coding
from cds.fhir.decode import hook_request
from cds.fhir.read import read
from cds.ruleset.codes import CodeIndex
from cds.ruleset.load import load
from cds.ruleset.model import Codes
from tests.fhir.sending import BERLIN, ICD, RXNORM
from tests.serving import free_port

ONE_RULE = PAGE.parents[1] / "bench" / "one-rule"
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
    tables |= {"peers", "latency", "rates", "start", "workers"}
    assert tables == {name for name, _ in marks}


def test_a_call_is_timed_from_the_moment_it_was_due():
    """A server that answers one call after another, in 50 ms each, is asked 100 times a second."""
    with serving(lambda: time.sleep(0.05)) as port:
        replies = at_rate(in_turns([get(port, "/")]), 100, 0.2)

    assert [200] * 20 == [reply.status for reply in replies]
    assert replies.share(99) > 20 * 50 - 200 - 50


def test_calls_come_at_their_rate_whatever_becomes_of_those_before():
    with serving(lambda: time.sleep(0.05)) as port:
        replies = at_rate(in_turns([get(port, "/")]), 100, 0.2)

    assert [pytest.approx(number / 100) for number in range(20)] == sorted(reply.due for reply in replies)


def test_a_call_without_an_answer_is_a_failed_one():
    port = free_port()
    [reply] = at_rate(lambda: Call(port, b"GET / HTTP/1.1\r\n\r\n"), 10, 0.1)

    assert (0, True) == (reply.status, reply.seconds < GIVEN_UP)


def test_a_share_is_what_so_many_stayed_below():
    replies = Replies(Reply(200, 0.0, number / 1_000, "", b"") for number in range(1, 101))

    assert (51.0, 100.0, 100.0) == tuple(replies.share(percent) for percent in (50, 99, 100))


def test_a_picture_is_sound_and_shows_every_line():
    picture = drawn("Time, ms", "calls a second", [Line("p50", [(10, 5.0), (50, 40.0)])], goal=500)

    assert ["p50", "goal 500"] == [
        text.text for text in fromstring(picture).iter() if text.text in ("p50", "goal 500")
    ][::-1]


def test_the_peer_and_the_limit_have_the_codes_of_the_one_rule():
    codes = load(ONE_RULE).valuesets["nsaid"].codings

    assert NSAIDS == {coding.code for coding in codes}


@contextmanager
def serving(wait):
    """A server of one thread that waits before each answer."""

    class Slow(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            with one_at_a_time:
                wait()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    one_at_a_time = Lock()
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_port
        server.shutdown()
