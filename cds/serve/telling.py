"""GET /metrics: what the workers have counted, and what only the supervisor knows, in the words of Prometheus."""

from __future__ import annotations

import asyncio
import os
import platform
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from cds import __version__
from cds.serve.news import Loaded
from cds.serve.under_way import Shift
from cds.settings import Settings
from cds.store import waiting_bytes
from cds.web.slots import Slots

_HEAD_BYTES: Final = 16_384
_SECONDS: Final = 5.0  # for a request to arrive
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Standing(Collector):
    """What the supervisor knows. Lives as long as it does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.loaded: Loaded | None = None
        self.reloads: Counter[str] = Counter(succeeded=0, failed=0)
        self.reload_failed = False
        self.shifts: list[Shift] = []
        self.worker_starts = 0

    def collect(self) -> Iterator[Metric]:
        yield _info("cds_build", "The release that runs.", version=__version__, python=platform.python_version())
        if self.loaded:
            yield from _rulesets(self.loaded, datetime.now(UTC).date())
        reloads = CounterMetricFamily("cds_ruleset_reload", "Reloads, by how they ended.", labels=["result"])
        for result, number in self.reloads.items():
            reloads.add_metric([result], number)
        yield reloads
        yield GaugeMetricFamily("cds_ruleset_reload_failed", "Whether the last reload failed.", self.reload_failed)
        yield CounterMetricFamily("cds_worker_starts", "Worker processes that came to serve.", self.worker_starts)
        sizes = [size for shift in self.shifts for worker in shift.workers if (size := _resident(worker))]
        yield GaugeMetricFamily("cds_workers", "Worker processes that are there.", len(sizes))
        largest = max(sizes, default=0)
        yield GaugeMetricFamily("cds_worker_resident_memory_bytes", "Memory of the largest worker.", largest)
        waiting = waiting_bytes(self._settings)
        yield GaugeMetricFamily("cds_decision_spool_bytes", "Records that wait for the database.", waiting)


class Telling:
    """Answers at a port of its own, one request a connection."""

    def __init__(self, standing: Standing, slots: Slots) -> None:
        self._slots = slots
        self._registry = CollectorRegistry()
        self._registry.register(standing)
        MultiProcessCollector(self._registry, str(slots.folder))  # type: ignore[no-untyped-call]  # published so

    async def start(self, listener: socket.socket) -> asyncio.Server:
        return await asyncio.start_server(self._answer, sock=listener, limit=_HEAD_BYTES)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._reply(head.decode("latin-1").split("\r\n")))
                await writer.drain()
        writer.close()

    def _reply(self, lines: list[str]) -> bytes:
        if not lines[0].startswith("GET /metrics "):
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        accepted = next((line[7:].strip() for line in lines if line.lower().startswith("accept:")), "")
        encoder, media_type = choose_encoder(accepted)
        self._slots.forget_the_dead()
        body = encoder(self._registry)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
        return f"{head}Connection: close\r\n\r\n".encode() + body


def _rulesets(loaded: Loaded, today: date) -> Iterator[Metric]:
    yield _info("cds_knowledge", "What all rulesets together are.", fingerprint=loaded.fingerprint)
    versions = GaugeMetricFamily("cds_ruleset_info", "The rulesets that are loaded.", labels=["ruleset", "version"])
    for name, version in loaded.rulesets.items():
        versions.add_metric([name, version], 1)
    yield versions
    overdue = sum(day < today for day in loaded.reviews.values())
    yield GaugeMetricFamily("cds_rule_review_overdue", "Rulesets whose review was due before today.", overdue)
    yield GaugeMetricFamily("cds_ruleset_unreviewed", "Rulesets no clinician has reviewed.", loaded.unreviewed)


def _info(name: str, words: str, **labels: str) -> Metric:
    family = GaugeMetricFamily(f"{name}_info", words, labels=list(labels))
    family.add_metric(list(labels.values()), 1)
    return family


def _resident(process: int) -> int:
    """In bytes; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
