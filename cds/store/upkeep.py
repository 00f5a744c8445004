"""What an operator asks for: how the database is, and that one patient be forgotten."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, func, inspect, select

from cds.settings import Settings
from cds.store import database, erasure, ledger, moves, rejected, schema, spool, tables
from cds.store.ledger import Keys
from cds.store.losses import Losses
from cds.store.turn import Turn

_DRAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Status:
    """``schema``: "" when nothing was made in it; then there are no records either. ``head``: of the ledger, "" when
    there is none.
    """

    database: str
    schema: str
    newest_schema: str
    decisions: int
    feedback: int
    oldest: datetime | None
    head: str
    waiting_bytes: int
    rejected_bytes: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """``rejected``: lines that the database had not taken. ``waiting``: bytes that could not be moved before."""

    decisions: int
    feedback: int
    rejected: int
    waiting: int


def status(engine: Engine, settings: Settings) -> Status:
    """Raises ``DBAPIError`` when the database is away."""
    folder = settings.state / "spool"
    with database.reading(engine) as connection:
        made, sealed = (inspect(connection).has_table(table.name) for table in (tables.decisions, tables.ledger))
        decided, told = (select(func.count()).select_from(table) for table in (tables.decisions, tables.feedback))
        return Status(
            database=engine.url.render_as_string(hide_password=True),
            schema=schema.current(connection),
            newest_schema=schema.newest(),
            decisions=connection.scalar(decided) or 0 if made else 0,
            feedback=connection.scalar(told) or 0 if made else 0,
            oldest=connection.scalar(select(func.min(tables.decisions.c.at))) if made else None,
            head=ledger.head(connection) if sealed else "",
            waiting_bytes=spool.size(folder),
            rejected_bytes=rejected.size(folder),
        )


def forget(engine: Engine, keys: Keys, folder: Path, patient: str, now: datetime) -> Forgotten:
    """Removes what is known of the patient of this pseudonym, also what waits in the spool of this machine.

    Decisions that wait on other machines are not stored any more either; their feedback goes within 30 days. Call it
    on each machine that has rejected records.
    """
    waiting = _drain(engine, keys, folder)
    with database.writing(engine) as connection:
        removed = erasure.erase(connection, keys, patient, now)
    database.forget_free_pages(engine)
    return Forgotten(
        decisions=removed.decisions,
        feedback=removed.feedback,
        rejected=rejected.erase(folder, patient),
        waiting=waiting,
    )


def _drain(engine: Engine, keys: Keys, folder: Path) -> int:
    """Here, or by the service if it runs: then until what was there is gone. Returns the bytes that wait if it is not;
    what the service has written since does not count.
    """
    turn, deadline, there = Turn(folder), time.monotonic() + _DRAIN_SECONDS, set(spool.segments(folder))
    try:
        while there & set(spool.segments(folder)):
            if time.monotonic() > deadline:
                return spool.size(folder)
            if turn.take():
                moves.move_all(engine, keys, folder, Losses())
            else:
                time.sleep(0.05)
        return 0
    finally:
        turn.give_up()
