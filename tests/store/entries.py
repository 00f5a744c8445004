"""Entries of the journal as the tests tell them, and what is found of them in a database."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, func, select

from cds.journal import Caller, Decision, Feedback, IssuedCard
from cds.security.sealing import ledger_keys
from cds.store import database, decisions, tables
from cds.store import feedback as told
from cds.store.rows import insert_records

KEYS = ledger_keys(("r" * 32,))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOSPITAL = Caller(client="general-hospital", issuer="https://ehr.example.org", tenant="a", jti="t-1")
CLINIC = Caller(client="clinic", issuer="https://clinic.example.org")


def decision(id_: str = "d-1", **said: Any) -> Decision:
    usual = {
        "at": NOON,
        "caller": HOSPITAL,
        "service": "spine-and-headache",
        "status": 200,
        "milliseconds": 12.5,
        "hook": "patient-view",
        "hook_instance": f"call-{id_}",
        "patient": "patient-a",
        "user": "user-a",
        "facts": msgspec.Raw(b'{"sciatica": {"state": "present"}}'),
        "cards": (card(f"card-{id_}"),),
    }
    return Decision(**{"id": id_, **usual, **said})


def card(uuid: str = "card-d-1", **said: Any) -> IssuedCard:
    usual = {"indicator": "warning", "rules": ("SRF-01.card@1.2.0",), "trigger": f"trigger-{uuid}"}
    return IssuedCard(**{"uuid": uuid, **usual, **said})


def feedback(id_: str = "f-1", **said: Any) -> Feedback:
    usual = {
        "received": NOON + timedelta(minutes=5),
        "caller": HOSPITAL,
        "service": "spine-and-headache",
        "card": "card-d-1",
        "outcome": "accepted",
        "at": NOON + timedelta(minutes=4),
    }
    return Feedback(**{"id": id_, **usual, **said})


def put(connection: Connection, *entries: Decision | Feedback) -> None:
    """By somebody who leaves out the ledger, and what else belongs to storing them."""
    rows = [decisions.rows(each) if isinstance(each, Decision) else told.rows(each) for each in entries]
    insert_records(connection, rows)


def stored(engine: Engine, table: str = "decisions") -> int:
    with database.reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(tables.metadata.tables[table])) or 0)


def ids(engine: Engine, table: str = "decisions") -> set[str]:
    with database.reading(engine) as connection:
        return set(connection.scalars(select(tables.metadata.tables[table].c.id)))


def numbered(name: str, numbers: Iterable[int]) -> list[Decision]:
    return [decision(f"{name}-{number}") for number in numbers]


def at_once(*works: Callable[[], object]) -> None:
    """Each in a thread of its own, until all have ended."""
    threads = [Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it does within a time that even a slow machine does not need."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
