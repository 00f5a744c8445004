"""A record in one digest: the same while its rows are about to be written and when they are read back."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import Column, Connection, Dialect, Table, select, type_coerce
from sqlalchemy.types import NullType

from cds.store import tables
from cds.store.rows import Row, Rows

TABLES: Final[Mapping[str, tuple[Table, ...]]] = {
    "decision": (tables.decisions, tables.cards, tables.card_rules, tables.unshown),
    "feedback": (tables.feedback,),
}
"""By kind of record: the table that has its id, then those that have its parts."""

_VERSION = "1"
_ENCODER = msgspec.json.Encoder(order="deterministic")

_Handed: TypeAlias = Callable[[Any], Any]


def digest_of(dialect: Dialect) -> Callable[[Rows], str]:
    """The digest of a record by its rows before they are written."""
    handed = {table: _handed(table, dialect) for parts in TABLES.values() for table in parts}

    def line(table: Table, row: Row) -> bytes:
        return _line(table.name, row | {name: by_type(row[name]) for name, by_type in handed[table]})

    return lambda rows: _digest(line(table, row) for table, some in rows.items() for row in some)


def stored(connection: Connection, kind: str, ids: Collection[str]) -> dict[str, str]:
    """The digest of each of these records as its rows are now; none of those that are not there."""
    named, *parts = TABLES[kind]
    lines = {row["id"]: [_line(named.name, row)] for row in _of(connection, named, named.c.id, ids)}
    for table in parts:
        for row in _of(connection, table, table.c.decision, list(lines)):
            lines[row["decision"]].append(_line(table.name, row))
    return {id_: _digest(some) for id_, some in lines.items()}


def _of(connection: Connection, table: Table, key: Column[str], ids: Collection[str]) -> Iterable[Mapping[str, Any]]:
    """As the driver gives them: what was changed by force may not be what the types of columns can read."""
    unread = [type_coerce(column, NullType()).label(str(column.name)) for column in table.columns]
    return connection.execute(select(*unread).where(key.in_(ids))).mappings()  # type: ignore[return-value]


def _handed(table: Table, dialect: Dialect) -> list[tuple[str, _Handed]]:
    """What becomes of values on their way to the driver; of words in ``_line``."""
    kinds = {str(each.name): each.type for each in table.columns if not isinstance(each.type, tables.Words)}
    by_type = ((name, kind.dialect_impl(dialect).bind_processor(dialect)) for name, kind in kinds.items())
    return [(name, processor) for name, processor in by_type if processor]


def _line(table: str, row: Mapping[str, Any]) -> bytes:
    """Without what is empty: a column that a later release adds changes no digest of before. With U+FFFD for U+0000,
    as in words that are stored.
    """
    line = _ENCODER.encode((str(table), {name: value for name, value in row.items() if value}))
    return line.replace(b"\\u0000", b"\xef\xbf\xbd")


def _digest(lines: Iterable[bytes]) -> str:
    """In JSON no line has a break within. Rows come in the order that suits a database."""
    whole = hashlib.sha256(b"\n".join(sorted(lines))).digest()
    return f"{_VERSION}.{urlsafe_b64encode(whole).decode().rstrip('=')}"
