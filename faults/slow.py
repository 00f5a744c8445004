"""Clients that are slow on purpose (L1): headers and bodies by the byte, answers never read, lines never used."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TypeAlias

from bench.arrivals import Load, at_rate
from bench.servers import resident_megabytes
from faults.observed import Fault, Observed, Size
from faults.site import CHART, SERVICE, hook, hooks, service

P99 = 1_000.0  # milliseconds, of everybody else
MEGABYTES = 150  # that a worker may grow by, with all of them connected
Talk: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_HEAD = f"POST {SERVICE} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


async def headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in (_HEAD + "X-Slow: " + "a" * 1_000).encode():
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(PAUSE)


async def body(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((_HEAD + "Content-Length: 1000\r\n\r\n").encode())
    for _number in range(1_000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(PAUSE)


async def silence(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def no_reading(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One call after another on a line whose answers pile up."""
    transport = writer.transport
    transport.pause_reading()  # type: ignore[attr-defined]  # a transport of a socket has it
    for _call in range(20):
        writer.write(hook(0, CHART).message)
        await asyncio.sleep(1)


KINDS: dict[str, Talk] = {"slow headers": headers, "slow bodies": body, "silent lines": silence}
FEW: dict[str, Talk] = {"answers not read": no_reading}
UNREAD = 4
PAUSE = 2.0  # seconds between two bytes
NEWCOMERS = 200  # a second; slowhttptest, the tool of the field, lets 50 begin


@contextmanager
def connected(port: int, kinds: dict[Talk, int]) -> Iterator[set[int]]:
    """As many clients of each kind as said, all the time: one that is cut off comes again. Those that are there."""
    enough, there = Event(), set[int]()
    thread = Thread(target=lambda: asyncio.run(_talk(port, kinds, enough, there)))
    thread.start()
    try:
        yield there
    finally:
        enough.set()
        thread.join()


async def _talk(port: int, kinds: dict[Talk, int], enough: Event, there: set[int]) -> None:
    talks = [talk for talk, count in kinds.items() for _ in range(count)]
    clients = [asyncio.create_task(_again(port, talk, number, there)) for number, talk in enumerate(talks)]
    while not enough.is_set():
        await asyncio.sleep(0.1)
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)


async def _again(port: int, talk: Talk, number: int, there: set[int]) -> None:
    await asyncio.sleep(number / NEWCOMERS)
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            there.add(number)
            try:
                await talk(reader, writer)
            finally:
                there.discard(number)
                writer.close()
        await asyncio.sleep(1)


def slow(seen: Observed, size: Size) -> None:
    with service(CDS_BODY_SECONDS="10") as running:
        before = resident_megabytes(running.process.pid)
        kinds = dict.fromkeys(FEW.values(), UNREAD) | dict.fromkeys(KINDS.values(), size.slow)
        with connected(running.port, kinds) as there:
            time.sleep(sum(kinds.values()) / NEWCOMERS + 1)
            most = len(there)  # a few were cut off, and come again
            replies = at_rate(hooks(running.port), size.rate / 2, size.outage)
            grown = resident_megabytes(running.process.pid) - before
        time.sleep(1)  # until all have hung up
        after = at_rate(hooks(running.port), size.rate, 1)
    seen.tell(connections=sum(kinds.values()), grown_mb=round(grown))
    seen.expect(f"nearly all are connected, not {most}", most > sum(kinds.values()) * 0.75)
    seen.answered(replies, 200, p99=P99, of="others")
    seen.answered(after, 200, p99=P99, of="afterwards")
    seen.expect(f"the workers grow by less than {MEGABYTES} MB each", grown < 2 * MEGABYTES)


def hanging_up(seen: Observed, size: Size) -> None:
    """In the middle of a head, of a body, and before the answer; by a reset, so that nothing is flushed."""
    message = hook(0, CHART).message
    with service() as running, Load(hooks(running.port), size.rate) as load:
        for number in range(size.herd):
            with socket.create_connection(("127.0.0.1", running.port)) as connection:
                connection.sendall(message[: (20, len(message) // 2, len(message))[number % 3]])
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    seen.tell(hung_up=size.herd)
    seen.answered(load.replies, 200, p99=P99, of="others")


FAULTS = (
    Fault("L1", "slow headers, slow bodies, silent lines, unread answers", "others 100 %, p99 below 1 s", slow),
    Fault("L1b", "clients that hang up halfway", "others 100 %, p99 below 1 s", hanging_up),
)
