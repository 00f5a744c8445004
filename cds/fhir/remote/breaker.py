"""A server that keeps failing is left alone for a while, so that no call waits for it in vain."""

from __future__ import annotations

from collections.abc import Callable

FAILURES = 5  # in a row
REST = 10.0  # seconds


class Breaker:
    """Lives as long as its server is known; used from one thread. ``clock``: seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._rests_until = 0.0

    def admits(self) -> bool:
        """Whether to ask the server. After a rest one is sent ahead; the others wait for what becomes of it."""
        if self._failures < FAILURES:
            return True
        if self._clock() < self._rests_until:
            return False
        self._rests_until = self._clock() + REST
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= FAILURES:
            self._rests_until = self._clock() + REST
