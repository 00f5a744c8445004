"""Rules as formulas of the solver, in three values: when each is true and when it is false, as ``cds.conditions``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import z3

from cds.ruleset.asked import tests_of
from cds.ruleset.model import AnyOf, Condition, Count, FactSpec, Rule, Test
from cds.ruleset.strata import circles
from cds.workbench.soundness.symbols import Symbol, Symbols, Term


class Kleene(NamedTuple):
    """Neither true nor false: unknown."""

    true: Term
    false: Term


class Round(NamedTuple):
    """Where one is in a circle of conclusions that feed each other."""

    circle: frozenset[str]
    left: int


OUTSIDE = Round(frozenset(), 0)
NEVER = Kleene(z3.BoolVal(False), z3.BoolVal(True))


def conjunction(parts: Iterable[Kleene]) -> Kleene:
    found = list(parts)
    return Kleene(z3.And([one.true for one in found]), z3.Or([one.false for one in found]))


def disjunction(parts: Iterable[Kleene]) -> Kleene:
    found = list(parts)
    return Kleene(z3.Or([one.true for one in found]), z3.And([one.false for one in found]))


class Formulas:
    """Lives as long as one program is looked at: its rules, conclusions and counts, each made once."""

    def __init__(
        self,
        rules: Iterable[Rule],
        counts: Mapping[str, Count],
        specs: Mapping[str, FactSpec],
        apart: Collection[frozenset[str]] = (),
    ) -> None:
        self.symbols = Symbols(specs, apart)
        self.counts = counts
        self.drawing: dict[str, list[Rule]] = defaultdict(list)
        for rule in rules:
            if rule.conclude:
                self.drawing[rule.conclude].append(rule)
        self._circles = _circles(counts, self.drawing)
        self._made: dict[tuple[str, str, Round], Kleene] = {}

    def rule(self, rule: Rule, depth: Round = OUTSIDE) -> Kleene:
        key = ("rule", rule.id, depth)
        if key not in self._made:
            parts = [self.condition(one, depth) for one in rule.when]
            if rule.each:
                there = self.symbols.state(rule.each).present
                parts.append(Kleene(there, z3.Not(there)))
            self._made[key] = conjunction(parts)
        return self._made[key]

    def condition(self, condition: Condition, depth: Round = OUTSIDE) -> Kleene:
        if isinstance(condition, AnyOf):
            return disjunction(self.test(test, depth) for test in condition.tests)
        return self.test(condition, depth)

    def test(self, test: Test, depth: Round = OUTSIDE) -> Kleene:
        if test.subject in self.symbols.specs:
            return self._of_fact(test)
        if test.subject in self.counts:
            return self._of_count(self.counts[test.subject], test)
        drawn = self.conclusion(test.subject, depth)
        match test.relation:
            case "unless":
                return Kleene(z3.Not(drawn.true), drawn.true)
            case "without":
                return Kleene(drawn.false, drawn.true)
        return drawn

    def conclusion(self, name: str, depth: Round = OUTSIDE) -> Kleene:
        """Of conclusions that feed each other so many rounds are told as there are of them; more bring nothing new."""
        circle = self._circles.get(name, frozenset())
        left = depth.left if depth.circle == circle else len(circle)
        if circle and not left:
            return NEVER
        depth = Round(circle, left - 1) if circle else OUTSIDE
        key = ("conclusion", name, depth)
        if key not in self._made:
            drawers = self.drawing.get(name, ())
            self._made[key] = disjunction(self.rule(rule, depth) for rule in drawers) if drawers else NEVER
        return self._made[key]

    def _of_fact(self, test: Test) -> Kleene:
        state = self.symbols.state(test.subject)
        present, known = state.present, state.known
        if test.attribute:
            holds = self._of_attribute(test, self.symbols.attribute(test.subject, test.attribute))
            return Kleene(
                z3.And(present, holds.true), z3.Or(z3.And(known, z3.Not(present)), z3.And(present, holds.false))
            )
        match test.relation:
            case "unless":
                return Kleene(z3.Not(present), present)
            case "without":
                return Kleene(z3.And(known, z3.Not(present)), present)
            case "denied":
                return Kleene(state.denied, z3.And(known, z3.Not(state.denied)))
            case "unrecorded":
                absent = z3.And(known, z3.Not(present), z3.Not(state.denied))
                return Kleene(z3.Or(absent, state.unusable), z3.Or(present, state.denied))
        return Kleene(present, z3.And(known, z3.Not(present)))

    def _of_attribute(self, test: Test, symbol: Symbol) -> Kleene:
        match test.relation:
            case "known":
                return Kleene(symbol.known, z3.Not(symbol.known))
            case "unknown":
                return Kleene(z3.Not(symbol.known), symbol.known)
        if symbol.texts is None:
            holds = of_number(symbol.low, symbol.high, test)
        else:
            wanted = (test.operand,) if isinstance(test.operand, str) else test.operand
            assert isinstance(wanted, tuple)
            one = z3.Or([self.symbols.texts(test.subject, test.attribute, str(text)) for text in wanted])
            holds = Kleene(z3.Not(one), one) if test.relation == "is not" else Kleene(one, z3.Not(one))
        return Kleene(z3.And(symbol.known, holds.true), z3.And(symbol.known, holds.false))

    def _of_count(self, count: Count, test: Test) -> Kleene:
        """As ``cds.conditions``: the least and the most that it may be while parts are unknown."""
        low, high = z3.IntVal(0), z3.IntVal(0)
        for part, points in count.worth:
            holds = self.test(part)
            surely, perhaps = z3.If(holds.true, points, 0), z3.If(holds.false, 0, points)
            low, high = (low + surely, high + perhaps) if points > 0 else (low + perhaps, high + surely)
        return of_number(low, high, test)


def of_number(low: Term, high: Term, test: Test) -> Kleene:
    """A comparison of a number that lies between the two."""
    match test.relation, test.operand:
        case "above", float(limit):
            return Kleene(low > limit, high <= limit)
        case "at least", float(limit):
            return Kleene(low >= limit, high < limit)
        case "below", float(limit):
            return Kleene(high < limit, low >= limit)
        case "at most", float(limit):
            return Kleene(high <= limit, low > limit)
        case "between", (float(first), float(last)):
            return Kleene(z3.And(low >= first, high <= last), z3.Or(high < first, low > last))
        case "is", float(limit):
            return Kleene(z3.And(low == limit, high == limit), z3.Or(low > limit, high < limit))
        case "is not", float(limit):
            return Kleene(z3.Or(low > limit, high < limit), z3.And(low == limit, high == limit))
    raise ValueError(f"{test.relation} {test.operand!r} is no comparison of a number")


def _circles(counts: Mapping[str, Count], drawing: Mapping[str, Iterable[Rule]]) -> dict[str, frozenset[str]]:
    """Conclusions that feed each other, each with all of its circle."""
    needs: dict[str, tuple[str, ...]] = {}
    for name, drawers in drawing.items():
        asked = (test.subject for rule in drawers for test in tests_of(rule, counts))
        needs[name] = tuple(dict.fromkeys(subject for subject in asked if subject in drawing))
    return {
        name: frozenset(group) for group in circles(needs) for name in group if len(group) > 1 or name in needs[name]
    }
