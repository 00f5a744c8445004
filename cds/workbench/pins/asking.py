"""A gap of coverage as what is wanted of the facts that would close it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cds.conditions import of_number
from cds.ruleset.model import AnyOf, Condition, Count, Rule, Test
from cds.workbench.goals import Goal, Side
from cds.workbench.pins.wants import (
    FALSE,
    NOT_FALSE,
    NOT_TRUE,
    TRUE,
    UNKNOWN,
    Holds,
    Total,
    Valued,
    Want,
    sums_of,
)
from cds.workbench.pins.world import World, short


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule in which a goal can be met, and what that takes."""

    rule: Rule
    wants: tuple[Want, ...]


def asked_of(goal: Goal, owners: Iterable[str], rules: Mapping[str, Rule], world: World) -> Iterator[Asked]:
    """For each rule the goal is about, or that asks for the count it is about."""
    for owner in owners:
        if owner in rules:
            yield Asked(rules[owner], tuple(_of_rule(rules[owner], goal, world.program.counts)))
        elif count := world.program.counts.get(owner):
            for rule in rules.values():
                for place, condition in enumerate(rule.when):
                    if isinstance(condition, Test) and condition.subject == owner:
                        yield Asked(rule, tuple(_of_count(rule, place, condition, count, goal)))


def _of_rule(rule: Rule, goal: Goal, counts: Mapping[str, Count]) -> Iterator[Want]:
    yield from _there(rule)
    if goal.what == "fires":
        yield from (Holds(condition, TRUE, rule.each) for condition in rule.when)
        return
    condition = rule.when[goal.condition]
    others = [one for place, one in enumerate(rule.when) if place != goal.condition]
    yield from (Holds(one, NOT_FALSE if goal.what == "is unknown" else TRUE, rule.each) for one in others)
    yield from _of_condition(condition, rule.each, goal, counts)


def _there(rule: Rule) -> Iterator[Want]:
    if rule.each:
        yield Holds(Test(rule.each, "present"), TRUE, rule.each)


def _of_condition(condition: Condition, each: str, goal: Goal, counts: Mapping[str, Count]) -> Iterator[Want]:
    """That the rule turns on this condition in the way that the goal says."""
    if goal.what == "silences":
        yield Holds(condition, FALSE, each)
        return
    test = condition.tests[goal.part] if isinstance(condition, AnyOf) else condition
    beside = condition.tests if isinstance(condition, AnyOf) else ()
    others = [other for place, other in enumerate(beside) if place != goal.part]
    match goal.what:
        case "is unknown":
            yield Holds(test, UNKNOWN, each)
            yield from (Holds(other, NOT_TRUE, each) for other in others)
        case "decides alone":
            yield Holds(test, TRUE, each)
            yield from (Holds(other, NOT_TRUE, each) for other in others)
        case "limit":
            assert goal.side is not None
            holds = of_number(goal.side.value, test) is True
            yield _valued(test, goal.side, each, counts)
            yield from (Holds(other, NOT_TRUE if holds else FALSE, each) for other in others)


def _valued(test: Test, side: Side, each: str, counts: Mapping[str, Count]) -> Want:
    """The value itself, for a count its sum."""
    if count := counts.get(test.subject):
        return Total(count, frozenset({int(side.value)}), each)
    return Valued(test.subject, test.attribute, short(side.value) if side.beyond else side.value)


def _of_count(rule: Rule, place: int, asked: Test, count: Count, goal: Goal) -> Iterator[Want]:
    yield from _there(rule)
    others = [one for number, one in enumerate(rule.when) if number != place]
    part, points = count.worth[goal.part]
    if goal.what == "is unknown":
        yield from (Holds(one, NOT_FALSE, rule.each) for one in others)
        yield Holds(part, UNKNOWN, rule.each)
        yield Holds(asked, UNKNOWN, rule.each)
        return
    yield from (Holds(one, TRUE, rule.each) for one in others)
    holds = goal.side is None or of_number(goal.side.value, part) is True
    if goal.side is None:
        yield Holds(part, TRUE, rule.each)
    else:
        yield _valued(part, goal.side, rule.each, {})
    yield Total(count, frozenset(_tipping(count, asked, -points if holds else points)), rule.each)


def _tipping(count: Count, asked: Test, turned: int) -> Iterator[int]:
    """The sums of which the answer is another when so many points are added."""
    for total in sums_of(count):
        if of_number(float(total), asked) is not of_number(float(total + turned), asked):
            yield total
