"""The first process of the service: begins shifts and ends them, and is small, since it loads no rulesets.

What the engine has loaded is never freed: rulesets are loaded anew in a new process, and leave with the old one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import structlog

from cds.errors import CdsError
from cds.serve import shift as shifts
from cds.serve.forking import Lifeline, buried, forked
from cds.serve.greeting import announce
from cds.serve.listening import turn_away
from cds.serve.news import Failed, Loaded
from cds.serve.shift import LOOK_SECONDS, Surroundings
from cds.serve.telling import Standing, Telling
from cds.serve.under_way import Shift
from cds.serve.workers import HANDOVER_SECONDS, STOP_SECONDS
from cds.settings import Settings
from cds.web.board import Board, Post
from cds.web.slots import Slots

_AT_ONCE: Final = 4  # shifts that are under way: each holds the rulesets in memory
_ENTERING: Final = 0.1  # seconds within which a connection that was begun is accepted
_GRACE: Final = 5.0  # seconds beyond which a shift that was told to stop is ended
_SHORTEST_REST, _LONGEST_REST = 0.5, 30.0  # seconds before a shift that ended by itself is replaced, doubling
_SETTLED: Final = 60.0  # seconds on duty after which an end is no sequel of the one before

_LOG = structlog.get_logger("cds")


class NotStarted(CdsError):
    """The service could not begin to serve."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.words)
        self.exit_code = failed.exit_code  # type: ignore[misc]  # of the error that was met in another process


