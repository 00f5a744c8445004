"""Databases, disks and processes fail while the journal is written to: nothing waits for them, everything arrives."""

import io
import subprocess
import time
from dataclasses import replace
from threading import Event, Thread

import pytest
from sqlalchemy import text

from cds.store import Journal, database, schema, tables
from tests.store.entries import KEYS, decision, eventually, feedback, ids, numbered, stored

LONGEST_SECONDS = 2.0  # for one record: on a busy machine a thread may be out of turn for long


class Load:
    """Calls and their feedback, one after another, as long as the block lasts; it knows the longest that one took."""

    def __init__(self, journal):
        self.count = 0
        self.lost = 0
        self.longest = 0.0
        self._journal = journal
        self._enough = Event()
        self._thread = Thread(target=self._write)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._enough.set()
        self._thread.join()

    def reaches(self, count):
        return eventually(lambda: self.count >= count)

    def _write(self):
        while not self._enough.is_set():
            name = f"d-{self.count}"
            started = time.monotonic()
            self.lost += not self._journal.write(decision(name))
            self.lost += not self._journal.write(feedback(f"f-{self.count}", card=f"card-{name}"))
            self.longest = max(self.longest, (time.monotonic() - started) / 2)
            self.count += 1
            time.sleep(0.002)


def _started(settings):
    journal = Journal(settings, KEYS)
    journal.start()
    return journal


def _all_arrived(engine, load):
    expected = dict.fromkeys(("decisions", "cards", "feedback"), load.count)
    return eventually(lambda: expected == {name: stored(engine, name) for name in expected}, 30)


def test_a_server_that_is_killed_under_load(on_postgres, postgres):
    """(F10)"""
    journal = _started(on_postgres)
    with Load(journal) as load:
        assert load.reaches(50)
        postgres.kill()
        assert load.reaches(load.count + 200)
        assert eventually(lambda: journal.state().database.reach == "away")
        assert journal.state().waiting_bytes
        postgres.start()
        assert eventually(lambda: journal.state().database.reach == "there")
        assert load.reaches(load.count + 50)
    engine = database.connect(on_postgres, database.BACKGROUND)

    assert _all_arrived(engine, load)
    assert (0, 0) == (load.lost, journal.state().rejected_bytes)
    assert load.longest < LONGEST_SECONDS
    journal.close()
    engine.dispose()


def test_a_server_that_is_killed_again_and_again(on_postgres, postgres):
    journal = _started(on_postgres)
    with Load(journal) as load:
        for _ in range(3):
            assert load.reaches(load.count + 40)
            postgres.kill()
            postgres.start()
    engine = database.connect(on_postgres, database.BACKGROUND)

    assert _all_arrived(engine, load)
    assert 0 == load.lost
    journal.close()
    engine.dispose()


def test_a_server_that_is_not_there_at_the_start(on_postgres, postgres):
    """(F9)"""
    postgres.stop()
    journal = _started(on_postgres)
    try:
        assert journal.write(decision())
        assert eventually(lambda: journal.state().database.reach == "away")
    finally:
        postgres.start()
    engine = database.connect(on_postgres, database.BACKGROUND)

    assert eventually(lambda: stored(engine) == 1)
    journal.close()
    engine.dispose()


def test_a_server_that_hangs(on_postgres, postgres):
    """(F11)"""
    journal = _started(on_postgres)
    with Load(journal) as load:
        assert load.reaches(20)
        postgres.freeze()
        try:
            assert load.reaches(load.count + 200)
        finally:
            postgres.thaw()
    engine = database.connect(on_postgres, database.BACKGROUND)

    assert _all_arrived(engine, load)
    assert load.longest < LONGEST_SECONDS
    journal.close()
    engine.dispose()


def test_a_file_that_another_process_has_locked(on_sqlite):
    """(F12)"""
    journal = _started(on_sqlite)
    engine = database.connect(on_sqlite, database.BACKGROUND)
    with Load(journal) as load:
        with database.writing(engine) as connection:
            connection.execute(text("DELETE FROM tokens"))
            assert load.reaches(400)
            time.sleep(1)
            assert journal.state().waiting_bytes

        assert load.reaches(load.count + 20)
    assert _all_arrived(engine, load)
    assert (0, True) == (load.lost, load.longest < LONGEST_SECONDS)
    journal.close()
    engine.dispose()


def test_a_database_whose_tables_are_gone_is_made_anew(settings, engine):
    journal = _started(settings)
    journal.write(decision("before"))
    assert eventually(lambda: stored(engine) == 1)
    with database.writing(engine) as connection:
        tables.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    journal.write(decision("after"))

    assert eventually(lambda: schema_of(engine) == schema.newest())
    assert eventually(lambda: ids(engine) == {"after"})
    journal.close()


def schema_of(engine):
    with database.reading(engine) as connection:
        return schema.current(connection)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of two million bytes; a test that may not mount one cannot be run."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m,mode=777", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here; test_half_a_line_is_taken_back goes without")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_disk_that_is_full(small_disk, here):
    """Spool and database are on it. What does not fit is lost and counted; with room again, all goes on (F13)."""
    settings = replace(here, state=small_disk)
    journal = _started(settings)
    assert journal.write(decision("first"))
    engine = database.connect(settings, database.BACKGROUND)
    schema.upgrade(engine)
    assert eventually(lambda: stored(engine) == 1)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(b"x" * 4_096)
    kept = [entry.id for entry in numbered("full", range(300)) if journal.write(entry)]
    lost = 300 - len(kept)

    assert (True, lost) == (lost > 0, journal.state().lost)
    filler.unlink()
    assert journal.write(decision("last"))
    assert eventually(lambda: ids(engine) == {"first", "last", *kept})
    assert lost == journal.state().lost
    journal.close()
    engine.dispose()


def test_a_folder_that_cannot_be_written(here, capsys):
    """The service answers; that nothing is kept is counted and said (F14)."""
    here.state.parent.mkdir(exist_ok=True)
    here.state.write_text("a file where the folder should be")
    journal = _started(here)
    assert eventually(lambda: journal.state().folder == "Not a directory")

    assert [False, False] == [journal.write(decision("a")), journal.write(decision("b"))]
    state = journal.state()
    assert (2, "Not a directory") == (state.lost, state.folder)
    said = io.StringIO()
    assert eventually(lambda: bool(said.write(capsys.readouterr().out)) and "cannot be used" in said.getvalue())
    assert (1, 1) == (said.getvalue().count("records are lost"), said.getvalue().count("the spool cannot be used"))
    here.state.unlink()
    assert journal.write(decision("c"))
    engine = database.connect(here, database.BACKGROUND)
    assert eventually(lambda: journal.state().database.reach == "there")
    assert eventually(lambda: ids(engine) == {"c"})
    assert eventually(lambda: journal.state().folder == "")
    journal.close()
    engine.dispose()
