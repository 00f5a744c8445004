"""Everything that is read for one call, side by side, until its time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds.fhir.decode import Sent
from cds.fhir.remote.breaker import Breaker
from cds.fhir.remote.paging import continued
from cds.fhir.remote.replies import UNREACHED, incomplete, pause, understood
from cds.fhir.remote.scopes import Coverage, coverage
from cds.fhir.remote.seen import Seen, Trail
from cds.fhir.remote.unread import Unread
from cds.fhir.remote.urls import is_under, joined
from cds.outbound import Outbound, Reply, Unreachable

PARALLEL = 4
PAGES = 20  # of one search, the one that was sent with the call included
RESOURCES = 10_000  # of one search
BYTES = 20_000_000  # of all replies together; as many are in flight as are asked for side by side

_SERVER_AT_FAULT = frozenset({"refused", "reset", "timeout", "tls", "name", "protocol", "address"})
_SOON = 0.05  # seconds before asking again, and up to twice that


@dataclass(frozen=True, slots=True)
class Access:
    """To one FHIR server, for one call. ``base``: normalised, and registered. ``token``: visible ASCII. ``scope`` None:
    not known, everything is asked for.

    ``deadline``: the moment (``time.monotonic``) after which the token may not be used. ``trail``: the trace that the
    requests are part of.
    """

    base: str
    token: str | None = field(default=None, repr=False)
    scope: str | None = None
    deadline: float | None = None
    trail: Trail | None = None


class Round:
    """Lives on the loop, for the reads of one call. ``jitter``: a number from 0 to 1, a new one each time."""

    def __init__(
        self,
        outbound: Outbound,
        access: Access,
        breaker: Breaker,
        seconds: float,
        jitter: Callable[[], float],
        *,
        seen: Seen,
    ) -> None:
        self._outbound = outbound
        self._access = access
        self._breaker = breaker
        self._jitter = jitter
        self._seen = seen
        self._now = asyncio.get_running_loop().time
        self._ends = self._now() + seconds
        self._turns = asyncio.Semaphore(PARALLEL)
        self._room = BYTES
        authorization = {"authorization": f"Bearer {access.token}"} if access.token else {}
        self._headers = {"accept": "application/fhir+json", **authorization}

    async def read(self, wanted: Mapping[str, str], follow: Mapping[str, Sent]) -> dict[str, Sent | Unread]:
        reads: dict[str, Coroutine[Any, Any, Sent | Unread]] = {
            **{key: self._followed(sent) for key, sent in follow.items()},
            **{key: self._read(key, query) for key, query in wanted.items()},
        }
        found = dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))
        if self._left() <= 0:
            self._seen.fhir_late(self._access.base)
        return found

    async def _read(self, key: str, query: str) -> Sent | Unread:
        kind, instance, _ = query.partition("?")[0].partition("/")
        covered = self._covered(query)
        address = joined(self._access.base, query)
        if covered == "none":
            return Unread("scope")
        if address is None:
            return Unread("address")
        first = await self._page(address, kind if instance else "Bundle", f"fhir.{key}")
        if isinstance(first, Unread):
            return first
        found = first.supplying(frozenset({kind}))
        return await self._rest(found if covered == "whole" else incomplete(found, "part"), {address})

    async def _followed(self, sent: Sent) -> Sent:
        covered = {self._covered(f"{kind}?") for kind in sent.types}
        if "none" in covered:
            return incomplete(sent, "scope")
        return await self._rest(incomplete(sent, "part") if "part" in covered else sent, set())

    def _covered(self, query: str) -> Coverage:
        return "whole" if self._access.scope is None else coverage(self._access.scope, query)

    async def _rest(self, found: Sent, seen: set[str]) -> Sent:
        """The set with the pages after it, as far as they can be had."""
        pages = 1
        while following := found.next:
            if not is_under(self._access.base, following):
                return incomplete(found, "stray")
            if pages == PAGES or following in seen:
                return incomplete(found, "pages")
            if len(found.entries) >= RESOURCES:
                return incomplete(found, "size")
            seen.add(following)
            pages += 1
            page = await self._page(following, "Bundle", f"{found.place}.page[{pages}]")
            if isinstance(page, Unread):
                return incomplete(found, page.fault)
            found = continued(found, page)
        return found if found.next is None else incomplete(found, "pages")

    async def _page(self, address: str, expected: str, place: str) -> Sent | Unread:
        async with self._turns:
            answer = await self._asked(address)
            if isinstance(answer, Unread):
                return answer
            self._room -= len(answer.body)
            reading = asyncio.to_thread(understood, answer, expected, place)
            try:
                return await asyncio.wait_for(reading, max(0, self._left()))
            except TimeoutError:
                return Unread("time")

    async def _asked(self, address: str) -> Reply | Unread:
        answer = await self._once(address)
        wait = pause(answer)
        if wait is None:
            return answer
        wait = max(wait, _SOON * (1 + self._jitter()))
        if wait >= self._left():
            return answer
        await asyncio.sleep(wait)
        return await self._once(address)

    async def _once(self, address: str) -> Reply | Unread:
        left = self._left()
        if left <= 0:
            return Unread("time")
        if self._room <= 0:
            return Unread("size")
        if not self._breaker.admits():
            return Unread("resting")
        began = self._now()
        asked = self._access.trail.asked(self._access.base) if self._access.trail else None
        headers = {**self._headers, "traceparent": asked.header} if asked else self._headers
        try:
            reply = await self._outbound.get(address, headers=headers, limit=self._room, seconds=left)
        except Unreachable as error:
            if asked:
                asked.answered(0, error.reason)
            self._tell(error.reason, began)
            self._count(error.reason in _SERVER_AT_FAULT)
            return Unread(UNREACHED[error.reason])
        if asked:
            asked.answered(reply.status, "")
        self._tell("ok" if reply.status == 200 else f"{reply.status // 100}xx", began)
        self._count(reply.status >= 500)
        return reply

    def _tell(self, outcome: str, began: float) -> None:
        self._seen.fhir_reply(self._access.base, outcome, self._now() - began)

    def _count(self, failed: bool) -> None:
        if failed:
            self._breaker.failed()
        else:
            self._breaker.succeeded()

    def _left(self) -> float:
        return self._ends - self._now()
