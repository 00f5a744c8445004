"""Entries of the spool as rows: in batches, which are halved where the database refuses something in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from cds.journal import Decision, Entry, Feedback
from cds.store import decisions, erasure, feedback, ledger, responses, tables
from cds.store.database import writing
from cds.store.feedback import Responded, Response, unseen
from cds.store.ledger import Keys, Record
from cds.store.rows import insert_records

_BATCH = 500  # entries in one transaction
_REFUSALS = ("22", "23", "54")  # classes of SQLSTATE: data, integrity, a limit of the database; 54 says "operational"
_DECODER: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)

Value = TypeVar("Value")
OfOneKind = TypeVar("OfOneKind", Decision, Feedback)


def store(engine: Engine, keys: Keys, lines: Sequence[bytes], seen: Responded = unseen) -> list[bytes]:
    """Returns the lines that are no entries, or that the database refuses for what they are; the others are committed.
    ``keys``: of the ledger. ``seen`` is told of the responses among them.

    Raises ``DBAPIError`` when the database is away. Some may be committed by then, and do no harm when they come again.
    """
    refused: list[bytes] = []
    for batch in _batches(lines, _BATCH):
        entries = [(line, _entry(line)) for line in batch]
        refused += [line for line, entry in entries if entry is None]
        refused += _refused(engine, keys, [(line, entry) for line, entry in entries if entry is not None], seen)
    return refused


def _batches(values: Sequence[Value], length: int) -> Iterator[list[Value]]:
    rest = iter(values)
    while batch := list(islice(rest, length)):
        yield batch


def _entry(line: bytes) -> Entry | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


def _refused(engine: Engine, keys: Keys, entries: Sequence[tuple[bytes, Entry]], seen: Responded) -> list[bytes]:
    """Halves what is refused as a whole, until one of it is left."""
    if _accepted(engine, keys, [entry for _, entry in entries], seen):
        return []
    if len(entries) == 1:
        return [entries[0][0]]
    half = len(entries) // 2
    return _refused(engine, keys, entries[:half], seen) + _refused(engine, keys, entries[half:], seen)


def _accepted(engine: Engine, keys: Keys, entries: Sequence[Entry], seen: Responded) -> bool:
    """False when something among them is refused: then none of them is stored."""
    try:
        with writing(engine) as connection:
            responses = _insert(connection, keys, entries)
    except (OverflowError, UnicodeError):  # of the drivers: what no column can hold
        return False
    except StatementError as error:
        if not _is_refusal(error):
            raise
        return False
    if responses:
        seen(responses)
    return True


def _is_refusal(error: StatementError) -> bool:
    """An error that is none of the database is one of a value on its way there."""
    state = getattr(error.orig, "sqlstate", None) or ""
    away = isinstance(error, DBAPIError) and not isinstance(error, (DataError, IntegrityError))
    return not away or state[:2] in _REFUSALS


def _insert(connection: Connection, keys: Keys, entries: Sequence[Entry]) -> list[Response]:
    """Gives what was not told before of cards that are known by now."""
    after = ledger.end(connection, keys)
    decided = erasure.not_erased(connection, [entry for entry in entries if isinstance(entry, Decision)])
    decided = _new(connection, tables.decisions, decided)
    told = _new(connection, tables.feedback, [entry for entry in entries if isinstance(entry, Feedback)])
    records: list[Record] = [("decision", each.id, decisions.rows(each)) for each in decided]
    records += [("feedback", each.id, feedback.rows(each)) for each in told]
    insert_records(connection, [rows for _, _, rows in records])
    ledger.enter(connection, keys, after, records)
    responses.match(connection, decided, told)
    return feedback.responses_of(connection, [each.id for each in told])


def _new(connection: Connection, table: Table, entries: Sequence[OfOneKind]) -> list[OfOneKind]:
    """The first of each id that is not stored yet."""
    first: dict[str, OfOneKind] = {}
    for entry in entries:
        first.setdefault(entry.id, entry)
    there = set(connection.scalars(select(table.c.id).where(table.c.id.in_(first)))) if first else set()
    return [entry for id_, entry in first.items() if id_ not in there]
