"""Rows are inserted where they are not there yet, on either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """A row whose primary key is there already changes nothing."""
    if rows:
        insert = _INSERT[connection.dialect.name](table)
        connection.execute(insert.on_conflict_do_nothing(index_elements=list(table.primary_key)), rows)
