"""Where the time of one call goes, in this process: milliseconds of processor time, the best of many runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

import msgspec

from bench.bodies import PATIENT, body
from cds import facts
from cds.evaluate import decide
from cds.fhir.decode import hook_request
from cds.fhir.read import READERS, read
from cds.hooks.answer import answer
from cds.hooks.catalogue import Offer
from cds.settings import Settings
from cds.web.app import load_catalogue

SERVICE = "spine-and-headache"
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
TYPES = frozenset(kind.__name__ for kind in READERS) | {"Patient"}
LEAST_RUNS, LEAST_SECONDS = 10, 0.4


class Row(NamedTuple):
    """Milliseconds. ``scan`` is what only passing over the JSON takes: no reader can be faster than that."""

    resources: int
    relevant: bool
    scan: float
    decode: float
    read: float
    derive: float
    decide: float
    answer: float


def measure(sizes: Sequence[int]) -> list[Row]:
    offers = load_catalogue(Settings()).offers(SERVICE)
    return [_row(offers["patient-view"], size, relevant) for size in sizes for relevant in (False, True)]


def _row(offer: Offer, size: int, relevant: bool) -> Row:
    content = body(size, relevant=relevant)
    # What every key supplies does not change the time; that all of it is supplied is what matters.
    sent = [each.supplying(TYPES) for each in hook_request(content).prefetch.values()]
    record = read(sent, offer.prepared.index, zone=UTC, patient_id=PATIENT)
    known = facts.derive(offer.prepared.plan, record, NOW)
    steps: tuple[Callable[[], object], ...] = (
        lambda: msgspec.json.decode(content, type=msgspec.Raw),
        lambda: hook_request(content),
        lambda: read(sent, offer.prepared.index, zone=UTC, patient_id=PATIENT),
        lambda: facts.derive(offer.prepared.plan, record, NOW),
        lambda: decide(offer.prepared, offer.service, known, NOW),
        lambda: answer({offer.service.hook: offer}, content, now=NOW, new_id=lambda: str(uuid4()), max_cards=6),
    )
    return Row(size, relevant, *map(_least, steps))


def _least(step: Callable[[], object]) -> float:
    least, runs, end = float("inf"), 0, time.perf_counter() + LEAST_SECONDS
    while runs < LEAST_RUNS or time.perf_counter() < end:
        start = time.process_time()
        step()
        least = min(least, time.process_time() - start)
        runs += 1
    return least * 1e3
