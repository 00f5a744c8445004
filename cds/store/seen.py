"""Tokens that were used, known to all processes and machines that share the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from cds.store import tables

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def first_use(connection: Connection, issuer: str, digest: str, expires: datetime) -> bool:
    """Of any number that ask at once, exactly one is first (S13)."""
    token = {"issuer": issuer, "digest": digest, "expires": expires}
    insert = _INSERT[connection.dialect.name](tables.tokens).values(token)
    return connection.execute(insert.on_conflict_do_nothing()).rowcount == 1


def forget(connection: Connection, now: datetime) -> int:
    """Those that could not be used again anyway. Returns how many."""
    return connection.execute(delete(tables.tokens).where(tables.tokens.c.expires < now)).rowcount
