"""The schema of the database: which it is, and how it is brought up to date, by one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from cds.errors import SettingsError
from cds.store import database

_STEPS = Path(__file__).with_name("migrations")
_LOCK = 0x6364_7331  # "cds1": of PostgreSQL's advisory locks, known to nobody else


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
    if engine.dialect.name == "sqlite":
        _write_ahead(engine)
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


def _write_ahead(engine: Engine) -> None:
    """Readers and a writer at once; the file remembers it."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL").close()
    finally:
        connection.close()


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    return settings


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_settings())
