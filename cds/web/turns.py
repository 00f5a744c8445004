"""Turns for calls: nobody is answered after everybody has stopped waiting; who would be is told at once to come again.

A call that reads from a FHIR server or asks a database about its token spends its time waiting. Here it does so in a
thread, and the worker goes on receiving: so many at once, a few in line, and no more. Threads do not compute faster: a
deployment whose calls never wait does without them, and its calls are worked out one after another.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

from cds.errors import Busy

AT_ONCE = 16
IN_LINE = 32
WAIT_SECONDS = 0.5  # in line; a clinician has gone on by the time a later answer would come

_OF_LATE = 16  # calls that an average is taken of

_BUSY = "too many calls are under way; try again"
Answer = TypeVar("Answer")
Leaving: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class Gone(Exception):
    """The client hung up before its turn came."""


class Turns:
    """Lives as long as its worker process; all but the work itself happens in the thread of its event loop."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="call")
        self._under_way = 0

    async def take(self, work: Callable[[], Answer], leaving: Leaving) -> Answer:
        """What the work gives; ``leaving`` ends when the client hangs up.

        Raises ``Busy`` when there is no turn to be had, and ``Gone``. Work that has begun is not stopped: what it
        waits for has time limits of its own.
        """
        if self._under_way >= AT_ONCE + IN_LINE:
            raise Busy(_BUSY)
        self._under_way += 1
        try:
            turn = self._threads.submit(work)
            answer = asyncio.wrap_future(turn)
            if self._under_way > AT_ONCE:
                await self._begun(turn, answer, leaving)
            return await answer
        finally:
            self._under_way -= 1

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _begun(self, turn: Future[Answer], answer: asyncio.Future[Answer], leaving: Leaving) -> None:
        """A place in line is given back when nobody wants the answer any more, or nobody would be there in time."""
        left = asyncio.ensure_future(leaving())
        try:
            await asyncio.wait((answer, left), timeout=self._wait_seconds, return_when="FIRST_COMPLETED")
            if turn.cancel():
                raise Gone if left.done() else Busy(_BUSY)
        finally:
            left.cancel()


class Line:
    """Of calls that wait for nobody. Lives as long as its worker process, in the thread of its event loop."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._wait_seconds = wait_seconds
        self._clock = clock
        self._turn = asyncio.Lock()
        self._in_line = 0
        self._usual = 0.0  # seconds that a call took of late

    async def take(self, work: Callable[[], Answer], _leaving: Leaving) -> Answer:
        """What the work gives. Raises ``Busy`` when its turn would come too late, or has."""
        if self._in_line * self._usual > self._wait_seconds:
            raise Busy(_BUSY)
        self._in_line += 1
        came = self._clock()
        try:
            async with self._turn:
                await asyncio.sleep(0)  # whoever has come meanwhile gets in line before this one is worked out
                return self._worked_out(work, came)
        finally:
            self._in_line -= 1

    def _worked_out(self, work: Callable[[], Answer], came: float) -> Answer:
        began = self._clock()
        if began - came > self._wait_seconds:
            raise Busy(_BUSY)
        answer = work()
        self._usual += (self._clock() - began - self._usual) / _OF_LATE
        return answer

    def close(self) -> None:
        """Nothing is under way when the event loop gets to it."""
