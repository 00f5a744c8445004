"""Records are removed as they should be, and the ledger says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection, bindparam, delete, select, update

from cds.store import digests, tables
from cds.store.ledger import Keys, beginning, begins, end, follows, gone, is_gone, link

AT_ONCE: Final = 250  # records or rows in one transaction: a writer of SQLite keeps out all others

Why: TypeAlias = Literal["purged", "erased"]

_ledger = tables.ledger


def remove(connection: Connection, keys: Keys, kind: str, ids: Sequence[str], why: Why) -> int:
    """Returns how many there were. One that is not as it was entered goes without a word, and will be missed."""
    named, removed = digests.TABLES[kind][0], 0
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        _tell(connection, keys, kind, some, why)
        removed += connection.execute(delete(named).where(named.c.id.in_(some))).rowcount
    return removed


def _tell(connection: Connection, keys: Keys, kind: str, ids: Sequence[str], why: Why) -> None:
    stored = digests.stored(connection, kind, ids)
    rows = connection.execute(select(_ledger).where(_ledger.c.id.in_(ids), _ledger.c.kind == kind)).all()
    told = [{"of": row.place, "said": gone(keys, row, why)} for row in rows if stored.get(row.id) == row.digest]
    if told:
        of_place = _ledger.c.place == bindparam("of")
        connection.execute(update(_ledger).where(of_place).values(gone=bindparam("said")), told)


def cut(connection: Connection, keys: Keys) -> bool:
    """Takes away rows at the beginning whose records are gone, as far as all is as it was sealed. Whether there may be
    more of them.
    """
    end(connection, keys)
    first, *rows = connection.execute(select(_ledger).order_by(_ledger.c.place).limit(AT_ONCE)).all()
    last = first
    if begins(keys, first):
        for row in rows:
            if row.place != last.place + 1 or not follows(keys, row, link(last)) or not is_gone(keys, row):
                break
            last = row
    if last is first:
        return False
    connection.execute(delete(_ledger).where(_ledger.c.place <= last.place))
    connection.execute(_ledger.insert(), [beginning(keys, last.place, first.id, link(last))])
    return last is rows[-1] and len(rows) + 1 == AT_ONCE
