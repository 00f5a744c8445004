"""What the cases of a ruleset have to show before it counts as tested: its goals, each in the words of its rule.

A goal belongs to a line as it is written. Where a table writes a rule out row by row, each row has to fire; what reads
the same in every row is shown once, what a row changes is shown for that row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cds.ruleset.model import AnyOf, Condition, Count, Place, Rule, Ruleset, Test
from cds.ruleset.spoken import number
from cds.workbench.steps import limits, step

What: TypeAlias = Literal["fires", "silences", "is unknown", "decides alone", "tips the count", "limit"]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a limit: ``beyond`` 0 is the limit itself, else the step to the nearest value above or below it."""

    limit: float
    beyond: float

    @property
    def value(self) -> float:
        return self.limit + self.beyond

    def holds(self, value: float) -> bool:
        """Also of what lies between the limit and one step away."""
        if not self.beyond:
            return value == self.limit
        return 0 < (value - self.limit) / self.beyond <= 1 + 1e-9

    def __str__(self) -> str:
        return (
            f"at {number(self.limit)}" if not self.beyond else f"at {number(self.value)}, next to {number(self.limit)}"
        )


@dataclass(frozen=True, slots=True)
class Goal:
    """``condition`` and ``part`` number what it is about, from 0: a condition of the rule, and in it an alternative of
    `any`; of a count, the test that is counted. ``words`` are those of the condition, or the id of the rule."""

    place: Place  # of the rule or the count
    line: int  # of the condition
    what: What
    words: str
    condition: int = -1
    part: int = -1
    side: Side | None = None

    def __str__(self) -> str:
        match self.what:
            case "fires":
                return f"{self.words} fires"
            case "silences":
                return f"`{self.words}` alone is false, and the rule silent for it"
            case "is unknown":
                return f"`{self.words}` is unknown, and the rule unanswered"
            case "decides alone":
                return f"`{self.words}` alone of its `any` holds, and the rule fires"
            case "tips the count":
                return f"`{self.words}` holds, and the count would come to another answer without it"
            case "limit":
                return f"`{self.words}` {self.side}, and the rule turns on it"


def goals_of(ruleset: Ruleset, counts: Mapping[str, Count]) -> Iterator[tuple[str, Goal]]:
    """The goals of a ruleset, each with the rule or count it is about. ``counts``: also those of rulesets it uses."""
    asked = {test.subject for rule in ruleset.rules for one in rule.when for test in tests_of(one)}
    for rule in ruleset.rules:
        yield from ((rule.id, goal) for goal in of_rule(rule))
    for name in ruleset.counts:
        if name in asked:
            yield from ((name, goal) for goal in of_count(counts[name]))


def of_rule(rule: Rule) -> Iterator[Goal]:
    yield fires(rule)
    for place, condition in enumerate(rule.when):
        yield silences(rule, place)
        if isinstance(condition, Test):
            yield from _of_test(rule.place, condition, place, -1)
            continue
        for part, test in enumerate(condition.tests):
            yield decides_alone(rule, place, part)
            yield from _of_test(rule.place, test, place, part)


def of_count(count: Count) -> Iterator[Goal]:
    for part, test in enumerate(count.tests):
        yield tips(count, part)
        yield from _of_test(count.place, test, -1, part)


def _of_test(place: Place, test: Test, condition: int, part: int) -> Iterator[Goal]:
    if test.relation != "unless":  # which is never itself unknown
        yield is_unknown(place, test, condition, part)
    yield from (Goal(place, test.line, "limit", test.words, condition, part, side) for side in sides(test))


def fires(rule: Rule) -> Goal:
    return Goal(rule.place, rule.place.line, "fires", rule.id)


def silences(rule: Rule, place: int) -> Goal:
    condition = rule.when[place]
    return Goal(rule.place, condition.line, "silences", condition.words, place)


def decides_alone(rule: Rule, place: int, part: int) -> Goal:
    test = tests_of(rule.when[place])[part]
    return Goal(rule.place, test.line, "decides alone", test.words, place, part)


def is_unknown(place: Place, test: Test, condition: int, part: int) -> Goal:
    return Goal(place, test.line, "is unknown", test.words, condition, part)


def tips(count: Count, part: int) -> Goal:
    return Goal(count.place, count.tests[part].line, "tips the count", count.tests[part].words, -1, part)


def sides(test: Test) -> tuple[Side, ...]:
    """The limit and the nearest value across it; both neighbours of a single number."""
    if test.relation in ("known", "unknown") or not limits(test):
        return ()
    one = step(test)
    match test.relation, limits(test):
        case (("above" | "at most"), (limit,)):
            return Side(limit, 0.0), Side(limit, one)
        case (("below" | "at least"), (limit,)):
            return Side(limit, 0.0), Side(limit, -one)
        case "between", (low, high):
            return Side(low, 0.0), Side(low, -one), Side(high, 0.0), Side(high, one)
        case _, (limit,):
            return Side(limit, -one), Side(limit, 0.0), Side(limit, one)
    raise ValueError(f"{test.relation} {test.operand!r} compares with no number")


def tests_of(condition: Condition) -> tuple[Test, ...]:
    return condition.tests if isinstance(condition, AnyOf) else (condition,)
