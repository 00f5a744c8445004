"""From a patient's record to facts: only what the record touches costs anything."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from cds.clinical import Fact, Number, State
from cds.facts.dates import nearest_days
from cds.facts.kinds import ALWAYS, ANSWERERS, OF_DRAFTS
from cds.facts.question import Answer, Asked, Question, asked_of
from cds.record import PatientRecord
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec

_UNMEASURED: Mapping[str, Number | str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Group:
    """The facts that need the same resource types, as they are when nothing in the record touches them."""

    reads: frozenset[str]
    absent: Mapping[str, Fact]
    unsupplied: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be said of the facts before there is a patient. Made once for each set of rulesets."""

    facts: Mapping[str, Asked]
    groups: tuple[Group, ...]
    asked_by: Mapping[str, tuple[str, ...]]  # code choice -> the facts an entry of it may answer
    always: tuple[str, ...]  # facts that are not found by their codes
    of_orders: tuple[str, ...]  # facts that look at the orders of the session as well
    anchored: tuple[str, ...]  # facts that are measured from others


def plan(specs: Mapping[str, FactSpec]) -> Plan:
    """Prepares the facts; ``specs`` are by name."""
    reads = {name: frozenset(KINDS[spec.kind].reads) for name, spec in specs.items()}
    by_reads: dict[frozenset[str], list[str]] = {}
    for name, types in reads.items():
        by_reads.setdefault(types, []).append(name)
    asked_by: dict[str, tuple[str, ...]] = {}
    for name in specs:
        for choice in _choices(name, specs):
            asked_by[choice] = (*asked_by.get(choice, ()), name)
    return Plan(
        facts=asked_of(specs),
        groups=tuple(_group(types, names) for types, names in by_reads.items()),
        asked_by=asked_by,
        always=tuple(name for name, spec in specs.items() if spec.kind in ALWAYS),
        of_orders=tuple(name for name, spec in specs.items() if _asks_for_orders(spec)),
        anchored=tuple(name for name, spec in specs.items() if spec.anchors),
    )


def _asks_for_orders(spec: FactSpec) -> bool:
    return spec.kind in OF_DRAFTS or any(spec.parameters.get(flag) for flag in ("drafts", "background"))


def derive(plan: Plan, record: PatientRecord, now: datetime) -> Mapping[str, Fact]:
    """Every fact of the plan for one patient. ``now`` is aware; its zone is the one calendar days are counted in."""
    today, shared = now.date(), dict[Hashable, Any]()
    answers: dict[str, Answer] = {}
    for name in _touched(plan, record):
        asked = plan.facts[name]
        answer = ANSWERERS[asked.kind.name](Question(asked, plan.facts, record, now, today, shared))
        if answer is not None:
            answers[name] = answer
    facts = _untouched(plan, record)
    for name, answer in answers.items():
        facts[name] = _fact(name, answer)
    for name in plan.anchored:
        if name in answers:
            facts[name] = _fact(name, answers[name], _from_anchors(plan, name, answers))
    return facts


def _choices(name: str, specs: Mapping[str, FactSpec]) -> Iterable[str]:
    """The code choices without an entry of which there is nothing to answer: those that the kind requires.

    A kind that requires none is asked about each; a fact that refers to another is asked when the other is.
    """
    spec = specs[name]
    declared = KINDS[spec.kind].parameters
    required = [parameter for parameter in spec.codes if declared[parameter].required]
    yield from (f"{name}.{parameter}" for parameter in required or spec.codes)
    for parameter in declared:
        if declared[parameter].type == "fact" and parameter in spec.parameters:
            yield from _choices(str(spec.parameters[parameter]), specs)


def _group(reads: frozenset[str], names: list[str]) -> Group:
    return Group(
        reads,
        absent={name: Fact(name, State.ABSENT) for name in names},
        unsupplied={name: Fact(name, State.UNSUPPLIED, missing=_missing(reads, {})) for name in names},
    )


def _missing(types: Iterable[str], unavailable: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}: {unavailable.get(name, 'not supplied')}" for name in sorted(types))


def _untouched(plan: Plan, record: PatientRecord) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for group in plan.groups:
        if not (lacking := group.reads - record.supplied):
            facts.update(group.absent)
        elif lacking == group.reads and not record.unavailable:
            facts.update(group.unsupplied)
        else:
            missing = _missing(lacking, record.unavailable)
            facts.update((name, Fact(name, State.UNSUPPLIED, missing=missing)) for name in group.absent)
    return facts


def _touched(plan: Plan, record: PatientRecord) -> Iterable[str]:
    names = dict.fromkeys(plan.always)
    if record.drafts or record.background:
        names.update(dict.fromkeys(plan.of_orders))
    for choice in record.entries:
        for name in plan.asked_by.get(choice, ()):
            names[name] = None
    return names


def _fact(name: str, answer: Answer, measured: Mapping[str, Number | str] = _UNMEASURED) -> Fact:
    attributes = {**answer.attributes, **measured}
    return Fact(name, answer.state, attributes, answer.evidence, answer.missing, answer.items)


def _from_anchors(plan: Plan, name: str, answers: Mapping[str, Answer]) -> dict[str, Number | str]:
    """How many days each event of a fact was before the event of each of its anchors."""
    measured: dict[str, Number | str] = {}
    for anchor in plan.facts[name].spec.anchors:
        event = plan.facts[anchor].kind.event
        if anchor not in answers or event not in answers[anchor].events:
            continue
        origin = answers[anchor].events[event]
        for own, when in answers[name].events.items():
            measured[f"{own}_days_before_{anchor}"] = nearest_days(when, origin)
    return measured
