"""Rows are inserted where they are not there yet, on either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """A row whose primary key is there already changes nothing."""
    if rows:
        connection.execute(_statement(connection, table), rows)


def is_new(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Inserts it, unless its primary key is there already."""
    inserted = _statement(connection, table).values(row).returning(*table.primary_key)
    return connection.execute(inserted).first() is not None


def _statement(connection: Connection, table: Table) -> Insert:
    """The dialects have it in common, but not SQL."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
