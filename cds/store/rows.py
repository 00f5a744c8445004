"""Rows are inserted where they are not there yet, on either database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = Mapping[Table, Sequence[Row]]
"""Of one record."""


def insert_records(connection: Connection, records: Iterable[Rows]) -> None:
    """Each names its tables in the order in which their rows refer to each other."""
    by_table: dict[Table, list[Row]] = {}
    for record in records:
        for table, rows in record.items():
            by_table.setdefault(table, []).extend(rows)
    for table, rows in by_table.items():
        insert_new(connection, table, rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """A row whose primary key is there already changes nothing."""
    if rows:
        connection.execute(_statement(connection, table), rows)


def is_new(connection: Connection, table: Table, row: Row) -> bool:
    """Inserts it, unless its primary key is there already."""
    inserted = _statement(connection, table).values(row).returning(*table.primary_key)
    return connection.execute(inserted).first() is not None


def _statement(connection: Connection, table: Table) -> Insert:
    """The dialects have it in common, but not SQL."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
