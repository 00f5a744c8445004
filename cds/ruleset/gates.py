"""What a rule cannot do without: the gates that stand between a record and its firing.

A rule cannot fire, nor be left undecided, while of one of its gates every fact is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cds.ruleset.kinds import KINDS
from cds.ruleset.model import AnyOf, Condition, Count, Program, Rule, Test
from cds.ruleset.selection import rules_of

Gate: TypeAlias = frozenset[str]
"""Facts of which at least one must not be absent."""

_HOLDS_WITHOUT_DATA = frozenset({"without", "unless", "unrecorded"})


def everybodys(program: Program) -> frozenset[str]:
    """Facts that are recorded of everybody, such as an age."""
    return frozenset(
        name for name, spec in program.facts.items() if KINDS[spec.kind].reads == ("Patient",) or spec.kind == "setting"
    )


def gates_of(program: Program) -> dict[str, tuple[Gate, ...]]:
    """For each rule the gates that all have to be open; no gate: it may fire whatever is recorded.

    The gate most likely to be closed comes first: what everybody has, such as an age, closes nothing.
    """
    gates = _Gates(program.counts, everybodys(program))
    for rule in rules_of(program):
        gates.drawing.setdefault(rule.conclude, []).append(rule)
    for rule in rules_of(program):  # each after the rules it builds on, but for those that go round in a circle
        items = (frozenset({rule.each}),) if rule.each else ()
        closest = {*items, *(gate for gate in map(gates.of_condition, rule.when) if gate)}
        gates.found[rule.id] = tuple(sorted(closest, key=lambda gate: (gates.openness(gate), *gate)))
    return gates.found


@dataclass(frozen=True, slots=True)
class _Gates:
    """The gates found so far, with what it takes to find more."""

    counts: Mapping[str, Count]
    common: frozenset[str]  # facts that close nothing
    drawing: dict[str, list[Rule]] = field(default_factory=dict)
    found: dict[str, tuple[Gate, ...]] = field(default_factory=dict)

    def openness(self, gate: Gate) -> tuple[bool, int]:
        """More of it, the less the gate closes."""
        return not gate.isdisjoint(self.common), len(gate)

    def of_condition(self, condition: Condition) -> Gate | None:
        """The facts of which one must be recorded for it to be true or undecided. None: no such facts."""
        if isinstance(condition, AnyOf):
            return _one_of(map(self.of_condition, condition.tests))
        if condition.relation in _HOLDS_WITHOUT_DATA:
            return None
        if condition.subject in self.counts:
            return self._of_count(condition)
        if condition.subject in self.drawing:
            drawers = self.drawing[condition.subject]
            return _one_of(next(iter(self.found.get(rule.id, ())), None) for rule in drawers)
        return frozenset({condition.subject})

    def _of_count(self, test: Test) -> Gate | None:
        """One of what is counted must hold, less what is too little by itself: three points take more than an age."""
        parts = [(self.of_condition(part), points) for part, points in self.counts[test.subject].worth if points > 0]
        # Spared first is what holds without data, then what closes least.
        parts.sort(
            key=lambda part: (part[0] is not None, *(-one for one in self.openness(part[0] or frozenset())), part[1])
        )
        spared = 0
        while parts and not _may_hold(test, spared + parts[0][1]):
            spared += parts.pop(0)[1]
        return _one_of(gate for gate, _ in parts) if not _may_hold(test, 0) else None


def _one_of(alternatives: Iterable[Gate | None]) -> Gate | None:
    """Open when one of the alternatives is. One that needs nothing keeps it open always."""
    found: frozenset[str] = frozenset()
    for gate in alternatives:
        if gate is None:
            return None
        found |= gate
    return found


def _may_hold(test: Test, most: float) -> bool:
    """Whether a comparison of a count may hold when no more than so many points are counted."""
    match test.relation, test.operand:
        case "above", float(limit):
            return most > limit
        case ("at least", float(limit)) | ("is", float(limit)) | ("between", (float(limit), float())):
            return most >= limit
    return True
