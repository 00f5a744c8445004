"""What may be so of a patient, as far as the rules of a program can tell it apart.

A choice is the state of a fact or one of its attributes; its values are those at the limits of all tests that ask for
it, and one step to either side. The first is the plainest: a fact is absent, an attribute not known.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from cds.clinical import Bounds, Fact, Number, State
from cds.ruleset.asked import tests_of
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec, Program, Rule, Test
from cds.ruleset.ranges import MEASURED_FROM, Range, range_of
from cds.ruleset.selection import rules_of
from cds.workbench.soundness.symbols import TWINS
from cds.workbench.steps import limits, step

Choice: TypeAlias = tuple[str, str]
"""Fact and attribute; without an attribute its state."""

Value: TypeAlias = State | float | Bounds | str | None
"""None: the attribute is not known."""

Kept: TypeAlias = Mapping[Choice, tuple[Value, ...]]
"""Of the choices that something is wanted of, the values that are left, the plainest first."""

_DIGITS = 10
_BEFORE_CHANGE = ("onset_days", "worsened_days")  # the later of the two is the change
_ANY_NUMBER = 1.0  # where only whether one is known matters


class World:
    """Lives as long as the gaps of one program are looked at."""

    def __init__(self, program: Program, further: Iterable[Test] = ()) -> None:
        self.program = program
        self.drawing: dict[str, list[Rule]] = defaultdict(list)
        self._tests: dict[Choice, dict[Test, None]] = defaultdict(dict)
        self._values: dict[Choice, tuple[Value, ...]] = {}
        self._under: dict[str, frozenset[str]] = {}
        for rule in rules_of(program):
            if rule.conclude:
                self.drawing[rule.conclude].append(rule)
            self._hear(tests_of(rule, program.counts))
        self._hear(further)

    def _hear(self, tests: Iterable[Test]) -> None:
        for test in tests:
            if test.attribute and test.subject in self.program.facts:
                for attribute in (test.attribute, *(_BEFORE_CHANGE if test.attribute == "changed_days" else ())):
                    self._tests[test.subject, attribute][test] = None

    def values(self, choice: Choice) -> tuple[Value, ...]:
        if choice not in self._values:
            name, attribute = choice
            spec = self.program.facts[name]
            told = _states(spec) if not attribute else _attribute_values(spec, attribute, self._tests[choice])
            self._values[choice] = tuple(told)
        return self._values[choice]

    def under(self, subject: str) -> frozenset[str]:
        """The facts that a fact, count or conclusion rests on."""
        if subject not in self._under:
            waiting, met = [subject], {subject}
            while waiting:
                name = waiting.pop()
                asked = (
                    {test.subject for test in self.program.counts[name].tests} if name in self.program.counts else set()
                )
                for rule in self.drawing.get(name, ()):
                    asked |= {rule.each, *(test.subject for test in tests_of(rule, self.program.counts))}
                waiting.extend(asked - met)
                met |= asked
            self._under[subject] = frozenset(met & self.program.facts.keys())
        return self._under[subject]

    def is_one_of_many(self, name: str) -> bool:
        return KINDS[self.program.facts[name].kind].items


def _states(spec: FactSpec) -> Iterator[State]:
    """A record cannot deny everything, and of the orders under review it is always known which they are."""
    kind = KINDS[spec.kind]
    if spec.kind == "setting":
        yield State.PRESENT
        return
    yield State.ABSENT
    yield State.PRESENT
    if not kind.items:
        yield State.UNSUPPLIED
        if kind.denies:
            yield State.DENIED
        yield State.UNUSABLE


def _attribute_values(spec: FactSpec, attribute: str, tests: Iterable[Test]) -> Iterator[Value]:
    offered = KINDS[spec.kind].attributes.get(attribute)
    if spec.kind == "setting":
        yield from (str(one) for one in _choices(spec))
        return
    yield None
    if offered is not None and offered.type == "text":
        yield from offered.values or _texts(tests)
        return
    possible = range_of(spec, attribute)
    exact = [value for value in _numbers(tests) if _fits(value, possible)] or [_ANY_NUMBER]
    yield from exact
    if MEASURED_FROM in attribute:  # a case cannot say within which bounds days between two facts are known
        return
    yield from (Bounds(value, math.inf) for value in exact)
    yield from (Bounds(-math.inf, value) for value in exact)


def _choices(spec: FactSpec) -> tuple[str, ...]:
    choices = spec.parameters["choices"]
    assert isinstance(choices, tuple)
    return choices


def _texts(tests: Iterable[Test]) -> Iterator[str]:
    """Of a text that may be anything: those asked for, and another."""
    asked = (test.operand if isinstance(test.operand, tuple) else (test.operand,) for test in tests)
    yield from dict.fromkeys(str(text) for texts in asked for text in texts if isinstance(text, str))
    yield "something else"


def _numbers(tests: Iterable[Test]) -> Iterator[float]:
    """Limits first, then their neighbours: the rounder a value, the sooner it is tried."""
    asked = list(tests)
    at = [limit for test in asked for limit in limits(test)]
    beside = [short(limit + side * step(test)) for side in (1, -1) for test in asked for limit in limits(test)]
    yield from dict.fromkeys([*sorted(at), *beside])


def short(value: float) -> float:
    """With as many digits as matter of a value beside a limit."""
    return float(f"{value:.{_DIGITS}g}")


def _fits(value: float, possible: Range) -> bool:
    return possible.low <= value <= possible.high and (not possible.whole or value == int(value))


def facts_of(world: World, kept: Kept) -> dict[str, Fact]:
    """The facts that are other than absent when every choice takes the first value that is left."""
    found = {}
    for name in dict.fromkeys(name for name, _ in kept):
        fact = fact_of(world, kept, name)
        if fact.state is not State.ABSENT:
            found[name] = _as_item(world, fact) if world.is_one_of_many(name) else fact
    return found


def fact_of(world: World, kept: Kept, name: str) -> Fact:
    """Of a fact that may be there several times, the one that there is."""
    states = kept.get((name, "")) or world.values((name, ""))
    state = states[0]
    assert isinstance(state, State)
    if state is not State.PRESENT:
        return Fact(name, state)
    told = {attribute: values[0] for (fact, attribute), values in kept.items() if fact == name and attribute}
    if world.program.facts[name].kind == "setting":
        told.setdefault("value", world.values((name, "value"))[0])
    known: dict[str, Number | str] = {key: one for key, one in told.items() if isinstance(one, (float, str, Bounds))}
    return Fact(name, state, known)


def _as_item(world: World, fact: Fact) -> Fact:
    """The only order that there is goes by one name in all facts of its kind."""
    item = replace(fact, name=f"{world.program.facts[fact.name].kind}/1")
    return Fact(fact.name, State.PRESENT, items=(item,))


def clash(world: World, kept: Kept) -> tuple[Choice, ...]:
    """Choices of which the first values do not go together: of numbers of one fact, or of days between two facts."""
    known = {choice: _bounds(values[0]) for choice, values in kept.items() if _is_number(values[0], kept, choice)}
    for choice, value in known.items():
        name, attribute = choice
        for less, more in TWINS:
            twin = (name, attribute.removesuffix(less) + more)
            if attribute.endswith(less) and twin in known and not _at_most(value, known[twin]):
                return choice, twin
        event, measures, anchor = attribute.partition(MEASURED_FROM)
        ours = (name, f"{event}_days")
        theirs = (anchor, f"{KINDS[world.program.facts[anchor].kind].event}_days") if measures else ours
        if measures and ours in known and theirs in known and not _apart(known[ours], known[theirs], value):
            return choice, ours, theirs
    return ()


def _bounds(value: Value) -> Bounds:
    assert isinstance(value, (float, Bounds))
    return value if isinstance(value, Bounds) else Bounds(value, value)


def _at_most(less: Bounds, more: Bounds) -> bool:
    return less.low <= more.low and less.high <= more.high


def _apart(ours: Bounds, theirs: Bounds, days: Bounds) -> bool:
    """Only days that are known exactly can be held against each other."""
    exact = all(one.low == one.high for one in (ours, theirs, days))
    return not exact or ours.low - theirs.low == days.low


def _is_number(value: Value, kept: Kept, choice: Choice) -> bool:
    states = kept.get((choice[0], ""))
    return isinstance(value, (float, Bounds)) and states is not None and states[0] is State.PRESENT
