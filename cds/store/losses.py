"""What could not be kept: counted always, said once a minute."""

from __future__ import annotations

import time
from threading import Lock

import structlog

_SILENCE_SECONDS = 60

_log = structlog.get_logger()


class Losses:
    """Of one process. Threads may share it."""

    def __init__(self) -> None:
        self.total = 0
        self._said = -_SILENCE_SECONDS * 1.0
        self._turn = Lock()

    def count(self, records: int, reason: str) -> None:
        with self._turn:
            self.total += records
            now = time.monotonic()
            if now - self._said < _SILENCE_SECONDS:
                return
            self._said = now
        _log.error("records are lost", lost=self.total, reason=reason)
