"""How often each client may call: what is left of its minute, in each process for itself."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final

from cds.security.clients import Client

_AT_ONCE_SECONDS: Final = 10.0  # a client that was silent may make the calls of so many seconds at once


class Pace:
    """Lives as long as its process; calls of several threads ask it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock``: seconds; it never goes back."""
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # calls, and when that was so, by client
        self._lock = Lock()

    def wait(self, client: Client) -> float:
        """Seconds until this client may call again. 0.0: it may now, and the call counts."""
        if client.per_minute is None:
            return 0.0
        a_second = client.per_minute / 60
        most = max(1.0, a_second * _AT_ONCE_SECONDS)
        with self._lock:
            now = self._clock()
            left, then = self._left.get(client.name, (most, now))
            left = min(most, left + (now - then) * a_second)
            may = left >= 1
            self._left[client.name] = (left - may, now)
        return 0.0 if may else (1 - left) / a_second
