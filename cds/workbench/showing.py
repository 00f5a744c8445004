"""Which goals one situation of one rule meets."""

from __future__ import annotations

from collections.abc import Iterator

from cds.clinical import Bounds, Number
from cds.conditions import Situation, Truth, of_number
from cds.ruleset.model import AnyOf, Count, Place, Rule, Test
from cds.workbench import goals
from cds.workbench.goals import Goal
from cds.workbench.traces import truth


def met(rule: Rule, situation: Situation) -> Iterator[Goal]:
    """A condition counts where it decides: everything else that the rule asks holds."""
    truths = [situation.truth(condition) for condition in rule.when]
    if all(truths):
        yield goals.fires(rule)
    if None in truths and False not in truths:
        yield from _unknown(rule, situation)
    for place, found in enumerate(truths):
        if all(other for number, other in enumerate(truths) if number != place):
            yield from _deciding(rule, place, found, situation)


def _unknown(rule: Rule, situation: Situation) -> Iterator[Goal]:
    """Of a rule that was left unanswered."""
    for place, condition in enumerate(rule.when):
        if situation.truth(condition) is not None:
            continue
        for part, test in enumerate(goals.tests_of(condition)):
            if truth(situation, test) is None:
                yield goals.is_unknown(rule.place, test, place, part if isinstance(condition, AnyOf) else -1)
                if count := situation.counts.get(test.subject):
                    yield from _unknown_in(count, situation)


def _unknown_in(count: Count, situation: Situation) -> Iterator[Goal]:
    for part, test in enumerate(count.tests):
        if truth(situation, test) is None:
            yield goals.is_unknown(count.place, test, -1, part)


def _deciding(rule: Rule, place: int, found: Truth, situation: Situation) -> Iterator[Goal]:
    """Of the one condition on which the rule turns."""
    if found is False:
        yield goals.silences(rule, place)
    condition = rule.when[place]
    if isinstance(condition, AnyOf):
        yield from _alternatives(rule, place, condition, situation)
        return
    yield from _limits(rule.place, condition, place, -1, situation)
    yield from _counted(condition, situation)


def _alternatives(rule: Rule, place: int, any_of: AnyOf, situation: Situation) -> Iterator[Goal]:
    """The one that alone holds, or all while none does."""
    truths = [truth(situation, test) for test in any_of.tests]
    if truths.count(True) == 1:
        yield goals.decides_alone(rule, place, truths.index(True))
        turning = [truths.index(True)]
    else:
        turning = [] if True in truths or None in truths else list(range(len(truths)))
    for part in turning:
        yield from _limits(rule.place, any_of.tests[part], place, part, situation)
        yield from _counted(any_of.tests[part], situation)


def _counted(asked: Test, situation: Situation) -> Iterator[Goal]:
    """Of a count, the tests without which, or with which, it would come to another answer."""
    count = situation.counts.get(asked.subject)
    if count is None:
        return
    now = truth(situation, asked)
    bounds = situation.count(count.name)
    for part, (test, points) in enumerate(count.worth):
        held = truth(situation, test)
        if held is None:
            continue
        turned = points if held is False else -points
        then = of_number(Bounds(bounds.low + turned, bounds.high + turned), asked)
        if None not in (now, then) and now is not then:
            if held:
                yield goals.tips(count, part)
            yield from _limits(count.place, test, -1, part, situation)


def _limits(place: Place, test: Test, condition: int, part: int, situation: Situation) -> Iterator[Goal]:
    asked = goals.sides(test)
    found = truth(situation, test) if asked else None
    if found is not None and (value := _value(test, situation)) is not None:
        yield from (
            Goal(place, test.line, "limit", test.words, condition, part, side)
            for side in asked
            if side.holds(_decisive(value, test, found))
        )


def _value(test: Test, situation: Situation) -> Number | None:
    if test.subject in situation.counts:
        return situation.count(test.subject)
    value = situation.facts[test.subject].attributes.get(test.attribute)
    return None if isinstance(value, str) else value


def _decisive(value: Number, test: Test, found: bool) -> float:
    """Of a number known within bounds, the end on which the answer turns."""
    if not isinstance(value, Bounds):
        return value
    rising = test.relation in ("above", "at least")
    return value.low if rising is found else value.high
