"""The schema of the database: which it is, and how it is brought up to date, by one process at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from cds.errors import SettingsError, Unavailable
from cds.settings import Settings
from cds.store import database

_STEPS = Path(__file__).with_name("migrations")
_LOCK = 0x6364_7331  # "cds1": of PostgreSQL's advisory locks, known to nobody else

_log = structlog.get_logger()


def newest() -> str:
    """What this software was written for."""
    return str(_script().get_current_head())


def current(connection: Connection) -> str:
    """What the database has: "" before anything was made in it."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def check(connection: Connection) -> None:
    """Raises ``SettingsError`` when a newer release of the software has changed the database."""
    found = current(connection)
    if found and found not in {step.revision for step in _script().walk_revisions()}:
        raise SettingsError(
            f"the database has schema {found}, this release knows up to {newest()}: run the release that made it"
        )


def upgrade(engine: Engine) -> str:
    """Makes or completes the tables. Any number may call it at once. Returns the schema there was before.

    Raises ``SettingsError`` when the database is newer than the software, and SQLAlchemy's ``DBAPIError`` when the
    database is away or refuses.
    """
    database.write_ahead(engine)
    with database.writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        check(connection)
        before = current(connection)
        if before != newest():
            settings = _settings()
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    return before


def prepare(settings: Settings) -> None:
    """Before the workers are forked. A database that is away is no reason not to start: its turn comes later (F9).

    Raises ``SettingsError`` when the address is wrong, or the database newer than the software.
    """
    engine = database.connect(settings, database.START)
    try:
        upgrade(engine)
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            why = f"the SQLite database cannot be used: {error.orig}; see CDS_DATABASE_URL, CDS_STATE"
            raise SettingsError(why) from error
        _log.error("the database is away; records wait in the spool", why=database.why(error))
    finally:
        engine.dispose()


def check_address(settings: Settings) -> None:
    """Raises ``SettingsError`` when it is none of a database."""
    database.address(settings.database)


def check_reach(settings: Settings) -> None:
    """Raises ``Unavailable`` when the database is away, ``SettingsError`` when it is newer than the software. An SQLite
    file that does not exist is made when the service starts, and not here.
    """
    url = database.address(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return
    with connected(settings) as engine, database.reading(engine) as connection:
        check(connection)


@contextmanager
def connected(settings: Settings) -> Iterator[Engine]:
    """For the command line: a database of whatever schema. Raises ``Unavailable`` when it is away in the block."""
    engine = database.connect(settings, database.BACKGROUND)
    try:
        yield engine
    except DBAPIError as error:
        raise Unavailable(f"the database is away ({database.why(error)})") from error
    finally:
        engine.dispose()


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """As ``connected``, with the tables as this release knows them; raises ``SettingsError`` when there are none."""
    with connected(settings) as engine:
        with database.reading(engine) as connection:
            check(connection)
            if current(connection) != newest():
                raise SettingsError("the database has no tables of this release: run `cds database upgrade`")
        yield engine


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    return settings


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_settings())
