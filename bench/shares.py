"""Where the time of one call goes, in this process: milliseconds of processor time, the best of many runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

import msgspec
import orjson

from bench.bodies import SIZES, body
from bench.chart import DAY, PATIENT
from bench.servers import SERVICE
from bench.tables import Table
from cds import conditions, facts
from cds.evaluate import decide, evaluate
from cds.fhir.decode import hook_request
from cds.fhir.read import read
from cds.hooks.answer import answer
from cds.hooks.call import Call
from cds.hooks.cards import written
from cds.hooks.catalogue import Offer
from cds.hooks.groups import groups, within
from cds.hooks.received import received
from cds.hooks.schema import check_response
from cds.loading import load_catalogue
from cds.record import PatientRecord
from cds.ruleset.selection import only
from cds.settings import Settings

NOW = datetime(DAY.year, DAY.month, DAY.day, 10, tzinfo=UTC)
MAX_CARDS = 6
LEAST_RUNS, LEAST_SECONDS = 10, 0.4

HEAD = (
    "resources",
    "relevant",
    "scan",
    "decode",
    "request",
    "read",
    "facts",
    "engine",
    "plain evaluator",
    "outcome",
    "cards",
    "response",
    "whole call",
)


def tables() -> Iterator[Table]:
    yield Table("shares", HEAD, [_row(size, relevant) for size in SIZES for relevant in (False, True)])


def _row(size: int, relevant: bool) -> tuple[object, ...]:
    """``scan``: only passing over the JSON. ``request``: envelope, context, what was supplied. Steps that cannot be
    had alone are differences: what is read a second time is read faster.
    """
    offer = offered()
    offers = {offer.service.hook: offer}
    content = body(size, relevant=relevant)
    decoding = least(lambda: hook_request(content))
    reading = least(lambda: decoded_and_read(content)) - decoding
    return (
        size,
        relevant,
        least(lambda: msgspec.json.decode(content, type=msgspec.Raw)),
        decoding,
        least(lambda: received(offers, content, NOW)) - decoding - reading,
        reading,
        *_after_reading(offer, content),
        least(lambda: answer(offers, content, now=NOW, new_id=_ids().__next__, max_cards=MAX_CARDS)),
    )


def _after_reading(offer: Offer, content: bytes) -> tuple[float | None, ...]:
    """None for what a call without a card in reach is spared."""
    prepared = offer.prepared
    call = received({offer.service.hook: offer}, content, NOW)
    deriving = least(lambda: prepared.reach.rules(facts.derive(prepared.plan, call.record, NOW)))
    outcome = evaluate(prepared, offer.service, call.record, NOW)
    told = Call(offer.knowledge, prepared.program, call.context, outcome, _ids().__next__)
    response = {"cards": _cards(told)}
    ending = least(lambda: _cards(told)), least(lambda: _checked(response))
    known = facts.derive(prepared.plan, call.record, NOW)
    rules = prepared.reach.rules(known)
    if not rules:
        return deriving, None, None, None, *ending
    asked = prepared.reach.asked(rules, known)
    inferring = least(lambda: prepared.engine.infer(asked, rules))
    plain = least(lambda: conditions.infer(only(prepared.program, rules), asked))
    deciding = least(lambda: decide(prepared, offer.service, known, NOW, cross_check=False, rules=rules))
    return deriving, inferring, plain, deciding - inferring, *ending


def _cards(told: Call) -> list[dict[str, Any]]:
    shown, folded = within(MAX_CARDS, groups(told.outcome.recommendations))
    return [written(told, group, folded if group is shown[-1] else ()) for group in shown]


def _checked(response: dict[str, Any]) -> bytes:
    check_response(response)
    return orjson.dumps(response)


def _ids() -> Iterator[str]:
    return (f"00000000-0000-4000-8000-{number:012}" for number in count())


@cache
def offered() -> Offer:
    offers: dict[str, Offer] = dict(load_catalogue(Settings()).offers(SERVICE))
    return offers["patient-view"]


def decoded_and_read(content: bytes) -> PatientRecord:
    return read(
        [*hook_request(content).prefetch.values()], offered().prepared.index, zone=UTC, patient_id=PATIENT, today=DAY
    )


def least(step: Callable[[], object]) -> float:
    best, runs, end = float("inf"), 0, time.perf_counter() + LEAST_SECONDS
    while runs < LEAST_RUNS or time.perf_counter() < end:
        start = time.process_time()
        step()
        best = min(best, time.process_time() - start)
        runs += 1
    return best * 1e3
