"""Answers within a time: no timeout of a driver or server covers a server whose disk hangs."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import BoundedSemaphore, Semaphore, Thread
from typing import Any, TypeAlias, TypeVar

Value = TypeVar("Value")
_Asked: TypeAlias = tuple[Callable[[], Any], Future[Any]]


class Bounded:
    """Threads that are kept, made when they are first needed. One that hangs keeps its place, and no process alive."""

    def __init__(self, places: int, seconds: float) -> None:
        self._count = places
        self._seconds = seconds
        self._places = BoundedSemaphore(places)
        self._idle = Semaphore(0)
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()

    def ask(self, question: Callable[[], Value]) -> Value:
        """Raises what the question raises, and ``TimeoutError`` when it takes too long or no place comes free."""
        deadline = time.monotonic() + self._seconds
        if not self._places.acquire(timeout=self._seconds):
            raise TimeoutError
        answer: Future[Value] = Future()
        self._asked.put((question, answer))
        if not self._idle.acquire(blocking=False):
            Thread(target=self._work, name="lookup", daemon=True).start()
        return answer.result(deadline - time.monotonic())

    def close(self) -> None:
        """After what is being asked at the moment; nothing can be asked any more."""
        for _ in range(self._count):
            self._places.acquire(timeout=self._seconds)
            self._asked.put(None)

    def _work(self) -> None:
        while asked := self._asked.get():
            _answer(*asked)
            self._idle.release()
            self._places.release()


def _answer(question: Callable[[], Value], answer: Future[Value]) -> None:
    try:
        answer.set_result(question())
    except Exception as error:  # noqa: BLE001  # the reason stands in tests/test_house_rules.py
        answer.set_exception(error)
