"""Calls in many threads at once are answered as they are one by one: nothing they share can be changed by them."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

from cds.errors import CdsError
from cds.hooks.answer import answer
from tests import shipped
from tests.hooks.messages import USUAL, data, headache, patient, request
from tests.serving import ROOT
from tests.web.closed import HOSPITAL, PRACTICE, closed, journal, token

ID = "00000000-0000-4000-8000-000000000000"
STORIES = {
    path.stem: json.dumps(json.loads(path.read_bytes()) | {"hookInstance": ID}).encode()
    for path in sorted((ROOT / "fhir_samples" / "hooks").glob("*.json"))
    if not path.stem.endswith(".response")
}
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
THREADS = 8


@contextmanager
def crowded() -> Iterator[ThreadPoolExecutor]:
    """Threads that take turns in the midst of everything."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(THREADS) as threads:
            yield threads
    finally:
        sys.setswitchinterval(before)


def test_many_threads_answer_as_one_does():
    offers = shipped.served().by_id["spine-and-headache"]

    def told(name):
        """All of an answer but the ids that are drawn for it; some stories are of requests that are refused."""
        try:
            found = answer(offers, STORIES[name], now=NOW, new_id=lambda: ID, max_cards=50)
        except CdsError as refusal:
            return str(refusal)
        return json.dumps(found.response, default=str), found.counts, found.decision

    alone = {name: told(name) for name in STORIES}
    with crowded() as threads:
        together = list(threads.map(lambda name: (name, told(name)), [*STORIES, *reversed(STORIES)]))

    assert 20 < sum(isinstance(each, tuple) and each[1]["cards"] > 0 for each in alone.values())
    assert [] == sorted({name for name, found in together if found != alone[name]})


def test_no_call_is_taken_for_anothers(tmp_path):
    """(H4) Two clients, each with patients and tokens of its own: what is recorded of a call goes together."""
    service = closed(tmp_path)
    calls = {f"{issuer.url} {number}": (issuer, number) for issuer in (HOSPITAL, PRACTICE) for number in range(40)}

    def called(jti):
        issuer, number = calls[jti]
        context = {**USUAL, "patientId": str(number)}
        record = data(patient(id=str(number)), headache(subject={"reference": f"Patient/{number}"}))
        body = json.dumps(request(context, record)).encode()
        return jti, service.post(token=token(issuer=issuer, jti=jti), body=body).status_code

    with crowded() as threads:
        statuses = dict(threads.map(called, calls))
    recorded = {decision.caller.jti: decision for decision in journal(service.state)}

    assert {200} == set(statuses.values())
    assert calls.keys() == recorded.keys()
    assert {jti: issuer.url for jti, (issuer, _) in calls.items()} == {
        jti: decision.caller.issuer for jti, decision in recorded.items()
    }
    assert len(calls) == len({decision.patient for decision in recorded.values()})
