"""A shift as the supervisor sees it: what it has told so far, and whether it is there still."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from cds.serve.news import Failed, Loaded, News, Working

_NEWS = msgspec.json.Decoder(News)
_WITHOUT_A_WORD = "the service ended before it was ready"


class Shift:
    """``ready``: what it loaded, once all its workers accept connections, or why it could not. ``ended``: its exit
    code.
    """

    def __init__(self, number: int, process: int, hears: int, workers: int, started: Callable[[], None]) -> None:
        """``hears``: where its news arrive; it belongs to this object. ``started`` is called for each worker."""
        loop = asyncio.get_running_loop()
        self.number = number
        self.began = time.monotonic()
        self.ready: asyncio.Future[Loaded | Failed] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()
        self.process = process
        self._hears = hears
        self._awaited = workers
        self.workers: list[int] = []  # their processes, also those that have ended
        self._started = started
        self._loaded: Loaded | None = None
        self._heard = b""
        os.set_blocking(hears, False)
        loop.add_reader(hears, self._hear)

    def end(self, exit_code: int) -> None:
        """Its process is gone."""
        self._hear()
        self.ended.set_result(exit_code)
        if not self.ready.done():
            self.ready.set_result(Failed(_WITHOUT_A_WORD, 1))
        asyncio.get_running_loop().remove_reader(self._hears)
        os.close(self._hears)

    def terminate(self) -> None:
        if not self.ended.done():
            os.kill(self.process, signal.SIGTERM)

    def kill(self) -> None:
        """With its workers."""
        if not self.ended.done():
            os.killpg(self.process, signal.SIGKILL)

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            while piece := os.read(self._hears, 65_536):
                self._heard += piece
            asyncio.get_running_loop().remove_reader(self._hears)  # nobody is left who could tell anything
        *lines, self._heard = self._heard.split(b"\n")
        for line in lines:
            self._learn(_NEWS.decode(line))

    def _learn(self, news: News) -> None:
        if isinstance(news, Working):
            self.workers.append(news.process)
            self._started()
        elif isinstance(news, Loaded):
            self._loaded = news
        else:
            self.ready.set_result(news)
        if len(self.workers) >= self._awaited and self._loaded and not self.ready.done():
            self.ready.set_result(self._loaded)
