"""Records end: decisions at the age that was set, feedback with its card, tokens when they have expired."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Engine, delete, exists, select

from cds.store import seen, tables
from cds.store.database import writing
from cds.store.erasure import Removed

_AT_ONCE = 1_000  # rows in one transaction: a writer of SQLite keeps out all others
_CARDLESS = timedelta(days=30)  # within which the record of a card may still arrive


def purge(engine: Engine, before: datetime, now: datetime) -> Removed:
    """Removes what was decided before a moment, and feedback without a card that was received over 30 days ago."""
    told, issued = tables.feedback.c, tables.cards.c
    cardless = ~exists().where(issued.uuid == told.card)
    removed = Removed(
        decisions=_delete(engine, tables.decisions.c.id, tables.decisions.c.at < before),
        feedback=_delete(engine, told.id, cardless & (told.received < now - _CARDLESS)),
    )
    with writing(engine) as connection:
        for known in (tables.answered, tables.erased):
            connection.execute(delete(known).where(known.c.at < before))
        seen.forget(connection, now)
    return removed


def _delete(engine: Engine, key: Column[str], condition: ColumnElement[bool]) -> int:
    deleted = 0
    while True:
        some = select(key).where(condition).limit(_AT_ONCE)
        with writing(engine) as connection:
            rows = connection.execute(delete(key.table).where(key.in_(some))).rowcount
        deleted += rows
        if rows < _AT_ONCE:
            return deleted
