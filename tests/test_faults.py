"""The trials of faults judge what they see, and are told whole."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.arrivals import Replies, Reply
from bench.tables import filled_in
from faults.__main__ import PAGE, judged, table
from faults.browsers import HEADERS, PATHS, judge
from faults.observed import FULL, SMALL, Fault, LeftOut, Observed
from faults.table import FAULTS
from tests.outbound.serving import serving
from tests.proofs import trials

ROOT = Path(__file__).parents[1]


def verdict(inject, size=SMALL):
    [found] = judged([Fault("X1", "a trial", "goes well", inject)], size)
    return found


def replies(*statuses, seconds=0.01):
    return Replies(Reply(status, 0.0, seconds, "", b"") for status in statuses)


def test_what_goes_well_passes_with_its_figures():
    found = verdict(lambda seen, _: seen.answered(replies(200, 200, 412), 200, 412, p99=20))

    assert ("PASS", ()) == (found.word, found.wrong)
    assert found.line().startswith("X1   PASS     a trial: answers=200×2 412×1, p99 ms=10.0")


@pytest.mark.parametrize(
    ("inject", "wrong"),
    [
        (lambda seen, _: seen.answered(replies(200, 500), 200), "answers are all 200"),
        (lambda seen, _: seen.answered(replies(200, 503), 200), "answers are all 200"),
        (lambda seen, _: seen.answered(replies(200, 0), 200), "answers are all 200"),
        (lambda seen, _: seen.answered(replies(200, seconds=0.3), 200, p99=250), "p99 is at most 250 ms, not 300"),
        (lambda seen, _: seen.expect("the sky is green", False), "the sky is green"),
        (lambda *_: 1 / 0, "the trial ended with ZeroDivisionError: division by zero"),
    ],
)
def test_what_does_not_go_well_fails_and_says_why(inject, wrong):
    found = verdict(inject, FULL)

    assert ("FAIL", (wrong,)) == (found.word, found.wrong)
    assert f"not so: {wrong}" in found.line()


def test_no_answers_at_all_are_no_good_answers():
    assert ("there are answers",) == verdict(lambda seen, _: seen.answered(replies(), 200, p99=1)).wrong


def test_what_a_machine_cannot_do_is_left_out_with_the_reason():
    def inject(_, __):
        raise LeftOut("no rights")

    assert "LEFT OUT" == verdict(inject).word
    assert "because=no rights" in verdict(inject).line()


def test_a_server_without_the_headers_is_found_out():
    """A trial of the table, against a server that does it wrong."""
    seen = Observed()
    with serving(lambda handler: handler.send(200, b"{}", {"Content-Type": "text/html"})) as server:
        judge(seen, server.server_port, PATHS[:1], HEADERS)

    assert len(HEADERS) + 1 == len(seen.wrong)


def test_every_trial_has_a_name_of_its_own_and_says_what_it_expects():
    names = [fault.name for fault in FAULTS]

    assert len(names) == len({*names})
    assert [] == [fault.name for fault in FAULTS if not (fault.title and fault.expected)]


def test_the_trials_are_listed_without_being_run():
    listed = subprocess.run(
        [sys.executable, "-m", "faults", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert [fault.name for fault in FAULTS] == [line.split()[0] for line in listed.splitlines()]


def test_a_trial_that_is_not_there_is_told():
    ended = subprocess.run(
        [sys.executable, "-m", "faults", "--only", "F99"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (1, True) == (ended.returncode, "there is no fault F99" in ended.stderr)


def test_the_report_is_json_with_a_verdict_for_each():
    written = verdict(lambda seen, _: seen.tell(answers=3)).written()

    assert {"fault": "X1", "verdict": "PASS", "figures": {"answers": 3}} == {
        name: json.loads(json.dumps(written))[name] for name in ("fault", "verdict", "figures")
    }


def test_every_trial_that_the_checklist_names_is_there():
    page = (ROOT / "docs" / "security-checklist.md").read_text(encoding="utf-8")

    assert trials(page) <= {fault.name for fault in FAULTS}


def test_what_was_seen_takes_its_place_on_the_page_and_leaves_the_rest():
    page = "<!-- bench: faults -->\n| F02 | a | b | PASS | c |\n<!-- /bench -->\n"
    first = next(fault for fault in FAULTS if fault.name == "F01")
    seen = [*judged([first._replace(inject=lambda seen, _: seen.tell(answers="200×3"))], SMALL)]

    rows = filled_in(page, table(page, seen)).splitlines()[3:-1]

    assert [f"| F01 | {first.title} | {first.expected} | PASS | answers 200×3 |", "| F02 | a | b | PASS | c |"] == rows


def test_the_page_tells_of_every_trial_and_says_which_did_not_pass_or_were_not_run():
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z]+\d*b?) \| .* \| .* \| (PASS|FAIL|LEFT OUT) \|", page, re.MULTILINE)
    failed, missing = (
        "".join(re.findall(rf"{words}: ([A-Z\d b]+)\.", page)).split()
        for words in ("Not passed as it was written", "Not run at full size yet")
    )

    assert failed == [name for name, word in rows if word != "PASS"]
    assert [fault.name for fault in FAULTS if fault.name not in missing] == [name for name, _ in rows]
