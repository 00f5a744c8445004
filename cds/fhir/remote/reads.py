"""Reading from FHIR servers what a call did not bring."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from cds.fhir.decode import Sent
from cds.fhir.remote.breaker import Breaker
from cds.fhir.remote.replies import incomplete
from cds.fhir.remote.round import Access, Round
from cds.fhir.remote.seen import UNSEEN, Seen
from cds.fhir.remote.unread import Fault, Unread
from cds.outbound import Outbound, Unreachable

__all__ = ["Access", "Reads", "Unread"]

NOTHING: Final[Mapping[str, Sent]] = MappingProxyType({})

_MARGIN = 0.1  # seconds a round gets to come to its end by itself


class Reads:
    """Lives as long as the process: it knows which servers fail. ``clock`` as ``time.monotonic``."""

    def __init__(
        self,
        outbound: Outbound,
        *,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        seen: Seen = UNSEEN,
    ) -> None:
        self._outbound = outbound
        self._clock = clock
        self._jitter = jitter
        self._seen = seen
        self._breakers: dict[str, Breaker] = {}  # by base; only registered servers get here

    def read(
        self, access: Access, wanted: Mapping[str, str], *, seconds: float, follow: Mapping[str, Sent] = NOTHING
    ) -> Mapping[str, Sent | Unread]:
        """What each of the ``wanted`` queries finds, and what was sent with the pages that follow it, side by side.

        ``wanted``: relative queries, such as ``Patient/1`` or ``Condition?patient=1``. Every key comes back, whatever
        happens: a set that could be read only in part is one with ``next`` and ``gap``. Waits ``seconds`` at most.
        """
        left = seconds if access.deadline is None else min(seconds, access.deadline - self._clock())
        if left <= 0:
            return _none("time" if seconds <= 0 else "expired", wanted, follow)
        try:
            return self._outbound.run(self._round(access, wanted, follow, left), seconds=left + _MARGIN)
        except Unreachable:
            self._seen.fhir_late(access.base)
            return _none("time", wanted, follow)

    async def _round(
        self, access: Access, wanted: Mapping[str, str], follow: Mapping[str, Sent], seconds: float
    ) -> dict[str, Sent | Unread]:
        breaker = self._breakers.setdefault(access.base, Breaker(self._clock))
        return await Round(self._outbound, access, breaker, seconds, self._jitter, seen=self._seen).read(wanted, follow)


def _none(fault: Fault, wanted: Mapping[str, str], follow: Mapping[str, Sent]) -> dict[str, Sent | Unread]:
    return {key: Unread(fault) for key in wanted} | {key: incomplete(sent, fault) for key, sent in follow.items()}
