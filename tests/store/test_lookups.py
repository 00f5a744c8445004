"""What calls ask the database: one first use among any number, and a word within half a second whatever happens."""

import gc
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from cds.errors import Unavailable
from cds.store import Lookups, database, seen
from cds.store.bounded import Bounded
from tests.store.entries import stored
from tests.store.worker import ROOT

SOON = datetime.now(UTC) + timedelta(minutes=5)


@pytest.fixture
def lookups(settings, engine):
    lookups = Lookups(settings)
    yield lookups
    lookups.close()


def open_files(folder):
    """Those of the folder, in this process."""
    files = [file.resolve() for file in Path("/proc/self/fd").iterdir()]
    return [file for file in files if file.is_relative_to(folder)]


def _refusal(lookups, digest="digest"):
    """How long it took until the lookups said that they cannot tell."""
    started = time.monotonic()
    with pytest.raises(Unavailable):
        lookups.first_use("issuer", digest, SOON)
    return time.monotonic() - started


def _first_use_again(lookups, digest):
    """As soon as they can tell."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return lookups.first_use("issuer", digest, SOON)
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_token_is_used_for_the_first_time_once(lookups):
    """(S13, S14)"""
    uses = [("issuer", "a"), ("issuer", "a"), ("issuer", "b"), ("other issuer", "a"), ("other issuer", "a")]

    assert [True, False, True, True, False] == [lookups.first_use(*use, SOON) for use in uses]


_ASK = """
import json, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from cds.errors import Unavailable
from cds.settings import Settings
from cds.store import Lookups
lookups = Lookups(Settings(state=Path(sys.argv[1]), database_url=sys.argv[2]))
def ask(number):
    while True:
        try:
            return lookups.first_use("issuer", f"{number}", datetime.now(UTC) + timedelta(minutes=5))
        except Unavailable:
            pass
ask("warm")
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
print(json.dumps([ask(number) for number in range(50)]))
"""


def test_of_many_processes_one_is_first(settings, engine):
    """(S13)"""
    command = [sys.executable, "-c", _ASK, settings.state, settings.database_url]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for process in processes:
        assert process.stdout
        assert "ready\n" == process.stdout.readline()
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [json.loads(process.communicate(timeout=60)[0]) for process in processes]

    assert [1] * 50 == [sum(firsts) for firsts in zip(*said, strict=True)]
    assert 51 == stored(engine, "tokens")


def test_a_question_that_fails_fails_for_who_asked_and_leaves_its_place():
    bounded = Bounded(1, seconds=5)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            bounded.ask(lambda: 1 // 0)

    assert 4 == bounded.ask(lambda: 2 + 2)
    bounded.close()


def test_used_tokens_are_forgotten_when_they_have_expired(engine):
    now = datetime.now(UTC)
    with database.writing(engine) as connection:
        for digest, seconds in (("a", -1), ("b", 0), ("c", 1)):
            seen.first_use(connection, "issuer", digest, now + timedelta(seconds=seconds))
        assert 1 == seen.forget(connection, now)

    assert 2 == stored(engine, "tokens")


def test_nobody_waits_for_a_database_that_is_locked(on_sqlite):
    """(F12)"""
    engine = database.connect(on_sqlite, database.BACKGROUND)
    lookups = Lookups(on_sqlite)
    with database.writing(engine):
        assert _refusal(lookups) < 2
        at_once = [_refusal(lookups) for _ in range(20)]
        assert sorted(at_once)[10] < 0.2

    assert _first_use_again(lookups, "digest")
    lookups.close()
    engine.dispose()


def test_reading_does_not_wait_for_a_writer(on_sqlite):
    engine = database.connect(on_sqlite, database.BACKGROUND)
    lookups = Lookups(on_sqlite)
    with database.writing(engine) as connection:
        connection.execute(text("DELETE FROM tokens"))
        assert {} == lookups.responses("patient", "user", {"trigger"})

    lookups.close()
    engine.dispose()


def test_lookups_that_are_dropped_leave_no_file_open(on_sqlite):
    lookups = Lookups(on_sqlite)
    lookups.responses("patient", "user", {"trigger"})
    assert open_files(on_sqlite.state)

    del lookups
    gc.collect()

    assert [] == open_files(on_sqlite.state)


def test_nobody_waits_for_a_server_that_is_gone(postgres, on_postgres):
    lookups = Lookups(on_postgres)
    assert lookups.first_use("issuer", "before", SOON)
    postgres.kill()
    try:
        assert _refusal(lookups) < 2
    finally:
        postgres.start()

    assert _first_use_again(lookups, "after")
    lookups.close()


def test_nobody_waits_for_a_server_that_hangs(postgres, on_postgres):
    """Its statement timeout hangs with it (F11)."""
    lookups = Lookups(on_postgres)
    assert lookups.first_use("issuer", "before", SOON)
    postgres.freeze()
    try:
        assert 0.4 < _refusal(lookups) < 3
        threads = [Thread(target=_refusal, args=(lookups, f"{number}")) for number in range(30)]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - started < 3
    finally:
        postgres.thaw()

    assert _first_use_again(lookups, "after")
    lookups.close()


def test_nobody_waits_for_a_statement_that_is_slow(on_postgres):
    """(F11)"""
    engine = database.connect(on_postgres, database.BACKGROUND)
    lookups = Lookups(on_postgres)
    with database.writing(engine) as connection:
        connection.execute(text("LOCK TABLE tokens IN ACCESS EXCLUSIVE MODE"))
        assert _refusal(lookups) < 2

    assert _first_use_again(lookups, "digest")
    lookups.close()
    engine.dispose()
