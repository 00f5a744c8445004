"""Calls at a constant rate, whatever becomes of those before: each is timed from the moment at which it was due.

A client that waits for an answer before it sends the next request asks a slow server less often than a fast one, and so
leaves out the very calls that would have waited (coordinated omission). A clinician does not wait for other clinicians.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Event, Thread
from typing import NamedTuple, TypeAlias

GIVEN_UP = 30.0  # seconds until a call counts as failed
NO_ANSWER = 0  # in place of a status: the connection broke, or nothing came in time


class Call(NamedTuple):
    """``kind``: a word by which the caller knows its answers apart."""

    port: int
    message: bytes
    kind: str = ""


class Reply(NamedTuple):
    """``due``: since the start; ``seconds``: from then on, until the whole answer was there."""

    status: int
    due: float
    seconds: float
    kind: str
    body: bytes


Calls: TypeAlias = Callable[[], Call]


class Replies(list[Reply]):
    @property
    def statuses(self) -> Counter[int]:
        return Counter(reply.status for reply in self)

    def share(self, percent: float) -> float:
        """Milliseconds that so many of a hundred calls stayed below."""
        times = sorted(reply.seconds for reply in self)
        return times[min(len(times) - 1, int(len(times) * percent / 100))] * 1e3

    def of(self, kind: str) -> Replies:
        return Replies(reply for reply in self if reply.kind == kind)

    def between(self, start: float, end: float) -> Replies:
        """Those that were due then."""
        return Replies(reply for reply in self if start <= reply.due < end)


def post(port: int, path: str, body: bytes, headers: Iterable[str] = (), kind: str = "") -> Call:
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    )
    return Call(port, "\r\n".join((*lines, "", "")).encode() + body, kind)


def get(port: int, path: str, kind: str = "") -> Call:
    return Call(port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode(), kind)


def in_turns(calls: Iterable[Call]) -> Calls:
    """The same calls, over and over."""
    kept = list(calls)

    def endless() -> Iterator[Call]:
        while True:
            yield from kept

    return endless().__next__


class Load:
    """Calls as long as the block lasts, in a thread of its own; then it waits for the last answers."""

    def __init__(
        self,
        calls: Calls,
        rate: float,
        *,
        most: int | None = None,
        at_once: int | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """``rate``: calls a second; ``most``: how many at all; ``at_once``: so many are under way and no more, which
        keeps the rate to what the server can do, and times calls from when they are sent. ``trust``: for TLS.
        """
        self.replies = Replies()
        self._calls, self._rate, self._most, self._at_once = calls, rate, most, at_once
        self._trust = trust
        self._enough = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._send()))
        self._idle: dict[int, list[_Connection]] = {}
        self._began = 0.0

    def __enter__(self) -> Load:
        self._began = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.wait()

    def wait(self) -> Replies:
        """Until it has sent the most it may send."""
        self._thread.join()
        return self.replies

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._began

    async def _send(self) -> None:
        room = asyncio.Semaphore(self._at_once) if self._at_once else None
        async with asyncio.TaskGroup() as under_way:
            sent = 0
            while not self._enough.is_set() and sent != self._most:
                due = sent / self._rate
                await asyncio.sleep(max(0.0, due - self.now))
                if room:
                    await room.acquire()
                    due = self.now
                task = under_way.create_task(self._one(due))
                if room:
                    task.add_done_callback(lambda _: room.release())
                sent += 1
        for connection in (each for port in self._idle.values() for each in port):
            connection.close()

    async def _one(self, due: float) -> None:
        call = self._calls()
        try:
            async with asyncio.timeout(GIVEN_UP):
                status, body = await self._exchanged(call)
        except (OSError, EOFError, TimeoutError, ValueError, IndexError):
            status, body = NO_ANSWER, b""
        self.replies.append(Reply(status, due, self.now - due, call.kind, body))

    async def _exchanged(self, call: Call) -> tuple[int, bytes]:
        """On a connection that was used before and is still open, else on a new one, as HTTP clients do."""
        idle = self._idle.setdefault(call.port, [])
        while idle:
            connection = idle.pop()
            if not connection.ended:
                break
            connection.close()
        else:
            connection = _Connection(*await asyncio.open_connection("127.0.0.1", call.port, ssl=self._trust))
        answer = await connection.exchange(call.message)
        idle.append(connection)
        return answer


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @property
    def ended(self) -> bool:
        return self._reader.at_eof() or self._writer.is_closing()

    async def exchange(self, message: bytes) -> tuple[int, bytes]:
        try:
            self._writer.write(message)
            with suppress(ConnectionError):  # refused before all of it was sent; the answer says why
                await self._writer.drain()
            first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
            body = await self._reader.readexactly(length)
        except BaseException:
            self.close()
            raise
        if b"connection: close" in lines:
            self.close()
        return int(first.split()[1]), body

    def close(self) -> None:
        self._writer.close()


def at_rate(calls: Calls, rate: float, seconds: float) -> Replies:
    with Load(calls, rate, most=max(1, round(rate * seconds))) as load:
        return load.wait()
