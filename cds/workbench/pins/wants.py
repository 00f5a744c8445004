"""What is wanted of a patient's facts, and whether it is so."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from cds.conditions import Truth
from cds.ruleset.asked import tests_of
from cds.ruleset.model import AnyOf, Condition, Count, Rule, Test
from cds.workbench.pins.view import View
from cds.workbench.pins.world import World

Truths: TypeAlias = frozenset[Truth]
TRUE: Truths = frozenset({True})
FALSE: Truths = frozenset({False})
UNKNOWN: Truths = frozenset({None})
NOT_TRUE: Truths = frozenset({False, None})
NOT_FALSE: Truths = frozenset({True, None})


@dataclass(frozen=True, slots=True)
class Holds:
    """A condition comes to one of these truths, in rules about the fact ``each``."""

    condition: Condition
    truths: Truths
    each: str = ""

    @property
    def key(self) -> Hashable:
        return id(self.condition), self.truths, self.each


@dataclass(frozen=True, slots=True)
class Concluded:
    conclusion: str
    truths: Truths
    each: str = ""

    @property
    def key(self) -> Hashable:
        return self.conclusion, self.truths, self.each


@dataclass(frozen=True, slots=True)
class Comes:
    """All that a rule asks comes to one of these truths."""

    rule: Rule
    truths: Truths

    @property
    def key(self) -> Hashable:
        return id(self.rule), self.truths


@dataclass(frozen=True, slots=True)
class Valued:
    """A present fact has this value."""

    fact: str
    attribute: str
    value: float

    @property
    def key(self) -> Hashable:
        return self.fact, self.attribute, self.value


@dataclass(frozen=True, slots=True)
class Total:
    """A count comes to exactly one of these sums, nothing of it unknown."""

    count: Count
    sums: frozenset[int]
    each: str = ""

    @property
    def key(self) -> Hashable:
        return self.count.name, self.sums, self.each


Want: TypeAlias = Holds | Concluded | Comes | Valued | Total
"""``key``: what tells it from others; cheap, for rules and conditions are the same objects throughout."""


def keyed(wants: Iterable[Want]) -> dict[Hashable, Want]:
    return {want.key: want for want in wants}


def is_so(want: Want, view: View) -> bool:
    match want:
        case Holds(condition, truths, each):
            return view.condition(condition, each) in truths
        case Concluded(conclusion, truths, each):
            return view.drawn(conclusion, each) in truths
        case Comes(rule, truths):
            return view.rule(rule) in truths
        case Valued(fact, attribute, value):
            test = Test(fact, "is", attribute, value)
            return view.test(test, fact) is True
        case Total(count, sums, each):
            low, high = view.points(count, each)
            return low == high and int(low) in sums


def rests_on(want: Want, world: World) -> frozenset[str]:
    """The facts that have a say in it."""
    match want:
        case Holds(condition, _, each):
            tests = condition.tests if isinstance(condition, AnyOf) else (condition,)
            return _under([each, *(test.subject for test in tests)], world)
        case Concluded(conclusion, _, each):
            return _under([each, conclusion], world)
        case Comes(rule, _):
            return _under([rule.each, *(test.subject for test in tests_of(rule, world.program.counts))], world)
        case Valued(fact, _, _):
            return frozenset([fact])
        case Total(count, _, each):
            return _under([each, *(test.subject for test in count.tests)], world)


def _under(subjects: Iterable[str], world: World) -> frozenset[str]:
    return frozenset().union(*(world.under(subject) for subject in subjects))


def sums_of(count: Count) -> range:
    worth = [points for _, points in count.worth]
    return range(sum(min(one, 0) for one in worth), sum(max(one, 0) for one in worth) + 1)
