"""What faults are put into: a service with two workers and the shipped rulesets, and what it is called with."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

from bench.arrivals import Call, Calls, in_turns, post
from bench.bodies import body
from faults.observed import LeftOut
from tests.postgres import Cluster, binaries
from tests.recorded import KEYS, overridden
from tests.serving import Running, started

SERVICE = "/cds-services/spine-and-headache"
FEEDBACK = f"{SERVICE}/feedback"
CHART = body(200, relevant=True, today=datetime.now(UTC).date())
SOON = 500.0  # milliseconds within which CDS Hooks wants an answer; see docs/performance.md


@contextmanager
def service(**settings: str) -> Iterator[Running]:
    with started(**{"CDS_WORKERS": "2"} | settings) as running:
        yield running


@contextmanager
def postgres() -> Iterator[Cluster]:
    found = binaries()
    if found is None:
        raise LeftOut("PostgreSQL is not installed")
    cluster = Cluster(found)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


@contextmanager
def on_postgres(**settings: str) -> Iterator[tuple[Running, Cluster, str]]:
    """The service with a PostgreSQL of its own; its address is the last of the three."""
    with postgres() as cluster:
        url = cluster.database()
        with service(DATABASE_URL=url, **KEYS, **settings) as running:
            yield running, cluster, url


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="faults") as name:
        yield Path(name)


def hook(port: int, content: bytes = CHART) -> Call:
    return post(port, SERVICE, content, kind="hook")


def hooks(port: int) -> Calls:
    return in_turns([hook(port)])


def hooks_and_feedback(port: int) -> Calls:
    """Three hook calls to one of feedback, each of a card of its own."""
    numbers = count()

    def following() -> Call:
        return post(port, FEEDBACK, overridden(), kind="feedback") if next(numbers) % 4 == 3 else hook(port)

    return following


def got(port: int, path: str, seconds: float = 10) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def answered(port: int, path: str) -> tuple[int, Any]:
    status, content = got(port, path)
    return status, json.loads(content or b"null")


def degraded(port: int) -> set[str]:
    """The parts that /readyz names."""
    return set(answered(port, "/readyz")[1].get("degraded", {}))


def names(port: int, part: str, patience: float = 15) -> bool:
    """Whether /readyz comes to name a part: each worker tells what it sees itself."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if part in degraded(port):
            return True
        time.sleep(0.2)
    return False
