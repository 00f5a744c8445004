"""One connection that sends one request again and again: by wrk where it is installed, else by a few lines here."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

WRK = shutil.which("wrk")
_SCRIPT = Path(__file__).with_name("post.lua")


class Timing(NamedTuple):
    """Milliseconds that half and 99 of 100 requests stay below."""

    requests: int
    per_second: float
    p50: float
    p99: float


class Target(NamedTuple):
    port: int
    path: str


def drive(target: Target, body: bytes, seconds: float) -> Timing:
    """Sends for so long; raises SystemExit on any answer but 200."""
    return _by_wrk(target, body, seconds) if WRK else _by_socket(target, body, seconds)


def send(target: Target, body: bytes, count: int) -> None:
    """Sends so many; raises SystemExit on any answer but 200."""
    with _connected(target) as connection:
        message = _message(target, body)
        for _ in range(count):
            _exchange(connection, message)


def _by_wrk(target: Target, body: bytes, seconds: float) -> Timing:
    url = f"http://127.0.0.1:{target.port}{target.path}"
    with NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        options = ["-t1", "-c1", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(_SCRIPT)]
        ran = subprocess.run([str(WRK), *options, url, "--", file.name], check=True, capture_output=True, text=True)
    told = json.loads(ran.stdout.splitlines()[-1])
    if told["failed"]:
        raise SystemExit(f"{url}: {told['failed']} of {told['requests']} requests failed")
    per_second = told["requests"] / told["microseconds"] * 1e6
    return Timing(told["requests"], per_second, told["p50"] / 1e3, told["p99"] / 1e3)


def _by_socket(target: Target, body: bytes, seconds: float) -> Timing:
    times = []
    with _connected(target) as connection:
        message = _message(target, body)
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            _exchange(connection, message)
            times.append(time.perf_counter() - start)
    times.sort()
    p50, p99 = (times[len(times) * share // 100] * 1e3 for share in (50, 99))
    return Timing(len(times), len(times) / sum(times), p50, p99)


@contextmanager
def _connected(target: Target) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", target.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


def _message(target: Target, body: bytes) -> bytes:
    lines = (
        f"POST {target.path} HTTP/1.1",
        f"Host: 127.0.0.1:{target.port}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def _exchange(connection: socket.socket, message: bytes) -> None:
    connection.sendall(message)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, content = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head.splitlines()[0].decode())
    length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:"))
    missing = length - len(content)
    while missing > 0:
        missing -= len(_more(connection))


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65_536)
    if not piece:
        raise SystemExit("the server hung up before its answer was there")
    return piece
