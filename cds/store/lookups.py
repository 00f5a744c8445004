"""What calls ask the database while a client waits: answered soon, or not at all."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from cds.errors import Unavailable
from cds.settings import Settings
from cds.store import database, responses, seen
from cds.store.bounded import Bounded

_LONGEST_SECONDS = 0.5
_SHORTEST_REST, _LONGEST_REST = 0.5, 5.0  # seconds after a failure in which nothing is tried, doubling

Value = TypeVar("Value")


class Lookups:
    """Lives as long as its worker process; used after the fork only. Threads may share it.

    All raise ``Unavailable`` when the database is away or slow. A server is asked by threads that may be left waiting.
    SQLite is asked right here: it is a file beside the spool, and waits for nothing but a writer, not for long.
    """

    def __init__(self, settings: Settings) -> None:
        self._engine = database.connect(settings, database.CALL)
        weakref.finalize(self, self._engine.dispose)  # an application that is dropped, not stopped, leaves nothing open
        self._server = None if database.is_file(self._engine) else Bounded(database.CALL.connections, _LONGEST_SECONDS)
        self._rest = _SHORTEST_REST
        self._rests_until = 0.0

    def first_use(self, issuer: str, digest: str, expires: datetime) -> bool:
        """Of any number that ask at once, on all machines, exactly one is told that it is the first (S13)."""

        def question() -> bool:
            with database.writing(self._engine) as connection:
                return seen.first_use(connection, issuer, digest, expires)

        return self._ask(question)

    def responses(self, patient: str, user: str, triggers: Collection[str]) -> Mapping[str, datetime]:
        """See ``cds.store.responses``."""

        def question() -> Mapping[str, datetime]:
            with database.reading(self._engine) as connection:
                return responses.responses(connection, patient, user, triggers)

        return self._ask(question)

    def close(self) -> None:
        """After what is being asked at the moment; nothing can be asked any more."""
        if self._server:
            self._server.close()
        self._engine.dispose()

    def _ask(self, question: Callable[[], Value]) -> Value:
        if time.monotonic() < self._rests_until:
            raise Unavailable("the database is away")
        try:
            found = self._server.ask(question) if self._server else question()
        except (SQLAlchemyError, TimeoutError) as error:
            self._rests_until = time.monotonic() + self._rest
            self._rest = min(self._rest * 2, _LONGEST_REST)
            raise Unavailable("the database is away") from error
        self._rest = _SHORTEST_REST
        return found
