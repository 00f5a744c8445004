"""The service and the limit as processes: started, waited for, measured from outside, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench.client import Target

SERVICE = "spine-and-headache"
PEER_PYTHON = Path(os.environ.get("BENCH_PYTHON", ".venv-bench/bin/python"))
_ROOT = Path(__file__).parents[1]
_STOP_SECONDS = 30  # that the service gives to calls under way
_PATIENCE = 60.0  # seconds for a server to come up


class Server(NamedTuple):
    name: str
    target: Target
    pid: int


class Start(NamedTuple):
    """How a server is started; ``{port}`` in a word of its command is the port it is given."""

    name: str
    command: tuple[str, ...]
    path: str
    settings: Mapping[str, str] = {}


_OURS = (str(Path(sys.executable).with_name("cds")), "serve")
_THEIRS = (str(PEER_PYTHON), "-m", "bench.peer", "{port}")
LIMIT = Start("limit", (sys.executable, "-m", "bench.limit", "{port}"), f"/cds-services/{SERVICE}")
ALL_RULES = Start("service", _OURS, f"/cds-services/{SERVICE}")
ONE_RULE = Start("service, one rule", _OURS, "/cds-services/nsaid", {"CDS_RULESETS": str(_ROOT / "bench" / "one-rule")})
PEER = Start("HealthChain", _THEIRS, "/cds/cds-services/nsaid")
PEER_OBJECTS = Start("HealthChain, FHIR objects", (*_THEIRS, "--objects"), "/cds/cds-services/nsaid")


@contextmanager
def side_by_side(*starts: Start) -> Iterator[list[Server]]:
    """Each with one worker, all on one core; the caller, and with it the client, moves to the other cores."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    with ExitStack() as running:
        servers = [running.enter_context(started(each, cores[:1], CDS_WORKERS="1")) for each in starts]
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[1:])
            running.callback(os.sched_setaffinity, 0, cores)
        yield servers


@contextmanager
def started(start: Start, cores: Sequence[int] = (), **settings: str) -> Iterator[Server]:
    port = _free_port()
    argv = [part.format(port=port) for part in start.command]
    with TemporaryDirectory() as state:
        wanted = os.environ | {"CDS_PORT": str(port), "CDS_STATE": state} | dict(start.settings) | settings
        process = subprocess.Popen(argv, cwd=_ROOT, env=wanted, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if cores:
                os.sched_setaffinity(process.pid, cores)
            _wait_for(port, process)
            yield Server(start.name, Target(port, start.path), process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30 + _STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"a server ended by itself with status {process.returncode}")
        if _answers(port, end - time.monotonic()):
            return
        time.sleep(0.05)
    raise SystemExit("a server did not come up")


def _answers(port: int, patience: float) -> bool:
    """Whatever it answers: a port may be open long before."""
    connection = HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def processor_seconds(pid: int) -> float:
    """Spent so far by a process and the workers it started."""
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK") + sum(map(processor_seconds, _started(pid)))


def resident_megabytes(pid: int) -> float:
    """Of the workers of a service, or of a process that started none."""
    return sum(map(_megabytes, workers(pid) or [pid]))


class Memory(NamedTuple):
    """Megabytes. ``proportional``: pages that processes share are divided among them (PSS)."""

    resident: float
    proportional: float


def memory(pid: int) -> Memory:
    lines = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    kilobytes = {words[0]: int(words[1]) for words in lines if len(words) == 3}
    return Memory(kilobytes["Rss:"] / 1e3, kilobytes["Pss:"] / 1e3)


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def workers(pid: int) -> list[int]:
    """The processes of a service that answer calls: what it started, and what that started."""
    return [worker for started in _started(pid) for worker in workers(started) or [started]]


def everyone(pid: int) -> list[int]:
    """A process and all below it."""
    return [pid, *(each for started in _started(pid) for each in everyone(started))]


def _started(pid: int) -> list[int]:
    """None by a process that has ended."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
