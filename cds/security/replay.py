"""Noticing a token that was used before: first in this process, then in the store that all workers share."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

from cds.errors import Unavailable

SharedFirstUse: TypeAlias = Callable[[str, str, datetime], bool]
"""By issuer, digest of the jti and the moment until which it is remembered. Raises Unavailable."""

MAX_REMEMBERED: Final = 100_000  # about 20 MB
_SWEEP_SECONDS: Final = 60.0


class Replay:
    """Lives as long as its process. ``strict``: without the shared store no token is accepted; otherwise each process
    then knows only what it has seen itself.
    """

    def __init__(self, shared: SharedFirstUse, *, strict: bool, clock: Callable[[], float]) -> None:
        """``clock``: seconds since 1970."""
        self._shared = shared
        self._strict = strict
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}
        self._sweep_at = 0.0
        self._degraded = False

    @property
    def degraded(self) -> bool:
        """Whether the shared store was away when it was last asked."""
        return self._degraded

    def first_use(self, issuer: str, jti: str, until: float) -> bool:
        """Whether this is new; from now on it is not, until that moment. Raises Unavailable when strict."""
        digest = hashlib.sha256(jti.encode()).hexdigest()
        if not self._remember(f"{issuer} {digest}", until):
            return False
        try:
            is_first = self._shared(issuer, digest, datetime.fromtimestamp(until, UTC))
        except Unavailable:
            self._degraded = True
            if self._strict:
                self._forget(f"{issuer} {digest}")  # the call is not made: its token may come again
                raise
            return True
        self._degraded = False
        return is_first

    def _remember(self, token: str, until: float) -> bool:
        with self._lock:
            now = self._clock()
            if now >= self._sweep_at or len(self._seen) >= MAX_REMEMBERED:
                self._sweep(now)
            if token in self._seen:
                return False
            self._seen[token] = until
            return True

    def _forget(self, token: str) -> None:
        with self._lock:
            self._seen.pop(token, None)

    def _sweep(self, now: float) -> None:
        """Forgets what has expired, and when that is not enough, what was seen first: the shared store still has it."""
        self._sweep_at = now + _SWEEP_SECONDS
        living = [(token, until) for token, until in self._seen.items() if until > now]
        self._seen = dict(living[-(MAX_REMEMBERED - MAX_REMEMBERED // 10) :])
