"""How much of what a service was called with has reached its database."""

import json
import time
from contextlib import suppress
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from cds.settings import Settings
from cds.store import database, tables

KEYS = {"CDS_PSEUDONYM_KEY": "p" * 32, "CDS_RECORD_KEYS": "k" * 32}
"""What a service needs that shares its database with others."""


def overridden(card: str = "", when: str = "2026-11-21T10:05:31Z") -> bytes:
    """Feedback; without a card's id about a card that nobody knows."""
    entry = {"card": card or str(uuid4()), "outcome": "overridden", "outcomeTimestamp": when}
    return json.dumps({"feedback": [entry]}).encode()


def stored(url: str) -> list[int]:
    """How many decisions and how much feedback the database has."""
    engine = database.connect(Settings(database_url=url), database.BACKGROUND)
    try:
        with database.reading(engine) as connection:
            return [
                connection.scalar(select(func.count()).select_from(kept)) or 0
                for kept in (tables.decisions, tables.feedback)
            ]
    finally:
        engine.dispose()


def arrived(url: str, expected: list[int], patience: float = 20) -> list[int] | None:
    """What the database has, once it is as much as expected, or at the latest after a while."""
    deadline = time.monotonic() + patience
    found = None
    while found != expected and time.monotonic() < deadline:
        time.sleep(0.1)
        with suppress(DBAPIError):  # its tables are made when it is there
            found = stored(url)
    return found
