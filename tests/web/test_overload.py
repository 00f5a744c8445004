"""More calls than can be answered, and a FHIR server that never answers: nobody is told anything too late."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import pytest

from cds.web.turns import AT_ONCE, IN_LINE, WAIT_SECONDS
from tests.hooks.messages import RULESETS, request
from tests.serving import started
from tests.web.closed import CALL, PAIN

READING = 0.8  # seconds that a call may read from FHIR servers
SLACK = 1.0  # of a machine that runs other tests as well
CALLS = 2 * (AT_ONCE + IN_LINE)


@pytest.fixture
def silent():
    """A FHIR server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=1_000) as server:
        server.settimeout(20)
        yield server


@pytest.fixture
def base(silent):
    return f"http://127.0.0.1:{silent.getsockname()[1]}/fhir"


@pytest.fixture
def service(base):
    settings = {"CDS_FHIR_SERVERS": base, "CDS_PRIVATE_NETWORKS": "127.0.0.0/8", "CDS_RULESETS": str(RULESETS)}
    with started(**settings) as running:
        yield running


def asked(port, body=None, path=PAIN, ready=lambda: None):
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.connect()
        ready()
        began = time.monotonic()
        connection.request("POST" if body else "GET", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        return response.status, time.monotonic() - began, response.headers.get("Retry-After")


def test_no_answer_comes_too_late_and_who_has_no_turn_is_told(service, base):
    """(F2, F24, L5)"""
    reading = json.dumps(request() | {"fhirServer": base}).encode()
    barrier = threading.Barrier(CALLS + 1)

    def in_the_midst():
        barrier.wait()
        time.sleep(READING / 4)

    with ThreadPoolExecutor(CALLS + 1) as threads:
        calls = [threads.submit(asked, service.port, reading, ready=barrier.wait) for _ in range(CALLS)]
        watched = threads.submit(asked, service.port, path="/healthz", ready=in_the_midst)
    answers = [each.result() for each in calls]

    assert {412, 503} == {status for status, *_ in answers}
    assert {None, "1"} == {retry for *_, retry in answers}
    assert max(seconds for _, seconds, _ in answers) < WAIT_SECONDS + READING + SLACK
    assert CALLS - AT_ONCE - IN_LINE <= sum(status == 503 for status, *_ in answers)
    assert (200, True) == (watched.result()[0], watched.result()[1] < SLACK)


def test_the_first_calls_may_come_at_once(service):
    """Whatever is made on first use is made whole."""
    barrier = threading.Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        calls = [threads.submit(asked, service.port, CALL, ready=barrier.wait) for _ in range(AT_ONCE)]

    assert [200] * AT_ONCE == [each.result()[0] for each in calls]


def test_a_call_under_way_is_answered_when_the_service_is_told_to_stop(service, silent, base):
    """(F17)"""
    reading = json.dumps(request() | {"fhirServer": base}).encode()
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(asked, service.port, reading)
        with silent.accept()[0]:  # it reads: the call has begun
            service.process.terminate()
            assert 412 == call.result()[0]

    assert 0 == service.process.wait(20)
