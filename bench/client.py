"""One keep-alive connection that sends the same request again and again, and keeps the time of each answer."""

from __future__ import annotations

import socket
import time
from typing import NamedTuple


class Timing(NamedTuple):
    """Of one connection: requests a second, and milliseconds that half and 99 of 100 requests stay below."""

    per_second: float
    p50: float
    p99: float


def request(port: int, path: str, body: bytes) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def drive(port: int, message: bytes, seconds: float) -> Timing:
    """Sends for so long; raises AssertionError on any answer but 200."""
    times = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            connection.sendall(message)
            _answer(connection)
            times.append(time.perf_counter() - start)
    times.sort()
    return Timing(len(times) / sum(times), times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3)


def _answer(connection: socket.socket) -> None:
    received = connection.recv(65_536)
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    head, _, content = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head.splitlines()[0]
    length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:"))
    missing = length - len(content)
    while missing > 0:
        missing -= len(connection.recv(65_536))
