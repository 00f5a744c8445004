"""The same one rule by this service and by HealthChain, on the same bodies, in turns.

What differs is told in docs/performance.md. The environment of HealthChain is its own: ``requirements/bench.lock``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bench.bodies import SIZES, body
from bench.client import drive
from bench.http import ROUNDS, WARM_SECONDS, measured, median
from bench.servers import LIMIT, ONE_RULE, PEER, PEER_OBJECTS, PEER_PYTHON, Server, resident_megabytes, side_by_side
from bench.tables import Table

SECONDS = 5.0  # the slowest answers two calls a second
HEAD = ("resources", "server", "requests/s", "p50 ms", "p99 ms", "CPU ms", "the service's times this", "resident MB")


def tables() -> Iterator[Table]:
    if not PEER_PYTHON.exists():
        raise SystemExit(f"{PEER_PYTHON} is not there; `make bench` makes it")
    with side_by_side(LIMIT, ONE_RULE, PEER, PEER_OBJECTS) as servers:
        yield Table("peers", HEAD, [row for size in SIZES for row in _rows(servers, size)])


def _rows(servers: list[Server], size: int) -> Iterator[tuple[object, ...]]:
    content = body(size, relevant=True, today=datetime.now(UTC).date())
    for each in servers:
        drive(each.target, content, WARM_SECONDS)
    rounds = [[measured(each, content, SECONDS) for each in servers] for _ in range(ROUNDS)]
    medians = [median(each) for each in zip(*rounds, strict=True)]
    ours = next(seen for server, seen in zip(servers, medians, strict=True) if server.name == ONE_RULE.name)
    for server, seen in zip(servers, medians, strict=True):
        yield (size, server.name, *seen, ours.per_second / seen.per_second, resident_megabytes(server.pid))
