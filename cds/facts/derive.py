"""From a patient's record to facts: only what the record touches and somebody asks for costs anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from cds.clinical import Fact, Facts, Number, State
from cds.facts.dates import nearest_days
from cds.facts.kinds import ANSWERERS, OF_ANY_CODE, OF_DRAFTS, OF_ENCOUNTERS, OF_EVERYBODY, OF_UNMAPPED
from cds.facts.question import Answer, Asked, Question, asked_of
from cds.record import PatientRecord
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be said of the facts before there is a patient. Made once for each set of rulesets."""

    facts: Mapping[str, Asked]
    absent: Mapping[str, Fact]  # every fact, when nothing in the record touches it
    unsupplied: Mapping[str, Fact]  # every fact, when nothing at all was supplied that it reads
    reading: Mapping[frozenset[str], tuple[str, ...]]  # resource types -> the facts that need just these
    asked_by: Mapping[str, tuple[str, ...]]  # code choice -> the facts an entry of it may answer
    of_everybody: tuple[str, ...]  # facts that are not found in the record by anything
    of_orders: Mapping[str, tuple[str, ...]]  # facts that look at the session's orders, by their choice; "" for any
    of_unmapped: tuple[str, ...]  # facts that look at medicines without a known code
    of_encounters: Mapping[str, tuple[str, ...]]  # facts about encounters, by the choice of their reason; "" for any
    added_to: Mapping[str, tuple[str, ...]]  # resource type -> the facts that do without it, and that it may add to

    def needing(self, kind: str) -> Iterator[str]:
        """The facts that cannot be known without a resource type."""
        return chain.from_iterable(names for types, names in self.reading.items() if kind in types)


def plan(specs: Mapping[str, FactSpec]) -> Plan:
    """Prepares the facts; ``specs`` are by name."""
    return Plan(
        facts=asked_of(specs),
        absent={name: Fact(name, State.ABSENT) for name in specs},
        unsupplied={name: _unsupplied(name, KINDS[spec.kind].reads, {}) for name, spec in specs.items()},
        reading=_grouped((frozenset(KINDS[spec.kind].reads), name) for name, spec in specs.items()),
        asked_by=_grouped((choice, name) for name in specs for choice in _choices(name, specs)),
        of_everybody=_named(specs, OF_EVERYBODY),
        of_orders=_grouped(
            (f"{name}.in" if "in" in spec.codes else "", name) for name, spec in specs.items() if _asks_for_orders(spec)
        ),
        of_unmapped=_named(specs, OF_UNMAPPED),
        of_encounters=_grouped(
            (f"{name}.reason" if specs[name].codes else "", name) for name in _named(specs, OF_ENCOUNTERS)
        ),
        added_to=_grouped((kind, name) for name, spec in specs.items() for kind in KINDS[spec.kind].also),
    )


def _grouped(pairs: Iterable[tuple[Key, str]]) -> dict[Key, tuple[str, ...]]:
    """The names by key, each once, in order."""
    found: dict[Key, dict[str, None]] = defaultdict(dict)
    for key, name in pairs:
        found[key][name] = None
    return {key: tuple(names) for key, names in found.items()}


def _named(specs: Mapping[str, FactSpec], kinds: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name, spec in specs.items() if spec.kind in kinds)


def _asks_for_orders(spec: FactSpec) -> bool:
    return spec.kind in OF_DRAFTS or any(spec.parameters.get(flag) for flag in ("drafts", "background"))


def derive(plan: Plan, record: PatientRecord, now: datetime) -> Facts:
    """Every fact of the plan for one patient. ``now`` is aware; its zone is the one calendar days are counted in."""
    touched = frozenset(_touched(plan, record))
    lacking = (names for types, names in plan.reading.items() if not types <= record.supplied)
    answers = _Answers(plan, record, now, touched)
    return Facts(plan.absent, touched.union(*lacking), answers.fact)


class _Answers:
    """The answers of one record, each kept for the facts that are measured from it."""

    def __init__(self, plan: Plan, record: PatientRecord, now: datetime, touched: frozenset[str]) -> None:
        self._plan = plan
        self._record = record
        self._now, self._today = now, now.date()
        self._touched = touched
        self._shared: dict[Hashable, Any] = {}
        self._known: dict[str, Answer | None] = {}

    def fact(self, name: str) -> Fact:
        answer = self._answer(name)
        if answer is None:
            return self._without_answer(name)
        attributes = {**answer.attributes, **self._from_anchors(name, answer)}
        return Fact(name, answer.state, attributes, answer.evidence, answer.missing, answer.items)

    def _answer(self, name: str) -> Answer | None:
        """None when the record has nothing to say."""
        if name not in self._touched:
            return None
        if name not in self._known:
            asked = self._plan.facts[name]
            question = Question(asked, self._plan.facts, self._record, self._now, self._today, self._shared)
            self._known[name] = ANSWERERS[asked.kind.name](question)
        return self._known[name]

    def _without_answer(self, name: str) -> Fact:
        """Absent, if all was supplied that would show it."""
        types = self._plan.facts[name].kind.reads
        lacking = [one for one in types if one not in self._record.supplied]
        if not lacking:
            return self._plan.absent[name]
        if len(lacking) == len(types) and not self._record.unavailable:
            return self._plan.unsupplied[name]
        return _unsupplied(name, lacking, self._record.unavailable)

    def _from_anchors(self, name: str, answer: Answer) -> dict[str, Number | str]:
        """How many days each event of a fact was before the event of each of its anchors."""
        measured: dict[str, Number | str] = {}
        for anchor in self._plan.facts[name].spec.anchors:
            event = self._plan.facts[anchor].kind.event
            other = self._answer(anchor)
            if other is None or event not in other.events:
                continue
            for own, when in answer.events.items():
                measured[f"{own}_days_before_{anchor}"] = nearest_days(when, other.events[event])
        return measured


def _choices(name: str, specs: Mapping[str, FactSpec]) -> Iterable[str]:
    """The code choices without an entry of which there is nothing to answer: those that the kind requires.

    A kind that requires none is asked about each; a fact that refers to another is asked when the other is.
    """
    spec = specs[name]
    declared = KINDS[spec.kind].parameters
    required = [one for one in spec.codes if declared[one].required and spec.kind not in OF_ANY_CODE]
    yield from (f"{name}.{parameter}" for parameter in required or spec.codes)
    for parameter in declared:
        if declared[parameter].type == "fact" and parameter in spec.parameters:
            yield from _choices(str(spec.parameters[parameter]), specs)


def _unsupplied(name: str, lacking: Iterable[str], unavailable: Mapping[str, str]) -> Fact:
    missing = tuple(f"{kind}: {unavailable.get(kind, 'not supplied')}" for kind in sorted(lacking))
    return Fact(name, State.UNSUPPLIED, missing=missing)


def _touched(plan: Plan, record: PatientRecord) -> Iterator[str]:
    """The facts that something in the record may answer."""
    yield from plan.of_everybody
    if orders := (*record.drafts, *record.background):
        yield from _asking(plan.of_orders, *[one.sets for one in orders])
    if record.unmapped_medications:
        yield from plan.of_unmapped
    if record.encounters:
        yield from _asking(plan.of_encounters, *[one.reasons for one in record.encounters])
    for choice in record.entries:
        yield from plan.asked_by.get(choice, ())


def _asking(facts: Mapping[str, tuple[str, ...]], *choices: frozenset[str]) -> Iterator[str]:
    """The facts that ask for one of these choices, or for whatever there is."""
    for choice in ("", *(facts.keys() & frozenset().union(*choices))):
        yield from facts.get(choice, ())
