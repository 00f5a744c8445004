"""The journal of a worker: what is written here is in the spool when the call is answered, and in the database soon after."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

import msgspec
import structlog

from cds.journal import Entry
from cds.settings import Settings
from cds.store import spool
from cds.store.drainer import Drainer, Reach

_COMPLAIN_SECONDS = 60

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class State:
    """For /readyz. ``lost``: since this process began; the rest is told of the machine."""

    waiting_bytes: int
    waiting_since: datetime | None
    rejected_bytes: int
    lost: int
    database: Reach
    database_since: datetime


class Journal:
    """Lives as long as its worker process."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.state / "spool"
        self._writer = spool.Writer(self._folder, settings.spool_bytes)
        self._lost = Losses()
        self._drainer = Drainer(settings, self._folder, self._lost.count)

    def start(self) -> None:
        """After the fork."""
        self._drainer.start()

    def write(self, entry: Entry) -> bool:
        """False when it is lost, which is counted and said. Waits for nothing but the file."""
        try:
            line = msgspec.json.encode(entry).replace(b"\n", b" ")  # facts may be spread over lines
            self._writer.append(line + b"\n")
        except (spool.NoRoom, OSError, UnicodeEncodeError) as error:
            self._lost.count(1, type(error).__name__)
            return False
        self._drainer.wake()
        return True

    def state(self) -> State:
        reach, since = self._drainer.reach
        return State(
            waiting_bytes=spool.size(self._folder),
            waiting_since=spool.oldest(self._folder),
            rejected_bytes=spool.size(self._folder / "rejected"),
            lost=self._lost.total,
            database=reach,
            database_since=since,
        )

    def close(self, seconds: float = 5) -> None:
        """Moves what waits, if the database is there and the time suffices; what does not, stays in the spool."""
        self._writer.close()
        self._drainer.close(seconds)
