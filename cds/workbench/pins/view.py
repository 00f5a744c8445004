"""What the rules come to when every choice takes the first value that is left; looked up only as far as asked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from cds.clinical import Bounds, Fact, State
from cds.conditions import Truth, disjunction, negation, of_fact, of_number
from cds.ruleset.model import AnyOf, Condition, Count, Rule, Test
from cds.workbench.pins.world import Choice, Kept, Value, World, fact_of


class View:
    """Lives as long as one set of choices is looked at."""

    def __init__(self, world: World, kept: Kept) -> None:
        self.world = world
        self.kept = kept
        self._facts: dict[str, Fact] = {}
        self._drawn: dict[tuple[str, str], Truth] = {}
        self.met: dict[Hashable, frozenset[str]] = {}
        """What was wanted and is so, by its key, with the facts that it rests on."""
        self.still_met: Mapping[Hashable, frozenset[str]] = {}

    def after(self, kept: Kept) -> View:
        """With other values left. What does not rest on a choice that differs is not looked up again."""
        changed = {choice[0] for choice, left in kept.items() if left[0] != self._first(choice)}
        view = View(self.world, kept)
        if not changed:
            view._facts, view._drawn, view.met, view.still_met = self._facts, self._drawn, self.met, self.met
            return view
        view._facts = {name: fact for name, fact in self._facts.items() if name not in changed}
        stale = {key for key in self._drawn if not self.world.under(key[0]).isdisjoint(changed)}
        view._drawn = {key: truth for key, truth in self._drawn.items() if key not in stale}
        view.still_met = {key: on for key, on in self.met.items() if on.isdisjoint(changed)}
        return view

    def _first(self, choice: Choice) -> Value:
        return (self.kept.get(choice) or self.world.values(choice))[0]

    def rule(self, rule: Rule) -> Truth:
        result: Truth = True
        for condition in rule.when:
            truth = self.condition(condition, rule.each)
            if truth is False:
                return False
            result = None if truth is None else result
        return result

    def condition(self, condition: Condition, each: str) -> Truth:
        if isinstance(condition, AnyOf):
            return disjunction(self.test(test, each) for test in condition.tests)
        return self.test(condition, each)

    def test(self, test: Test, each: str) -> Truth:
        if test.subject in self.world.program.facts:
            return of_fact(self._fact(test.subject, each), test)
        if count := self.world.program.counts.get(test.subject):
            return of_number(self.points(count, each), test)
        return of_conclusion(self.drawn(test.subject, each), test)

    def points(self, count: Count, each: str) -> Bounds:
        low = high = 0
        for test, worth in count.worth:
            truth = self.test(test, each)
            low += worth if truth else min(worth, 0) if truth is None else 0
            high += worth if truth else max(worth, 0) if truth is None else 0
        return Bounds(float(low), float(high))

    def drawn(self, conclusion: str, each: str) -> Truth:
        key = (conclusion, each)
        if key not in self._drawn:
            self._drawn[key] = False  # of conclusions that feed each other, none is drawn by itself
            self._drawn[key] = disjunction(self.rule(rule) for rule in self.drawers(conclusion, each))
        return self._drawn[key]

    def drawers(self, conclusion: str, each: str) -> list[Rule]:
        """The rules that draw it about the patient and, in a rule with ``each``, about the same order."""
        return [
            rule
            for rule in self.world.drawing[conclusion]
            if not rule.each or (rule.each == each and self._fact(each, each).state is State.PRESENT)
        ]

    def _fact(self, name: str, each: str) -> Fact:
        if name not in self._facts:
            self._facts[name] = fact_of(self.world, self.kept, name)
        fact = self._facts[name]
        if not each and fact.attributes and self.world.is_one_of_many(name):
            return Fact(name, fact.state)
        return fact


def of_conclusion(truth: Truth, test: Test) -> Truth:
    if test.relation == "unless":
        return truth is not True
    return negation(truth) if test.relation == "without" else truth
