"""The service and the limit as processes: started, waited for, measured from outside, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench.client import Target

SERVICE = "spine-and-headache"
_ROOT = Path(__file__).parents[1]
_PATIENCE = 60.0  # seconds for a server to come up


class Server(NamedTuple):
    name: str
    target: Target
    pid: int


@contextmanager
def limit_and_service() -> Iterator[tuple[Server, Server]]:
    """Both with one worker, on one core; the caller, and with it the client, moves to the other cores."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    service = [str(Path(sys.executable).with_name("cds")), "serve"]
    with ExitStack() as running:
        limit = running.enter_context(_running("limit", [sys.executable, "-m", "bench.limit", "{port}"], cores[:1]))
        served = running.enter_context(_running("service", service, cores[:1]))
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[1:])
            running.callback(os.sched_setaffinity, 0, cores)
        yield limit, served


@contextmanager
def _running(name: str, command: list[str], cores: list[int]) -> Iterator[Server]:
    port = _free_port()
    argv = [part.format(port=port) for part in command]
    with TemporaryDirectory() as state:
        environment = os.environ | {"CDS_PORT": str(port), "CDS_WORKERS": "1", "CDS_STATE": state}
        process = subprocess.Popen(
            argv, cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            if cores:
                os.sched_setaffinity(process.pid, cores)
            _wait_for(port, process)
            yield Server(name, Target(port, f"/cds-services/{SERVICE}"), process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"a server ended by itself with status {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("a server did not come up")


def processor_seconds(pid: int) -> float:
    """Spent so far by a process and the workers it started."""
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK") + sum(map(processor_seconds, _started(pid)))


def resident_megabytes(pid: int) -> float:
    """Of the workers of a service, or of a process that started none."""
    return sum(map(_megabytes, workers(pid) or [pid]))


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def workers(pid: int) -> list[int]:
    """The processes of a service that answer calls: what it started, and what that started."""
    return [worker for started in _started(pid) for worker in workers(started) or [started]]


def _started(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
