"""How one evaluation grows with the rulesets there are: the same charts by programs of few and of all rulesets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from functools import partial

from bench.bodies import SIZES, body
from bench.chart import DAY, PATIENT
from bench.shares import NOW, least, offered
from bench.tables import Table
from cds.evaluate import Prepared, evaluate, prepare
from cds.facts import derive
from cds.fhir.bundles import READ_TYPES
from cds.fhir.decode import hook_request
from cds.fhir.read import read
from cds.ruleset.model import Knowledge
from cds.ruleset.selection import members, rules_of

FEW = ("medication-overuse",)
OTHERS = (
    "canadian-c-spine",
    "cervical-myelopathy",
    "electrolytes",
    "leg-thrombosis",
    "limb-arteries",
    "relaxant-use",
    "spine-aneurysm",
)
"""Nothing in the chart of headache, sciatica and pain relievers is about these."""

HEAD = ("resources", "relevant", "rulesets", "rules", "facts", "rules run", "facts worked out", "ms", "beside few")


def programs(knowledge: Knowledge) -> Mapping[str, Prepared]:
    """With the rulesets that those named use."""
    named = {"few": FEW, "few, and others": (*FEW, *OTHERS), "all": tuple(knowledge.rulesets)}
    return {name: prepare(knowledge, rulesets) for name, rulesets in named.items()}


def tables() -> Iterator[Table]:
    prepared = programs(offered().knowledge)
    rows = [row for size in SIZES for relevant in (False, True) for row in _rows(prepared, size, relevant=relevant)]
    yield Table("rulesets", HEAD, rows)


def _rows(programs: Mapping[str, Prepared], size: int, *, relevant: bool) -> Iterator[tuple[object, ...]]:
    """``ms``: from the record to the outcome."""
    sent = [each.supplying(READ_TYPES) for each in hook_request(body(size, relevant=relevant)).prefetch.values()]
    first = 0.0
    for name, prepared in programs.items():
        record = read(sent, prepared.index, zone=UTC, patient_id=PATIENT, today=DAY)
        facts = derive(prepared.plan, record, NOW)
        run = members(prepared.reach.rules(facts))
        taken = least(partial(evaluate, prepared, offered().service, record, NOW))
        first = first or taken
        there = sum(1 for _ in rules_of(prepared.program)), len(prepared.program.facts)
        yield size, relevant, name, *there, len(run), len(facts.worked_out()), taken, taken / first
