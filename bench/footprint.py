"""What a service takes before and beside its calls: the time until it answers, and memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.bodies import SIZES, body
from bench.client import send
from bench.servers import ALL_RULES, ONE_RULE, Start, everyone, memory, processor_seconds, started, workers
from bench.tables import Table

STARTS = 3
CALLS = 300  # of each size, to every number of workers
WORKERS = (1, 2, 4)


def tables() -> Iterator[Table]:
    head = ("rulesets", "workers", "seconds until it answers", "CPU s")
    rows = [_start(start, count) for start in (ONE_RULE, ALL_RULES) for count in (1, 2)]
    yield Table("start", head, rows)
    columns = (
        "workers",
        "after",
        "resident MB of a worker",
        "its own share (PSS) MB",
        "all processes together (PSS) MB",
    )
    yield Table("workers", columns, [row for count in WORKERS for row in _memory(count)])


def _start(start: Start, count: int) -> tuple[object, ...]:
    taken = [_once(start, count) for _ in range(STARTS)]
    seconds, processor = (statistics.median(each) for each in zip(*taken, strict=True))
    return ("one rule" if start is ONE_RULE else "all", count, seconds, processor)


def _once(start: Start, count: int) -> tuple[float, float]:
    began = time.monotonic()
    with started(start, CDS_WORKERS=str(count)) as service:
        return time.monotonic() - began, processor_seconds(service.pid)


def _memory(count: int) -> Iterator[tuple[object, ...]]:
    contents = [body(size, relevant=True, today=datetime.now(UTC).date()) for size in SIZES]
    with started(ALL_RULES, CDS_WORKERS=str(count)) as service:
        _all_there(service.pid, count)
        yield count, "start", *_shares(service.pid)
        for content in contents:
            send(service.target, content, CALLS)
        yield count, f"{CALLS * len(contents)} calls", *_shares(service.pid)


def _all_there(pid: int, count: int) -> None:
    while len(workers(pid)) < count:
        time.sleep(0.1)
    time.sleep(1)


def _shares(pid: int) -> tuple[float, float, float]:
    each = [memory(worker) for worker in workers(pid)]
    together = sum(memory(one).proportional for one in everyone(pid))
    return (
        statistics.mean(one.resident for one in each),
        statistics.mean(one.proportional for one in each),
        together,
    )
