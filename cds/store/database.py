"""How the database is reached: who connects has to do so after the fork, and says how long it may wait."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from cds.errors import SettingsError
from cds.settings import Settings

_NO_ADDRESS = (
    "DATABASE_URL cannot be read as the address of a database; special characters of a password are written %XX"
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection may take to be made, a statement to run or to wait for others, the other side to be mute;
    and how many connections there may be at once.
    """

    connect_seconds: int
    statement_milliseconds: int
    mute_milliseconds: int
    connections: int


_UNCONNECTED = (
    ("Connection refused", "nothing listens at its address"),
    ("failed to resolve host", "its host has no address"),
    ("timeout expired", "no answer in time"),
    ("password authentication failed", "it refuses this user or password"),
    ("no pg_hba.conf entry", "it does not accept connections from this machine"),
    ("does not exist", "it has no such database or user"),
    ("SSL was required", "it does not speak TLS"),
    ("certificate verify failed", "its certificate is not trusted"),
    ("too many clients", "it has too many connections"),
    ("the database system is", "it is starting or stopping"),
)
"""What PostgreSQL and its library say in English when they let nobody in, and what is told of it."""

CALL = Patience(connect_seconds=2, statement_milliseconds=250, mute_milliseconds=1_000, connections=4)
START = Patience(connect_seconds=2, statement_milliseconds=5_000, mute_milliseconds=5_000, connections=1)
BACKGROUND = Patience(connect_seconds=5, statement_milliseconds=30_000, mute_milliseconds=10_000, connections=1)


def address(text: str) -> URL:
    """Raises ``SettingsError``, which does not repeat the text: it may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(_NO_ADDRESS) from None
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise SettingsError("DATABASE_URL names no file; an SQLite database must be one: sqlite:///path")
        return url.set(drivername="sqlite+pysqlite")
    return url.set(drivername="postgresql+psycopg")


def connect(settings: Settings, patience: Patience) -> Engine:
    """Connects to nothing yet. Its connections must not be taken along into a forked process."""
    url = address(settings.database)
    return _sqlite(url, patience) if url.get_backend_name() == "sqlite" else _postgresql(url, patience)


def is_file(engine: Engine) -> bool:
    """SQLite: beside the spool, with one writer at a time. Otherwise it is a server."""
    return engine.dialect.name == "sqlite"


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction, which is undone when the block fails."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that sees one state of the database and waits for no writer."""
    options: dict[str, Any] = {"begin": "BEGIN"} if is_file(engine) else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def write_ahead(engine: Engine) -> None:
    """Readers and a writer at once; the file of SQLite remembers it."""
    _file_is_told(engine, "journal_mode=WAL")


def forget_free_pages(engine: Engine) -> None:
    """What was deleted is overwritten in the file already; this empties the log beside it of older states.

    PostgreSQL does this by itself in its own time (autovacuum).
    """
    _file_is_told(engine, "wal_checkpoint(TRUNCATE)")


def _file_is_told(engine: Engine, pragma: str) -> None:
    """Outside of a transaction. Servers are told nothing."""
    if is_file(engine):
        with engine.connect().execution_options(begin="") as connection:
            connection.exec_driver_sql(f"PRAGMA {pragma}").close()


def why(error: DBAPIError) -> str:
    """The kind of an error. Its message is not for the log: databases quote what they refuse.

    What keeps a connection from being made has no code, only words; the usual ones are told in ours.
    """
    kind = type(error.orig).__name__
    if state := getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None):
        return f"{kind} {state}"
    return next((ours for theirs, ours in _UNCONNECTED if theirs in str(error.orig)), kind)


def _sqlite(url: URL, patience: Patience) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": patience.statement_milliseconds / 1_000, "check_same_thread": False},
        pool_size=patience.connections,
        max_overflow=0,
        pool_timeout=patience.statement_milliseconds / 1_000,
    )
    event.listen(engine, "do_connect", _make_private)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(_dialect: Any, _record: Any, arguments: list[Any], _options: dict[str, Any]) -> None:
    """SQLite would let the umask decide who may read; its log files take over the permissions of the database.

    The file is linked into place, never opened there: closing it would drop the locks that SQLite has on it in this
    process. Where it cannot be made, SQLite says so in its own words.
    """
    path = Path(arguments[0])
    if path.exists():
        return
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent) as empty:
            os.link(empty.name, path)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """NORMAL: after a power cut the newest records may be missing, never half there."""
    connection.isolation_level = None  # transactions begin where ``_begin_sqlite`` says
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: taking it halfway fails without waiting when another has written meanwhile."""
    if begin := connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"):
        connection.exec_driver_sql(begin)


def _postgresql(url: URL, patience: Patience) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={
            "connect_timeout": patience.connect_seconds,
            "tcp_user_timeout": patience.mute_milliseconds,
            "application_name": "cds",
        },
        pool_size=patience.connections,
        max_overflow=0,
        pool_timeout=patience.statement_milliseconds / 1_000,
        pool_pre_ping=True,
        pool_recycle=1_800,
    )

    @event.listens_for(engine, "connect")
    def limit(connection: Any, _record: Any) -> None:
        """By statement, not as an option of the connection: proxies in between refuse those."""
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {patience.statement_milliseconds}")
            cursor.execute("SET timezone = 'UTC'")
        connection.commit()

    return engine