class Supervisor:
    """Lives as long as the service. All of it happens on one loop, in one thread: only so may it fork."""

    def __init__(self, settings: Settings, listeners: Sequence[socket.socket], metrics: socket.socket | None) -> None:
        """``metrics``: where to tell what was counted."""
        self._settings = settings
        self._listeners = listeners
        self._metrics = metrics
        self._slots = Slots() if metrics else None
        self._standing = Standing(settings)
        self._board = Board()
        self._lifeline = Lifeline()
        self._begun = 0
        self._under_way = self._standing.shifts  # oldest first
        self._duty: Shift | None = None
        self._reload_wanted = asyncio.Event()
        self._stop_wanted = asyncio.Event()
        self._force_wanted = asyncio.Event()
        self._delay: float = settings.stop_delay
        self._terminal = sys.stderr.isatty()

    async def run(self) -> None:
        """Until it is told to stop. Raises ``NotStarted``."""
        self._heed_signals()
        try:
            await self._serve()
        finally:
            if self._slots:
                self._slots.remove()

    async def _serve(self) -> None:
        first = self._begin()
        outcome = await self._unless_stopped(first.ready)
        if isinstance(outcome, Failed):
            await first.ended
            raise NotStarted(outcome)
        if outcome is not None:
            self._take_over(first, outcome)
            if self._metrics and self._slots:
                await Telling(self._standing, self._slots).start(self._metrics)
            announce(self._settings, outcome, terminal=self._terminal)
        while not self._stop_wanted.is_set():
            await self._attend()
        await self._end()

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_stop, number)
        loop.add_signal_handler(signal.SIGHUP, self._hung_up)
        loop.add_signal_handler(signal.SIGCHLD, self._bury)

    def _told_to_stop(self, number: int) -> None:
        """Twice means now. Who presses keys does not wait for others to notice."""
        if self._stop_wanted.is_set():
            self._force_wanted.set()
        if number == signal.SIGINT:
            self._delay = 0
        self._stop_wanted.set()

    def _hung_up(self) -> None:
        """A terminal says so when it is closed, everybody else to have the rulesets loaded anew."""
        if self._terminal and not sys.stderr.isatty():
            self._told_to_stop(signal.SIGINT)
        else:
            self._reload_wanted.set()

    def _bury(self) -> None:
        """Also the workers of a shift that is gone, where this is the first process of a container."""
        for process, exit_code in buried():
            for each in [each for each in self._under_way if each.process == process]:
                each.end(exit_code)
                self._under_way.remove(each)

    def _begin(self) -> Shift:
        self._begun += 1
        hears, news = os.pipe()
        post = Post(self._board, self._begun)
        around = Surroundings(self._settings, self._listeners, post, news, self._lifeline, self._slots)
        process = forked(partial(shifts.run, around))
        os.close(news)
        begun = Shift(self._begun, process, hears, self._settings.workers, self._count_start)
        self._under_way.append(begun)
        return begun

    async def _attend(self) -> None:
        """To the next thing that happens."""
        assert self._duty is not None
        await self._unless_stopped(_first(self._reload_wanted.wait(), asyncio.shield(self._duty.ended)))
        if self._stop_wanted.is_set():
            return
        if self._duty.ended.done():
            await self._replace(self._duty)
        elif self._reload_wanted.is_set():
            self._reload_wanted.clear()
            await self._reload()

    async def _reload(self) -> None:
        while len(self._under_way) >= _AT_ONCE:
            await self._unless_stopped(asyncio.shield(self._under_way[0].ended))
            if self._stop_wanted.is_set():
                return
        began = time.monotonic()
        new = self._begin()
        _LOG.info("a reload begins", shift=new.number)
        outcome = await self._unless_stopped(new.ready)
        if isinstance(outcome, Loaded):
            self._take_over(new, outcome)
            self._reloaded("succeeded")
            seconds = round(time.monotonic() - began, 1)
            _LOG.info("rulesets are reloaded", shift=new.number, fingerprint=outcome.fingerprint, seconds=seconds)
        elif isinstance(outcome, Failed):
            self._reloaded("failed")
            _LOG.error("the reload failed; the rulesets of before are served", problem=outcome.words)

    def _reloaded(self, result: str) -> None:
        self._standing.reloads[result] += 1
        self._standing.reload_failed = result == "failed"
        self._board.reload_failed = datetime.now(UTC) if result == "failed" else None

    async def _replace(self, ended: Shift) -> None:
        """It was killed, or ended by a fault: nobody told it to. What is being asked meanwhile waits at the socket."""
        rest = 0.0 if time.monotonic() - ended.began > _SETTLED else _SHORTEST_REST
        _LOG.error("the shift on duty ended by itself", shift=ended.number, exit_code=ended.ended.result())
        while not self._stop_wanted.is_set():
            await self._unless_stopped(asyncio.sleep(rest))
            rest = min(max(rest * 2, _SHORTEST_REST), _LONGEST_REST)
            new = self._begin()
            outcome = await self._unless_stopped(new.ready)
            if isinstance(outcome, Loaded):
                self._take_over(new, outcome)
                _LOG.info("a new shift is on duty", shift=new.number, fingerprint=outcome.fingerprint)
                return
            if isinstance(outcome, Failed):
                _LOG.error("no shift is on duty; another is tried", shift=new.number, problem=outcome.words)

    def _count_start(self) -> None:
        self._standing.worker_starts += 1

    def _take_over(self, new: Shift, loaded: Loaded) -> None:
        self._standing.loaded = loaded
        before, self._duty = self._duty, new
        self._board.on_duty = new.number
        if before is not None:
            asyncio.get_running_loop().call_later(HANDOVER_SECONDS, before.terminate)

    async def _end(self) -> None:
        """/readyz says no at once; the door stays open for as long as others need to notice."""
        self._board.stopping = True
        await _wait(self._force_wanted.wait(), self._delay)
        await self._close_the_doors()
        for each in self._under_way:
            each.terminate()
        await _wait(_first(self._force_wanted.wait(), self._all_ended()), STOP_SECONDS + _GRACE)
        for each in self._under_way:
            each.kill()

    async def _close_the_doors(self) -> None:
        """While workers still answer: what has come is let in and read, and then nothing comes any more."""
        if why := turn_away(self._listeners):
            _LOG.warning("calls that come while the doors close may be lost", reason=why)
        await _wait(self._force_wanted.wait(), _ENTERING)
        self._board.on_duty = self._begun + 1  # nobody
        await _wait(self._force_wanted.wait(), 2 * LOOK_SECONDS)
        for listener in self._listeners:
            listener.close()  # shifts close theirs when they are told to stop; refused is who connects then

    async def _all_ended(self) -> None:
        while self._under_way:
            await asyncio.shield(self._under_way[0].ended)

    async def _unless_stopped(self, awaited: Awaitable[Any]) -> Any:
        """What it gives; None when the service is told to stop first."""
        future = asyncio.ensure_future(awaited)
        await _first(self._stop_wanted.wait(), asyncio.shield(future))
        return future.result() if future.done() else None


async def _first(*awaited: Awaitable[Any]) -> None:
    tasks = [asyncio.ensure_future(each) for each in awaited]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


async def _wait(awaited: Awaitable[Any], seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(awaited, seconds)
