"""The service and the limit side by side: the same requests, in turns, so that the machine's moods hit both."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from bench.bodies import SIZES, body
from bench.client import drive, send
from bench.servers import ALL_RULES, LIMIT, Server, processor_seconds, resident_megabytes, side_by_side
from bench.tables import Table

ROUNDS = 3
WARM_SECONDS, SECONDS = 1.0, 2.0
ENDURANCE_STEPS = 4
ENDURANCE_MIX = ((10, False, 4_000), (10, True, 500), (200, False, 500))  # requests of a step


class Measured(NamedTuple):
    """Medians over the rounds. ``cpu``: milliseconds of the server's processor time for one request."""

    per_second: float
    p50: float
    p99: float
    cpu: float


def tables() -> Iterator[Table]:
    with side_by_side(LIMIT, ALL_RULES) as (limit, service):
        yield Table(
            "throughput",
            ("resources", "relevant", "server", "requests/s", "p50 ms", "p99 ms", "CPU ms", "share of the limit"),
            [row for size in SIZES for relevant in (False, True) for row in _rows(limit, service, size, relevant)],
        )
        yield Table("memory", ("after requests", "resident MB"), list(_memory(service)))


def _rows(limit: Server, service: Server, size: int, relevant: bool) -> Iterator[tuple[object, ...]]:
    content = body(size, relevant=relevant, today=_today())
    for each in (limit, service):
        drive(each.target, content, WARM_SECONDS)
    rounds = [(measured(limit, content), measured(service, content)) for _ in range(ROUNDS)]
    best, ours = (median(each) for each in zip(*rounds, strict=True))
    yield (size, relevant, "limit", *best, 1.0)
    yield (size, relevant, "service", *ours, ours.per_second / best.per_second)


def measured(server: Server, content: bytes, seconds: float = SECONDS) -> Measured:
    before = processor_seconds(server.pid)
    timing = drive(server.target, content, seconds)
    spent = processor_seconds(server.pid) - before
    return Measured(timing.per_second, timing.p50, timing.p99, spent / timing.requests * 1e3)


def median(rounds: tuple[Measured, ...]) -> Measured:
    return Measured(*map(statistics.median, zip(*rounds, strict=True)))


def _memory(service: Server) -> Iterator[tuple[object, ...]]:
    """The worker's own after what it served above, and after many more requests of several kinds."""
    shares = [(body(size, relevant=kind, today=_today()), share) for size, kind, share in ENDURANCE_MIX]
    yield 0, resident_megabytes(service.pid)
    for done in range(1, ENDURANCE_STEPS + 1):
        for content, count in shares:
            send(service.target, content, count)
        yield done * sum(count for _, count in shares), resident_megabytes(service.pid)


def _today() -> date:
    return datetime.now(UTC).date()
