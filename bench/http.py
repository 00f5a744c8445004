"""The service and the limit side by side: the same requests, in turns, so that the machine's moods hit both."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.bodies import body
from bench.client import Timing, drive, request

ROOT = Path(__file__).parents[1]
SERVICE = "spine-and-headache"
ROUNDS = 5
PATIENCE = 60.0  # seconds for a server to come up


class Server(NamedTuple):
    name: str
    port: int
    process: subprocess.Popen[bytes]


class Row(NamedTuple):
    """Medians over the rounds. ``cpu``: milliseconds of processor time of the server for one request."""

    resources: int
    relevant: bool
    server: str
    per_second: float
    p50: float
    p99: float
    cpu: float


def measure(sizes: Sequence[int], seconds: float) -> list[Row]:
    """One connection. Server and client on a core each, where there are two."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    with ExitStack() as servers:
        limit = servers.enter_context(_running("limit", [sys.executable, "-m", "bench.limit", "{port}"], cores[:1]))
        service = servers.enter_context(
            _running("service", [str(Path(sys.executable).with_name("cds")), "serve"], cores[:1])
        )
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[1:])
        return [
            row
            for size in sizes
            for relevant in (False, True)
            for row in _rows((limit, service), size, relevant, seconds)
        ]


def _rows(servers: Sequence[Server], size: int, relevant: bool, seconds: float) -> Iterator[Row]:
    content = body(size, relevant=relevant)
    messages = {each: request(each.port, f"/cds-services/{SERVICE}", content) for each in servers}
    for each in servers:
        drive(each.port, messages[each], seconds / 2)  # warm
    rounds: dict[Server, list[tuple[Timing, float]]] = {each: [] for each in servers}
    for _ in range(ROUNDS):
        for each in servers:
            before = _processor_seconds(each.process.pid)
            timing = drive(each.port, messages[each], seconds)
            spent = _processor_seconds(each.process.pid) - before
            rounds[each].append((timing, spent / (timing.per_second * seconds) * 1e3))
    for each, measured in rounds.items():
        per_second, p50, p99 = map(statistics.median, zip(*(timing for timing, _ in measured), strict=True))
        yield Row(size, relevant, each.name, per_second, p50, p99, statistics.median(cpu for _, cpu in measured))


@contextmanager
def _running(name: str, command: Sequence[str], cores: Sequence[int]) -> Iterator[Server]:
    port = _free_port()
    environment = os.environ | {"CDS_PORT": str(port), "CDS_WORKERS": "1", "CDS_LOG_LEVEL": "error"}
    argv = [part.format(port=port) for part in command]
    process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if cores:
            os.sched_setaffinity(process.pid, cores)
        _wait_for(port, process)
        yield Server(name, port, process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"a server ended by itself with status {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("a server did not come up")


def _processor_seconds(pid: int) -> float:
    """Of a process and the workers it started; zero where the system has no /proc."""
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    if not tasks.exists():
        return 0.0
    children = [int(child) for child in tasks.read_text().split()]
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    own = sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")
    return own + sum(_processor_seconds(child) for child in children)
