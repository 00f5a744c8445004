"""The schema: made from nothing, by any number at once, the same as the tables, never older than the software."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from cds.errors import SettingsError, Unavailable
from cds.settings import Settings
from cds.store import Journal, batches, check_reach, connected, database, opened, prepare, schema, tables
from tests.store.entries import KEYS, at_once, decision, eventually, feedback, stored

NOWHERE = "postgresql://cds:secret-of-the-site@127.0.0.1:1/cds"


def _let_it_be_newer(engine):
    with database.writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))


def test_the_migrations_make_the_tables(engine):
    with database.reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert [] == compare_metadata(context, tables.metadata)


def test_a_database_is_brought_up_to_date_once(settings):
    engine = database.connect(settings, database.BACKGROUND)

    assert ["", schema.newest()] == [schema.upgrade(engine), schema.upgrade(engine)]
    engine.dispose()


def test_many_may_bring_it_up_to_date_at_once(settings):
    engines = [database.connect(settings, database.BACKGROUND) for _ in range(8)]
    before: list[str] = []
    at_once(*(lambda own=engine: before.append(schema.upgrade(own)) for engine in engines))
    for engine in engines:
        engine.dispose()

    assert ["", *[schema.newest()] * 7] == sorted(before)


def test_what_was_answered_before_is_known_after_the_step(engine):
    """0002 makes a table of what feedback and cards say together."""
    lines = [msgspec.json.encode(entry) for entry in (decision(), feedback(), feedback("f-2", card="unknown"))]
    assert [] == batches.store(engine, KEYS, lines)
    with database.writing(engine) as connection:
        kept = connection.execute(select(tables.answered)).all()
        tables.answered.drop(connection)
        tables.ledger.drop(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert "0001" == schema.upgrade(engine)
    with database.reading(engine) as connection:
        assert 1 == len(kept)
        assert kept == connection.execute(select(tables.answered)).all()


def test_a_newer_database_is_refused_at_the_start(settings, engine):
    _let_it_be_newer(engine)

    with pytest.raises(SettingsError, match="the database has schema 9999, this release knows up to 0003"):
        prepare(settings)


def test_a_newer_database_that_is_found_later_is_waited_for(settings, engine):
    _let_it_be_newer(engine)
    journal = Journal(settings, KEYS)
    journal.start()
    journal.write(decision())

    assert eventually(lambda: journal.state().database.reach == "newer")
    assert 0 == stored(engine)
    assert journal.state().waiting_bytes
    with database.writing(engine) as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{schema.newest()}'"))
    assert eventually(lambda: stored(engine) == 1)
    journal.close()


def test_a_worker_goes_on_while_a_newer_release_completes_the_tables(settings, engine):
    """(F22)"""
    journal = Journal(settings, KEYS)
    journal.start()
    assert eventually(lambda: journal.state().database.reach == "there")
    _let_it_be_newer(engine)
    journal.write(decision())

    assert eventually(lambda: stored(engine) == 1)
    journal.close()


def test_the_command_line_wants_the_tables_to_be_there(settings):
    with pytest.raises(SettingsError, match="run `cds database upgrade`"), opened(settings):
        pass


def test_a_database_that_is_away_stops_no_start(here):
    """(F9)"""
    prepare(replace(here, database_url=NOWHERE))


@pytest.mark.parametrize(
    "address",
    [
        NOWHERE,
        "postgres://cds:secret-of-the-site@127.0.0.1:1/cds",
        "postgresql://cds:secret-of-the-site@127.0.0.1:1/cds?sslmode=secret",
        "postgresql://cds:secret-of-the-site@127.0.0.1:1/cds?secret=1",
        "postgresql://cds:secret/of@the-site:1@127.0.0.1:secret/cds",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_no_error_tells_the_password(here, address):
    with pytest.raises((SettingsError, Unavailable)) as refused, opened(replace(here, database_url=address)):
        pass

    assert "secret" not in str(refused.value)


def test_an_error_of_the_database_does_not_quote_what_it_refused(engine):
    rows = [{"issuer": "secret", "digest": None, "expires": None}]
    with pytest.raises(DBAPIError) as refused, database.writing(engine) as connection:
        connection.execute(tables.tokens.insert(), rows)

    assert "secret" not in database.why(refused.value)


def test_a_refused_password_is_told_as_a_database_that_is_away(here, postgres):
    wrong = postgres.url("postgres").replace("p%40ss", "wrong")

    with pytest.raises(Unavailable, match="the database is away"), opened(replace(here, database_url=wrong)):
        pass


def test_the_file_of_the_database_is_for_its_owner_only(here):
    prepare(here)

    assert "0o600" == oct((here.state / "cds.sqlite").stat().st_mode & 0o777)


def test_what_sqlite_is_told(here):
    engine = database.connect(here, database.CALL)
    schema.upgrade(engine)
    with database.reading(engine) as connection:
        told = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()

    assert {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 250} == told


def test_who_reads_sees_one_state(settings, engine):
    other = database.connect(settings, database.BACKGROUND)
    with database.reading(other) as connection:
        before = connection.scalar(select(func.count()).select_from(tables.decisions))
        assert [] == batches.store(engine, KEYS, [msgspec.json.encode(decision())])

        assert (0, 0) == (before, connection.scalar(select(func.count()).select_from(tables.decisions)))
    other.dispose()


def test_a_relative_path_is_one_of_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare(Settings(database_url="sqlite:///here.sqlite"))

    assert Path("here.sqlite").exists()


NOTES = "notes of a meeting, much longer than the head of a database file would be"


def test_a_file_that_is_no_database_is_refused_at_the_start(here):
    here.state.mkdir()
    (here.state / "cds.sqlite").write_text(NOTES)

    with pytest.raises(SettingsError, match="the SQLite database cannot be used: file is not a database"):
        prepare(here)
    with pytest.raises(Unavailable, match=r"the database is away \(DatabaseError SQLITE_NOTADB\)"):
        check_reach(here)
    with pytest.raises(Unavailable), connected(here) as engine:
        schema.upgrade(engine)


def test_a_file_that_cannot_be_opened_is_a_database_that_is_away(here):
    nowhere = replace(here, database_url="sqlite:////proc/nowhere/cds.sqlite")
    prepare(nowhere)
    journal = Journal(nowhere, KEYS)
    journal.start()

    assert eventually(lambda: journal.state().database.reach == "away")
    assert "OperationalError SQLITE_CANTOPEN" == journal.state().database.why
    journal.close()
