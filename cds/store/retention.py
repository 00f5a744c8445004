"""Records end: decisions at the age that was set, feedback with its card, tokens when they have expired."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, delete, exists, select

from cds.store import digests, seen, tables
from cds.store.database import writing
from cds.store.erasure import Removed
from cds.store.ledger import Keys
from cds.store.removal import AT_ONCE, cut, remove

_CARDLESS = timedelta(days=30)  # within which the record of a card may still arrive


def purge(engine: Engine, keys: Keys, before: datetime, now: datetime) -> Removed:
    """Removes what was decided before a moment, and feedback without a card that was received before it, or over 30
    days ago.
    """
    told, issued = tables.feedback.c, tables.cards.c
    cardless = ~exists().where(issued.uuid == told.card)
    removed = Removed(
        decisions=_remove(engine, keys, "decision", tables.decisions.c.at < before),
        feedback=_remove(engine, keys, "feedback", cardless & (told.received < max(before, now - _CARDLESS))),
    )
    with writing(engine) as connection:
        connection.execute(delete(tables.answered).where(tables.answered.c.at < before))
        seen.forget(connection, now)
    while _cut(engine, keys):
        pass
    return removed


def end_notes(engine: Engine, before: datetime) -> None:
    """Of erasures, once decisions of that time would be too old to be stored anyway."""
    with writing(engine) as connection:
        connection.execute(delete(tables.erased).where(tables.erased.c.at < before))


def _remove(engine: Engine, keys: Keys, kind: str, condition: ColumnElement[bool]) -> int:
    removed = 0
    some = select(digests.TABLES[kind][0].c.id).where(condition).limit(AT_ONCE)
    while True:
        with writing(engine) as connection:
            ids = [*connection.scalars(some)]
            removed += remove(connection, keys, kind, ids, "purged")
        if len(ids) < AT_ONCE:
            return removed


def _cut(engine: Engine, keys: Keys) -> bool:
    with writing(engine) as connection:
        return cut(connection, keys)
