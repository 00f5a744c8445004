"""What stands in the way of a rule: the changes of facts of which one at least has to be made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TypeAlias

from cds.conditions import Truth
from cds.reasons import Reasoning
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import AnyOf, Condition, Count, Program, Rule, Test
from cds.ruleset.selection import rules_of
from cds.workbench.changes import Changes
from cds.workbench.variety import Variety

Place: TypeAlias = tuple[str, str]
"""A fact, and the order it is about or ""."""

_Step: TypeAlias = tuple[str, str | None, "Goal"]
"""A conclusion, the order it is about, and what it should come to."""

_RISING = ("at least", "above")
_FALLING = ("at most", "below")


@dataclass(frozen=True, slots=True)
class Goal:
    """What something should come to. Not ``firmly``: unknown will do, too."""

    wanted: bool
    firmly: bool = True

    def met(self, truth: Truth) -> bool:
        return truth is self.wanted if self.firmly else truth is not (not self.wanted)

    @property
    def opposite(self) -> Goal:
        return Goal(not self.wanted, self.firmly)


@dataclass(frozen=True, slots=True)
class Need:
    """``least``: of how many further facts something has to be changed, at the least; one of the ``options`` is part
    of every way to the goal.
    """

    least: float
    options: tuple[Changes, ...] = ()


_NOTHING = Need(0)
_IMPOSSIBLE = Need(inf)
_Part: TypeAlias = tuple[Need, frozenset[str]]  # with the facts it may turn on


@dataclass(frozen=True, slots=True)
class Terrain:
    """What does not change from world to world. ``turns_on``: all that a fact, count or conclusion rests on."""

    counts: Mapping[str, Count]
    variety: Variety
    turns_on: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, program: Program, variety: Variety) -> Terrain:
        turns_on: dict[str, frozenset[str]] = {name: frozenset({name}) for name in program.facts}
        news = True
        while news:
            before = dict(turns_on)
            for name, tests in _feeding(program):
                asked = frozenset(test.subject for test in tests)
                turns_on[name] = turns_on.get(name, asked).union(asked, *(turns_on.get(one, ()) for one in asked))
            news = turns_on != before
        return cls(program.counts, variety, turns_on)

    def is_round(self, conclusion: str) -> bool:
        """Whether it may be drawn from itself."""
        return conclusion in self.rests_on(conclusion)

    def behind(self, condition: Condition) -> frozenset[str]:
        tests = condition.tests if isinstance(condition, AnyOf) else (condition,)
        return frozenset().union(*(self.rests_on(test.subject) for test in tests))

    def rests_on(self, subject: str) -> frozenset[str]:
        """Nothing, where no rule of the program draws it."""
        return self.turns_on.get(subject, frozenset())


def _feeding(program: Program) -> Iterator[tuple[str, list[Test]]]:
    for count in program.counts.values():
        yield count.name, list(count.tests)
    for rule in rules_of(program):
        yield rule.conclude, [test for one in rule.when for test in (one.tests if isinstance(one, AnyOf) else (one,))]


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Of one world. ``touched``: facts that are changed already, so that a further change of them costs nothing."""

    terrain: Terrain
    touched: frozenset[Place]
    _path: list[_Step] = field(default_factory=list)
    _known: dict[_Step, Need] = field(default_factory=dict)

    def of_rule(self, rule: Rule, goal: Goal, reasoning: Reasoning) -> Need:
        parts = (
            (self._of_condition(one, goal, reasoning), self.terrain.behind(one))
            for one in rule.when
            if not goal.met(reasoning.situation.truth(one))
        )
        return _every(parts) if goal.wanted else _any(parts)

    def _of_condition(self, condition: Condition, goal: Goal, reasoning: Reasoning) -> Need:
        if isinstance(condition, Test):
            return self._of_test(condition, goal, reasoning)
        parts = [
            (self._of_test(one, goal, reasoning), self.terrain.behind(one))
            for one in condition.tests
            if not goal.met(reasoning.situation.truth(one))
        ]
        return _any(parts) if goal.wanted else _every(parts)

    def _of_test(self, test: Test, goal: Goal, reasoning: Reasoning) -> Need:
        if test.subject in reasoning.situation.facts:
            return self._of_fact(test, goal, reasoning)
        if test.subject in self.terrain.counts:
            return self._of_count(test, goal, reasoning)
        if test.relation == "unless":
            goal = Goal(False, firmly=False) if goal.wanted else Goal(True)
        elif test.relation == "without":
            goal = goal.opposite
        return self._of_conclusion(test.subject, goal, reasoning)

    def _of_fact(self, test: Test, goal: Goal, reasoning: Reasoning) -> Need:
        item = place_of(test.subject, reasoning, self.terrain.variety)[1]
        fact = reasoning.situation.facts[test.subject]
        options = tuple(self.terrain.variety.options(test, fact, item, wanted=goal.wanted))
        return Need(float((test.subject, item) not in self.touched), options) if options else _IMPOSSIBLE

    def _of_count(self, test: Test, goal: Goal, reasoning: Reasoning) -> Need:
        """Points up, points down, or either, whichever leads there."""
        ways = (True, False)
        if test.relation in _RISING + _FALLING:
            ways = ((test.relation in _RISING) is goal.wanted,) * 2
        parts = [
            (self._of_test(part, aim, reasoning), self.terrain.behind(part))
            for part, points in self.terrain.counts[test.subject].worth
            for aim in dict.fromkeys(Goal(up is (points > 0)) for up in ways)
            if not aim.met(reasoning.situation.truth(part))
        ]
        return _any(parts)

    def _of_conclusion(self, name: str, goal: Goal, reasoning: Reasoning) -> Need:
        """What goes round in a circle cannot draw itself, nor keep itself drawn."""
        step = (name, reasoning.item, goal)
        if step in self._path:
            return _IMPOSSIBLE if goal.wanted else _NOTHING
        if step in self._known:
            return self._known[step]
        self._path.append(step)
        need = self._of_drawers(name, goal, reasoning)
        self._path.pop()
        if not self.terrain.is_round(name):  # there the answer depends on the way one came
            self._known[step] = need
        return need

    def _of_drawers(self, name: str, goal: Goal, reasoning: Reasoning) -> Need:
        parts = [
            (self.of_rule(rule, goal, of_whom), self.terrain.rests_on(name))
            for of_whom in (reasoning, *([reasoning.patient] if reasoning.patient else []))
            for rule in of_whom.outline.drawing.get(name, ())
            if not goal.met(of_whom.truth(rule))
        ]
        return _any(parts) if goal.wanted else _every(parts)


