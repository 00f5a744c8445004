"""Which goals no facts can ever meet, proven by the solver: as where one condition follows from another.

Of the others it says what facts would meet them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import z3

from cds.clinical import Fact
from cds.conditions import of_number
from cds.ruleset.model import Condition, Count, Program, Rule, Test
from cds.ruleset.selection import rules_of
from cds.workbench.goals import Goal, tests_of
from cds.workbench.soundness.formulas import Kleene
from cds.workbench.soundness.solving import Prover
from cds.workbench.soundness.symbols import Term
from cds.workbench.soundness.witness import read


def never(program: Program, goals: Mapping[Goal, Iterable[str]]) -> frozenset[Goal]:
    """Of the goals, with the rules or counts each is about, those that cannot be met of any of them."""
    proofs = Proofs(program)
    asked = [(rule, goal) for goal, owners in goals.items() for rule in proofs.asking(owners)]
    by_rule: dict[str, list[Goal]] = defaultdict(list)
    for rule, goal in asked:
        by_rule[rule.id].append(goal)
    possible: set[Goal] = set()
    for name, about in by_rule.items():
        left = [goal for goal in about if goal not in possible]
        possible |= proofs.possible(proofs.rules[name], left)
    return frozenset(goals) - possible


class Proofs:
    """Lives as long as the goals of one program are looked at."""

    def __init__(self, program: Program) -> None:
        self.counts = program.counts
        self.rules = {rule.id: rule for rule in rules_of(program)}
        lessened = {one.name: one for count in program.counts.values() for one in _lessened(count)}
        self.prover = Prover(self.rules.values(), {**program.counts, **lessened}, program.facts)
        self.formulas = self.prover.formulas

    def asking(self, owners: Iterable[str]) -> Iterator[Rule]:
        """The rules themselves, and those that ask for a count."""
        for owner in owners:
            if owner in self.rules:
                yield self.rules[owner]
            else:
                yield from (rule for rule in self.rules.values() if _asks(rule, owner))

    def possible(self, rule: Rule, goals: list[Goal]) -> set[Goal]:
        terms = [z3.And(self._goal(rule, goal), *self._dated(rule)) for goal in goals]
        return {goals[number] for number in self.prover.possible(terms, [rule])}

    def facts(self, rule: Rule, goal: Goal) -> dict[str, Fact] | None:
        """With which the goal is met in this rule, by the solver's word, in exact numbers where there are such.

        None: there are no such facts.
        """
        wanted = [self._goal(rule, goal), *self._dated(rule)]
        solver, symbols = self.prover.solver([rule]), self.formulas.symbols
        names = sorted(self.prover.facts_under([rule]))
        numbers = (one for name in names for one in symbols.asked(name).values() if one.texts is None)
        exact = [one.low == one.high for one in numbers]
        if any(solver.check(*wanted, *more) == z3.sat for more in (exact, [])):
            return read(solver.model(), symbols, names)
        return None

    def _dated(self, rule: Rule) -> Iterator[Term]:
        """Days are counted only from what is there."""
        symbols = self.formulas.symbols
        for test in (test for condition in rule.when for test in tests_of(condition) if test.anchor):
            yield z3.Implies(symbols.attribute(test.subject, test.attribute).known, symbols.state(test.anchor).present)

    def _goal(self, rule: Rule, goal: Goal) -> Term:
        whole = self.formulas.rule(rule)
        if goal.what == "fires":
            return whole.true
        number = goal.condition if goal.condition >= 0 else self._counting(rule, goal)
        condition = rule.when[number]
        if goal.what == "is unknown":
            unknown = (self.formulas.test(test) for test in self._about(condition, goal))
            return z3.And([_unknown(one) for one in (whole, self.formulas.condition(condition), *unknown)])
        there = [self.formulas.symbols.state(rule.each).present] if rule.each else []
        others = [self.formulas.condition(one).true for place, one in enumerate(rule.when) if place != number]
        return z3.And(*there, *others, *self._decides(condition, goal))

    def _counting(self, rule: Rule, goal: Goal) -> int:
        """Which condition of the rule asks for the count that the goal is about."""
        return next(number for number, one in enumerate(rule.when) if any(self._asks(goal, one)))

    def _asks(self, goal: Goal, condition: Condition) -> Iterator[Test]:
        """The tests of the count that the goal is about."""
        for test in tests_of(condition):
            if test.subject in self.counts and self.counts[test.subject].place == goal.place:
                yield test

    def _about(self, condition: Condition, goal: Goal) -> tuple[Test, ...]:
        """What the goal is about: a condition, or an alternative of it; of a count also what is counted."""
        if goal.condition >= 0:
            return (tests_of(condition)[max(goal.part, 0)],)
        asked = next(self._asks(goal, condition))
        return asked, self.counts[asked.subject].tests[goal.part]

    def _decides(self, condition: Condition, goal: Goal) -> Iterator[Term]:
        """That the rule turns on this condition in the way that the goal says."""
        if goal.what == "silences":
            yield self.formulas.condition(condition).false
            return
        asked, *counted = self._about(condition, goal)
        test = counted[0] if counted else asked
        met = replace(test, relation="is", operand=goal.side.value) if goal.side else test
        yield self.formulas.test(met).true
        others = [self.formulas.test(one) for one in tests_of(condition) if one is not asked]
        holds = bool(counted) or goal.side is None or of_number(goal.side.value, test) is True
        yield from (z3.Not(other.true) if holds else other.false for other in others)
        if counted:
            yield self._tips(self.counts[asked.subject], asked, goal.part)

    def _tips(self, count: Count, asked: Test, part: int) -> Term:
        """The count comes to opposite answers with a test and without it."""
        without = replace(asked, subject=_without(count, part))
        with_it = self.formulas.test(_lowered(without, count.worth[part][1]))
        without_it = self.formulas.test(without)
        return z3.Or(z3.And(with_it.true, without_it.false), z3.And(with_it.false, without_it.true))


def _lessened(count: Count) -> Iterator[Count]:
    """The count without each of its tests."""
    for part in range(len(count.tests)):
        kept = [one for place, one in enumerate(count.worth) if place != part]
        yield Count(_without(count, part), tuple(test for test, _ in kept), count.place, tuple(n for _, n in kept))


def _without(count: Count, part: int) -> str:
    return f"{count.name} without its test {part + 1}"


def _unknown(found: Kleene) -> Term:
    return z3.And(z3.Not(found.true), z3.Not(found.false))


def _asks(rule: Rule, name: str) -> bool:
    return any(test.subject == name for condition in rule.when for test in tests_of(condition))


def _lowered(asked: Test, points: int) -> Test:
    """The same question of a count to which so many points are added afterwards."""
    if isinstance(asked.operand, tuple):
        low, high = (float(limit) - points for limit in asked.operand)
        return replace(asked, operand=(low, high))
    assert isinstance(asked.operand, float)
    return replace(asked, operand=asked.operand - points)
