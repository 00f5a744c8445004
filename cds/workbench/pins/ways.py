"""The ways in which something that is wanted, and not so yet, can be made so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cds.clinical import Fact, Number, State
from cds.conditions import Truth, negation, of_fact, of_number, of_state
from cds.ruleset.model import AnyOf, Condition, Count, Rule, Test
from cds.workbench.pins.view import View, of_conclusion
from cds.workbench.pins.wants import (
    FALSE,
    NOT_FALSE,
    NOT_TRUE,
    TRUE,
    UNKNOWN,
    Comes,
    Concluded,
    Holds,
    Total,
    Truths,
    Valued,
    Want,
    sums_of,
)
from cds.workbench.pins.world import Choice, Value


@dataclass(frozen=True, slots=True)
class Way:
    """``only``: the values that are let stand of some choices."""

    only: tuple[tuple[Choice, Callable[[Value], bool]], ...] = ()
    wants: tuple[Want, ...] = ()


def ways(want: Want, view: View) -> list[Way]:
    """The ways to make so what is not; taken one after the other they leave nothing out."""
    match want:
        case Holds(condition, truths, each):
            if isinstance(condition, AnyOf):
                return list(_any(condition.tests, truths, each))
            return list(_test(condition, truths, each, view))
        case Concluded(conclusion, truths, each):
            return list(_conclusion(view.drawers(conclusion, each), truths))
        case Comes(rule, truths):
            return list(_all(rule.when, truths, rule.each))
        case Valued(fact, attribute, value):
            return [Way((((fact, ""), _is(State.PRESENT)), ((fact, attribute), _is(value))))]
        case Total(count, sums, each):
            return list(_sum(count, sums, each, view))


def _is(wanted: Value) -> Callable[[Value], bool]:
    return lambda value: value == wanted


# Conditions


def _any(tests: Sequence[Test], truths: Truths, each: str) -> Iterator[Way]:
    if True in truths:
        yield from (Way(wants=(Holds(test, TRUE, each),)) for test in tests)
    if None in truths:
        for test in tests:
            others = tuple(Holds(other, NOT_TRUE, each) for other in tests if other is not test)
            yield Way(wants=(Holds(test, UNKNOWN, each), *others))
    if False in truths:
        yield Way(wants=tuple(Holds(test, FALSE, each) for test in tests))


def _all(conditions: Sequence[Condition], truths: Truths, each: str) -> Iterator[Way]:
    if True in truths:
        yield Way(wants=tuple(Holds(one, TRUE, each) for one in conditions))
    if None in truths:
        for one in conditions:
            others = tuple(Holds(other, NOT_FALSE, each) for other in conditions if other is not one)
            yield Way(wants=(Holds(one, UNKNOWN, each), *others))
    if False in truths:
        yield from (Way(wants=(Holds(one, FALSE, each),)) for one in conditions)


def _test(test: Test, truths: Truths, each: str, view: View) -> Iterator[Way]:
    if test.subject in view.world.program.facts:
        yield from _of_fact(test, truths)
    elif count := view.world.program.counts.get(test.subject):
        yield from _of_count(count, test, truths, each, view)
    else:
        wanted = frozenset(truth for truth in (True, False, None) if of_conclusion(truth, test) in truths)
        if wanted:
            yield Way(wants=(Concluded(test.subject, wanted, each),))


def _of_fact(test: Test, truths: Truths) -> Iterator[Way]:
    state = (test.subject, "")
    if not test.attribute:
        yield Way(((state, lambda value: isinstance(value, State) and of_state(value, test.relation) in truths),))
        return
    if False in truths or None in truths:
        yield Way(((state, lambda value: value is not State.PRESENT and _of_whole(test, value) in truths),))
    there, choice = (state, _is(State.PRESENT)), (test.subject, test.attribute)
    if _of_value(test, None) in truths:
        yield Way((there, (choice, _is(None))))
    known = (choice, lambda value: value is not None and _of_value(test, value) in truths)
    yield Way((there, known, ((test.anchor, ""), _is(State.PRESENT))) if test.anchor else (there, known))


def _of_whole(test: Test, state: Value) -> Truth:
    assert isinstance(state, State)
    return of_fact(Fact(test.subject, state), test)


def _of_value(test: Test, value: Value) -> Truth:
    assert not isinstance(value, State)
    known: dict[str, Number | str] = {} if value is None else {test.attribute: value}
    return of_fact(Fact(test.subject, State.PRESENT, known), test)


# Conclusions


def _conclusion(drawers: Sequence[Rule], truths: Truths) -> Iterator[Way]:
    if True in truths:
        yield from (Way(wants=(Comes(rule, TRUE),)) for rule in drawers)
    if None in truths:
        for rule in drawers:
            others = tuple(Comes(other, NOT_TRUE) for other in drawers if other is not rule)
            yield Way(wants=(Comes(rule, UNKNOWN), *others))
    if False in truths:
        yield Way(wants=tuple(Comes(rule, FALSE) for rule in drawers))


# Counts


def _of_count(count: Count, test: Test, truths: Truths, each: str, view: View) -> Iterator[Way]:
    sums = frozenset(number for number in sums_of(count) if of_number(float(number), test) in truths)
    if sums:
        yield Way(wants=(Total(count, sums, each),))
    if None in truths:
        parts = (part for part in count.tests if view.test(part, each) is not None)
        yield from (Way(wants=(Holds(part, UNKNOWN, each),)) for part in parts)


def _sum(count: Count, sums: frozenset[int], each: str, view: View) -> Iterator[Way]:
    """One step nearer to the nearest of the sums."""
    now = [(part, points, view.test(part, each)) for part, points in count.worth]
    open_ones = [part for part, _, truth in now if truth is None]
    if open_ones:
        yield from (Way(wants=(Holds(open_ones[0], truths, each),)) for truths in (FALSE, TRUE))
        return
    total = sum(points for _, points, truth in now if truth)
    for nearest in sorted(sums, key=lambda one: (abs(one - total), one)):
        for part, points, truth in now:
            moved = -points if truth else points
            if (nearest > total) is (moved > 0):
                yield Way(wants=(Holds(part, frozenset({negation(truth)}), each),))
        return
