"""Tokens that were used, known to all processes and machines that share the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete

from cds.store import tables
from cds.store.rows import is_new


def first_use(connection: Connection, issuer: str, digest: str, expires: datetime) -> bool:
    """Of any number that ask at once, exactly one is first (S13)."""
    return is_new(connection, tables.tokens, {"issuer": issuer, "digest": digest, "expires": expires})


def forget(connection: Connection, now: datetime) -> int:
    """Those that could not be used again anyway. Returns how many."""
    return connection.execute(delete(tables.tokens).where(tables.tokens.c.expires < now)).rowcount
