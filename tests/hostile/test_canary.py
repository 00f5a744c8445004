"""Nothing of a patient and no token gets out: not into the log, an error, a file, whatever goes wrong (P1, P2, P4).

Markers stand in every word, id, comment, header and token of the requests. They may be in the cards of an answer, and
nowhere else. Known by name and so no marker here: the id of the hook call, the client with its tenant and the id of its
token, the request id it may choose, and the codes of why a card was overridden.
"""

import base64
import json
import socket
import sqlite3
import time
from contextlib import closing, contextmanager

import pytest

from cds.store import spool
from tests.hostile.canary import MARKER, NUMBER, calls, found, marked, run
from tests.hostile.stories import story
from tests.hostile.traces import INJECTION, LIMIT, answered, authorised, leaks, pages, refused
from tests.serving import ROOT

SHIPPED = (  # stories that get cards of the shipped rulesets, or are told what is missing
    "cauda-equina-new-saddle-numbness",
    "order-sign-naproxen-for-sixty-days-with-migraine",
    "opioid-substitution-with-migraine",
    "partial-prefetch",
)


def drained(state):
    """Waits until the spool is in the database, and returns what is there by table."""
    deadline = time.monotonic() + 30
    while not (state / "cds.sqlite").exists() or spool.size(state / "spool"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with closing(sqlite3.connect(state / "cds.sqlite")) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        return {name: database.execute(f"select * from {name}").fetchall() for name in tables}


@pytest.mark.parametrize("level", ["none", "minimal", "full"])
def test_what_is_kept_of_a_call_is_no_word_of_the_patient(level):
    """(P1, P4) A value that rules compared is kept with the facts, as a number without a name, where those are kept.

    The database is destroyed at last, since libraries like to quote the statement that failed, with its values; and the
    service is told to stop while a call is under way.
    """
    with run(CDS_RECORD=level) as service:
        cards = answered(service, calls())
        tables = drained(service.state)
        for file in service.state.glob("cds.sqlite*"):
            file.write_bytes(b"no database " * 1_000)
        answered(service, calls())
        with under_way(service):
            service.stop()

        assert {} == leaks(service)
        assert str(NUMBER).encode() not in service.output
        assert (len(calls()), cards) == (len(tables["decisions"]), len(tables["feedback"]))
        assert INJECTION in str(tables["feedback"])
        assert (level != "none") == (str(NUMBER) in str(tables["decisions"]))
        assert [] == [name for name, rows in tables.items() if name != "decisions" and str(NUMBER) in str(rows)]


def test_what_the_shipped_rulesets_say_of_a_patient_is_in_their_cards_only():
    """(P1)"""
    with run(CDS_RULESETS=str(ROOT / "rulesets")) as service:
        assert answered(service, [marked(story(name)) for name in SHIPPED], "/cds-services/spine-and-headache")
        drained(service.state)
        assert 0 == service.stop()

        assert {} == leaks(service)


@contextmanager
def under_way(service):
    """A call of which half has arrived."""
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        part = json.dumps(calls()[0]).encode()
        connection.sendall(authorised(service, f"Content-Length: {2 * len(part)}", body=part))
        time.sleep(0.3)
        yield


@pytest.mark.requirement("CH-089", "CH-129")
def test_no_refusal_tells_anything_of_its_request():
    """(P1) Neither its answer, nor the log, nor what is kept of it."""
    with run(CDS_RECORD="full", CDS_MAX_BODY_BYTES=str(LIMIT)) as service:
        for number, (status, heard) in enumerate(refused(service)):
            assert (number, (status,)) == (number, heard.statuses)
            assert [] == found(heard.body)
            assert [] == found(json.dumps(heard.headers).encode())
        for heard in pages(service):
            assert [] == found(heard.body)
        drained(service.state)
        assert 0 == service.stop()

        assert b'"event":"request"' in service.output
        assert b"Traceback" not in service.output
        assert {} == leaks(service)


BROKEN = """
import cds.engine
from cds.serve import serve
from cds.settings import Settings

def infer(self, facts, *rest):
    raise ValueError(f"cannot infer {facts!r}")

cds.engine.Engine.infer = infer
serve(Settings.from_environment())
"""


@pytest.mark.requirement("CH-089")
def test_a_fault_in_the_evaluation_tells_nothing_of_the_patient():
    """(P1) Its message holds every fact of the patient."""
    with run(BROKEN) as service:
        heard = service.post(calls()[-1])
        service.stop()

        assert (500,) == heard.statuses
        assert [] == found(heard.body)
        assert b'"kind":"ValueError"' in service.output
        assert {} == leaks(service)
        assert str(NUMBER).encode() not in service.output


def test_the_markers_would_be_found():
    for skip in range(3):
        assert found(base64.b64encode(b"-" * skip + MARKER.encode() + b" and more"))
    assert found(MARKER.encode().hex().encode())
    assert found(b"a canary b")
    assert not found(b"nothing")
