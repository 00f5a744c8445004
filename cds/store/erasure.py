"""Erasing a patient: what is stored of one, and what still waits to be stored on whatever machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, text

from cds.journal import Decision
from cds.store import tables
from cds.store.ledger import Keys
from cds.store.removal import remove
from cds.store.rows import insert_new

_LOCK = 0x6364_7332  # "cds2": of PostgreSQL's advisory locks


@dataclass(frozen=True, slots=True)
class Removed:
    decisions: int
    feedback: int


def erase(connection: Connection, keys: Keys, patient: str, now: datetime) -> Removed:
    """Removes the decisions up to this moment about the patient of this pseudonym, and all feedback on their cards.

    A note of it stays until such decisions would be too old anyway, so that none is stored that still waits in a spool.
    Feedback that waits finds no card any more and goes with the others of that kind.
    """
    _settle(connection, "pg_advisory_xact_lock")
    decided, issued, told = tables.decisions, tables.cards, tables.feedback
    theirs = select(decided.c.id).where(decided.c.patient == patient, decided.c.at <= now)
    cards = select(issued.c.uuid).where(issued.c.decision.in_(theirs))
    on_theirs = select(told.c.id).where(told.c.card.in_(cards))
    forgotten = remove(connection, keys, "feedback", [*connection.scalars(on_theirs)], "erased")
    removed = remove(connection, keys, "decision", [*connection.scalars(theirs)], "erased")
    for known in (tables.answered, tables.erased):
        connection.execute(delete(known).where(known.c.patient == patient))
    insert_new(connection, tables.erased, [{"patient": patient, "at": now}])
    return Removed(decisions=removed, feedback=forgotten)


def not_erased(connection: Connection, decisions: Sequence[Decision]) -> list[Decision]:
    """Those that may be stored in this transaction."""
    _settle(connection, "pg_advisory_xact_lock_shared")
    patients = {decision.patient for decision in decisions}
    query = select(tables.erased.c.patient, tables.erased.c.at).where(tables.erased.c.patient.in_(patients))
    until = {row.patient: row.at for row in connection.execute(query)} if patients else {}
    return [d for d in decisions if d.patient not in until or d.at > until[d.patient]]


def _settle(connection: Connection, lock: str) -> None:
    """Nothing is stored between the look at the notes of erasure and its commit. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT {lock}(:lock)"), {"lock": _LOCK})
