"""Which cards a patient's record can lead to at all, known from the rules before any inference.

A rule cannot fire, nor be left undecided, while something it cannot do without is absent. Most records show nothing
that any card needs; for those nothing is inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from cds.clinical import Fact, State
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import AnyOf, Condition, Program, Rule, Test

Gate: TypeAlias = frozenset[str]
"""Facts of which at least one must not be absent."""

_HOLDS_WITHOUT_DATA = frozenset({"without", "unless", "unrecorded"})


@dataclass(frozen=True, slots=True)
class Reach:
    """The gates of each rule with a card; equal ones once."""

    cards: frozenset[tuple[Gate, ...]]

    @classmethod
    def of(cls, program: Program) -> Reach:
        gates = gates_of(program)
        return cls(frozenset(gates[rule.id] for rule in _rules(program) if rule.card))

    def leads_to_a_card(self, facts: Mapping[str, Fact]) -> bool:
        """Whether some card may be given, or left undecided."""
        seen = recorded(facts)
        return any(not any(gate.isdisjoint(seen) for gate in gates) for gates in self.cards)


def recorded(facts: Mapping[str, Fact]) -> frozenset[str]:
    """The facts that may be other than absent."""
    return frozenset(name for name, fact in facts.items() if fact.state is not State.ABSENT or fact.items)


def gates_of(program: Program) -> dict[str, tuple[Gate, ...]]:
    """For each rule the gates that all have to be open; no gate: it may fire whatever is recorded.

    The gate most likely to be closed comes first: what everybody has, such as an age, closes nothing.
    """
    drawing: dict[str, list[Rule]] = {}
    for rule in _rules(program):
        drawing.setdefault(rule.conclude, []).append(rule)
    common = {name for name, spec in program.facts.items() if KINDS[spec.kind].reads == ("Patient",)}
    gates: dict[str, tuple[Gate, ...]] = {}
    for rule in _rules(program):  # each after the rules it builds on, but for those that go round in a circle
        items = (frozenset({rule.each}),) if rule.each else ()
        own = (_gate(condition, program, drawing, gates) for condition in rule.when)
        closest = {*items, *(gate for gate in own if gate)}
        gates[rule.id] = tuple(sorted(closest, key=lambda gate: (not gate.isdisjoint(common), len(gate), *gate)))
    return gates


def _rules(program: Program) -> Iterator[Rule]:
    for stages in (program.stages, *program.each.values()):
        for stage in stages:
            yield from stage


def _gate(
    condition: Condition, program: Program, drawing: Mapping[str, list[Rule]], gates: Mapping[str, tuple[Gate, ...]]
) -> Gate | None:
    """The facts of which one must be recorded for the condition to be true or undecided. None: no such facts."""
    if isinstance(condition, AnyOf):
        return _one_of(_gate(test, program, drawing, gates) for test in condition.tests)
    if condition.relation in _HOLDS_WITHOUT_DATA:
        return None
    if condition.subject in program.counts:
        tests = program.counts[condition.subject].tests
        return _one_of(_gate(test, program, drawing, gates) for test in tests) if _needs_one(condition) else None
    if condition.subject in drawing:
        drawers = drawing[condition.subject]
        return _one_of(next(iter(gates.get(rule.id, ())), None) for rule in drawers)
    return frozenset({condition.subject})


def _one_of(alternatives: Iterable[Gate | None]) -> Gate | None:
    """Open when one of the alternatives is. One that needs nothing keeps it open always."""
    found: frozenset[str] = frozenset()
    for gate in alternatives:
        if gate is None:
            return None
        found |= gate
    return found


def _needs_one(test: Test) -> bool:
    """Whether a comparison of a count fails when nothing is counted."""
    limit = test.operand
    match test.relation:
        case "above":
            return isinstance(limit, float) and limit >= 0
        case "at least" | "is":
            return isinstance(limit, float) and limit > 0
        case "between":
            return isinstance(limit, tuple) and isinstance(limit[0], float) and limit[0] > 0
    return False