def place_of(fact: str, reasoning: Reasoning, variety: Variety) -> Place:
    """A fact there may be many of is about the order the rule is about."""
    return (fact, reasoning.item or "" if KINDS[variety.specs[fact].kind].items else "")


def _any(parts: Iterable[_Part]) -> Need:
    """One of them will do: which, is to be tried, unless one needs nothing."""
    needs = [need for need, _ in parts if need.least < inf]
    if not needs:
        return _IMPOSSIBLE
    if _NOTHING in needs:
        return _NOTHING
    options = dict.fromkeys(option for need in needs for option in need.options)
    return Need(min(need.least for need in needs), tuple(options))


def _every(parts: Iterable[_Part]) -> Need:
    """All of them are needed: the one with the fewest options is tried first; what they need of other facts adds up."""
    found = sorted(parts, key=lambda part: -part[0].least)
    if any(need.least == inf for need, _ in found):
        return _IMPOSSIBLE
    open_ones: Sequence[Need] = [need for need, _ in found if need.options]
    if not open_ones:
        return _NOTHING
    least, counted = 0.0, frozenset[str]()
    for need, behind in found:
        if counted.isdisjoint(behind):
            least, counted = least + need.least, counted | behind
    return Need(least, min(open_ones, key=lambda need: len(need.options)).options)
