"""Which rules can have a say in the cards of a patient, known from the rules before any inference.

A rule cannot fire, nor be left undecided, while something it cannot do without is absent. Most records show nothing
that any card needs; for those nothing is inferred, and for the others only what leads to a card that they may get.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeAlias

from cds.clinical import Fact, State
from cds.ruleset.asked import subjects_of
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import AnyOf, Condition, Program, Rule, Test
from cds.ruleset.selection import Rules, numbered, rules_of

Gate: TypeAlias = frozenset[str]
"""Facts of which at least one must not be absent."""

_HOLDS_WITHOUT_DATA = frozenset({"without", "unless", "unrecorded"})


@dataclass(frozen=True, slots=True)
class Reach:
    """What stands between a record and the cards."""

    behind: Mapping[Gate, Rules]
    cards: tuple[tuple[Rules, Rules], ...]  # each rule with a card or system actions, and all that has a say in it
    everybodys: frozenset[str]  # facts that are recorded of everybody, such as an age

    @classmethod
    def of(cls, program: Program) -> Reach:
        numbers = numbered(program)
        behind: dict[Gate, Rules] = {}
        for name, gates in gates_of(program).items():
            for gate in gates:
                behind[gate] = behind.get(gate, 0) | numbers[name]
        feeding = _feeding(program, numbers)
        told = (rule for rule in rules_of(program) if rule.card or rule.system)
        return cls(behind, tuple((numbers[rule.id], feeding[rule.id]) for rule in told), _everybodys(program))

    def rules(self, facts: Mapping[str, Fact]) -> Rules:
        """Those that may fire or be left undecided, and with that lead to a card or change it. None: no card."""
        seen = recorded(facts)
        shut = wanted = 0
        for gate, rules in self.behind.items():
            if gate.isdisjoint(seen):
                shut |= rules
        for card, feeding in self.cards:
            if not card & shut:
                wanted |= feeding
        return wanted & ~shut

    def near(self, facts: Mapping[str, Fact], doubtful: frozenset[str]) -> bool:
        """Whether some card is within reach, or would be if of the ``doubtful`` facts all were recorded.

        Of a card that would be, something has to be recorded in truth: a back pain, or an order.
        """
        if self.rules(facts):
            return True
        seen = recorded(facts)
        possible = seen | doubtful
        shut = touched = 0
        for gate, rules in self.behind.items():
            if gate.isdisjoint(possible):
                shut |= rules
            elif not gate.isdisjoint(seen - self.everybodys):
                touched |= rules
        return any(card & touched & ~shut for card, _ in self.cards)


def _everybodys(program: Program) -> frozenset[str]:
    return frozenset(
        name for name, spec in program.facts.items() if KINDS[spec.kind].reads == ("Patient",) or spec.kind == "setting"
    )


def recorded(facts: Mapping[str, Fact]) -> frozenset[str]:
    """The facts that may be other than absent."""
    absent = State.ABSENT
    return frozenset([name for name, fact in facts.items() if fact.state is not absent or fact.items])


def gates_of(program: Program) -> dict[str, tuple[Gate, ...]]:
    """For each rule the gates that all have to be open; no gate: it may fire whatever is recorded.

    The gate most likely to be closed comes first: what everybody has, such as an age, closes nothing.
    """
    drawing: dict[str, list[Rule]] = {}
    for rule in rules_of(program):
        drawing.setdefault(rule.conclude, []).append(rule)
    common = _everybodys(program)
    gates: dict[str, tuple[Gate, ...]] = {}
    for rule in rules_of(program):  # each after the rules it builds on, but for those that go round in a circle
        items = (frozenset({rule.each}),) if rule.each else ()
        own = (_gate(condition, program, drawing, gates) for condition in rule.when)
        closest = {*items, *(gate for gate in own if gate)}
        gates[rule.id] = tuple(sorted(closest, key=lambda gate: (not gate.isdisjoint(common), len(gate), *gate)))
    return gates


def _feeding(program: Program, numbers: Mapping[str, Rules]) -> dict[str, Rules]:
    """For each rule, itself and all whose conclusions it asks for or shows, directly or not."""
    drawing: dict[str, list[str]] = {}
    for rule in rules_of(program):
        if rule.conclude:
            drawing.setdefault(rule.conclude, []).append(rule.id)
    before = {
        rule.id: [drawer for subject in subjects_of(rule, program.counts) for drawer in drawing.get(subject, ())]
        for rule in rules_of(program)
    }
    feeding = dict(numbers)
    news = True
    while news:
        grown = {name: reduce(or_, (feeding[drawer] for drawer in before[name]), own) for name, own in feeding.items()}
        news = grown != feeding
        feeding = grown
    return feeding


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
