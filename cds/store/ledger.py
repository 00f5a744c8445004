"""The ledger: who can write to the database, and has no key of the record, cannot change what is stored unseen.

Each decision and piece of feedback has a row, in the order in which they were stored: the digest of the record, and a
seal (HMAC-SHA-256) over the row and the seal before it. A record that is removed as it should be keeps its row, which
says so under a seal of its own; rows at the beginning of which all say so make way for one that tells where the ledger
goes on, since when everything has to be in it, and the seal that the next row is bound to.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import Connection, Select, exists, insert, or_, select, text

from cds.store import digests, tables
from cds.store.rows import Row, Rows

Keys: TypeAlias = Mapping[str, bytes]
"""By name. The first seals, all verify."""

Record: TypeAlias = tuple[str, str, Rows]
"""Its kind, its id, its rows."""

BEGINNING: Final = "beginning"
"""The kind of the first row. Its ``id``: the moment since when; its ``digest``: what the next row is bound to."""

_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
_UPGRADE = timedelta(days=1)  # for which instances of a release without a ledger may go on storing records
_LOCK = 0x6364_7333  # "cds3": of PostgreSQL's advisory locks
_SHORT = 12  # characters of 6 bits

_ledger = tables.ledger


@dataclass(frozen=True, slots=True)
class End:
    """``link``: what the row of the next place is bound to."""

    place: int
    link: str


def end(connection: Connection, keys: Keys) -> End:
    """Where the ledger ends, until this transaction does: nobody else can store a record before. Begins a new one."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = connection.execute(_last()).one_or_none()
    return End(last.place, link(last)) if last else _begun(connection, keys)


def enter(connection: Connection, keys: Keys, after: End, records: Iterable[Record]) -> None:
    """``records``: those that this transaction stores for the first time."""
    digest, rows = digests.digest_of(connection.dialect), list[Row]()
    for place, (kind, id_, parts) in enumerate(records, start=after.place + 1):
        what = (place, kind, id_, digest(parts))
        seal = sealed(keys, rows[-1]["seal"] if rows else after.link, *what)
        rows.append(_row(*what, seal))
    if rows:
        connection.execute(insert(_ledger), rows)


def has_records(connection: Connection) -> bool:
    """Whether anything is stored that a ledger is about."""
    there = (exists(select(each)) for each, *_ in digests.TABLES.values())
    return bool(connection.scalar(select(or_(*there))))


def head(connection: Connection) -> str:
    """Place and short seal of the last row, to be noted elsewhere; "" before there is any."""
    last = connection.execute(_last()).one_or_none()
    return f"{last.place}:{short(link(last))}" if last else ""


def short(seal: str) -> str:
    return seal.rpartition(".")[2][:_SHORT]


def link(row: Any) -> str:
    """What the row after this one is bound to."""
    return str(row.digest if row.kind == BEGINNING else row.seal)


def follows(keys: Keys, row: Any, before: str) -> bool:
    """Whether a row is as it was sealed. ``before``: the link of the row before, "" at the beginning."""
    return _holds(keys, row.seal, before, row.place, row.kind, row.id, row.digest)


def seals(keys: Keys, row: Any, before: Iterable[str]) -> list[str]:
    """All that a row would have, if nothing but its seal were changed."""
    what = (row.place, row.kind, row.id, row.digest)
    return [_sealed(name, key, (each, *what)) for each in before for name, key in keys.items()]


def begins(keys: Keys, row: Any) -> bool:
    return row.kind == BEGINNING and follows(keys, row, "")


def beginning(keys: Keys, place: int, since: str, next_link: str) -> Row:
    what = (place, BEGINNING, since, next_link)
    return _row(*what, sealed(keys, "", *what))


def _row(place: int, kind: str, id_: str, digest: str, seal: str) -> Row:
    return {"place": place, "kind": kind, "id": id_, "digest": digest, "seal": seal, "gone": ""}


def gone(keys: Keys, row: Any, why: str) -> str:
    """What a row says of a record that is removed. ``why``: one word."""
    return f"{why}.{sealed(keys, 'gone', why, row.place, row.seal)}"


def is_gone(keys: Keys, row: Any) -> bool:
    why, _, seal = row.gone.partition(".")
    return _holds(keys, seal, "gone", why, row.place, row.seal)


def sealed(keys: Keys, *what: str | int) -> str:
    """The name of the key, and the seal."""
    name, key = next(iter(keys.items()))
    return _sealed(name, key, what)


def key_name(seal: str) -> str:
    return seal.partition(".")[0]


def _holds(keys: Keys, seal: str, *what: str | int) -> bool:
    name = key_name(seal)
    return name in keys and hmac.compare_digest(_sealed(name, keys[name], what).encode(), seal.encode())


def _sealed(name: str, key: bytes, what: Sequence[str | int]) -> str:
    made = hmac.digest(key, msgspec.json.encode(what), hashlib.sha256)
    return f"{name}.{urlsafe_b64encode(made).decode().rstrip('=')}"


def _last() -> Select[Any]:
    return select(_ledger).order_by(_ledger.c.place.desc()).limit(1)


def _begun(connection: Connection, keys: Keys) -> End:
    """Records that are there already are not in it, and some may come that are not."""
    since = datetime.now(UTC) + _UPGRADE if has_records(connection) else _ALWAYS
    row = beginning(keys, 0, since.isoformat(), secrets.token_urlsafe(32))
    connection.execute(insert(_ledger), [row])
    return End(0, row["digest"])
