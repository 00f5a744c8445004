"""Mutants that say the same in other words: no patient could tell them from the rule, so that no case is missing.

Proven of the rule alone. What it asks about is tried in every way that its tests can tell apart, each subject on its
own; what else the rule asks is taken to stand in nobody's way. That is more than can be: a mutant that nothing among it
tells from the rule is equivalent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from cds.clinical import Bounds, Fact, Number, State
from cds.conditions import Truth, disjunction, negation, of_fact, of_number
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import AnyOf, Condition, Count, FactSpec, Rule, Test
from cds.workbench.steps import limits, step

_MOST = 2_000  # ways of what a rule asks about; beyond, nothing is claimed

Signature = tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class World:
    """What may be so: the facts and counts by name, and the conclusions that may be unknown."""

    facts: Mapping[str, FactSpec]
    counts: Mapping[str, Count]
    doubtful: frozenset[str]

    def ways(self, subject: str, tests: Sequence[Test]) -> frozenset[Signature]:
        """What these tests of one subject can come to together."""
        if subject in self.facts:
            return frozenset(_of_fact(self.facts[subject], tests))
        if subject in self.counts:
            values = _counted(self.counts[subject])
            return frozenset(tuple(of_number(value, test) for test in tests) for value in values)
        truths: tuple[Truth, ...] = (True, False, None) if subject in self.doubtful else (True, False)
        return frozenset(tuple(_of_conclusion(truth, test) for test in tests) for truth in truths)


def world_of(facts: Mapping[str, FactSpec], counts: Mapping[str, Count], rules: Iterable[Rule]) -> World:
    return World(facts, counts, frozenset(_doubtful(list(rules), facts, counts)))


def equivalent(rule: Rule, changed: Rule, world: World) -> bool:
    kept = [one for one in rule.when if one in changed.when]
    old = [one for one in rule.when if one not in kept]
    new = [one for one in changed.when if one not in kept]
    asked = _asked(old, new, kept)
    ways = [world.ways(subject, tests) for subject, tests in asked.items()]
    if math.prod(map(len, ways)) > _MOST:
        return False
    tests = [test for of_subject in asked.values() for test in of_subject]
    for chosen in product(*ways):
        truths = dict(zip(tests, (truth for way in chosen for truth in way), strict=True))
        rest = _all(_truth(one, truths, other=True) for one in kept)
        if rest is not False:
            before, after = (_all([rest, *(_truth(one, truths, other=False) for one in part)]) for part in (old, new))
            if before is not after:
                return False
    return True


def _asked(old: Sequence[Condition], new: Sequence[Condition], kept: Sequence[Condition]) -> dict[str, list[Test]]:
    """By subject, the tests of those subjects on which rule and mutant differ."""
    before, after = list(_tests(old)), list(_tests(new))
    combined = set(before) == set(after)
    differing = [one for one in (*before, *after) if combined or (one in before) is not (one in after)]
    found: dict[str, list[Test]] = {test.subject: [] for test in differing}
    for test in dict.fromkeys([*before, *after, *_tests(kept)]):
        if test.subject in found:
            found[test.subject].append(test)
    return found


def _truth(condition: Condition, truths: Mapping[Test, Truth], *, other: bool) -> Truth:
    """``other``: what the tests of other subjects are taken to come to."""
    return disjunction(truths.get(test, other) for test in _tests([condition]))


def _all(truths: Iterable[Truth]) -> Truth:
    return negation(disjunction(negation(truth) for truth in truths))


def _tests(conditions: Iterable[Condition]) -> Iterator[Test]:
    for condition in conditions:
        yield from condition.tests if isinstance(condition, AnyOf) else (condition,)


# What one subject may be


def _of_conclusion(truth: Truth, test: Test) -> Truth:
    if test.relation == "unless":
        return truth is not True
    return negation(truth) if test.relation == "without" else truth


def _of_fact(spec: FactSpec, tests: Sequence[Test]) -> Iterator[Signature]:
    """Of a fact that is there, each attribute may be what it is whatever the others are."""
    for state in states(spec):
        if state is not State.PRESENT:
            yield tuple(of_fact(Fact(spec.name, state), test) for test in tests)
    names = list(dict.fromkeys(test.attribute for test in tests))
    of_each = [_of_attribute(spec, name, [test for test in tests if test.attribute == name]) for name in names]
    for chosen in product(*of_each):
        truths = {test: truth for each in chosen for test, truth in each}
        yield tuple(truths[test] for test in tests)


def _of_attribute(spec: FactSpec, name: str, tests: Sequence[Test]) -> frozenset[tuple[tuple[Test, Truth], ...]]:
    values = _values(spec, name, tests) if name else [None]
    present = (Fact(spec.name, State.PRESENT, {} if value is None else {name: value}) for value in values)
    return frozenset(tuple((test, of_fact(fact, test)) for test in tests) for fact in present)


def states(spec: FactSpec) -> tuple[State, ...]:
    """An order under review is there or is not."""
    kind = KINDS[spec.kind]
    return (State.PRESENT, State.ABSENT) if kind.items and not kind.reads else tuple(State)


def _values(spec: FactSpec, attribute: str, tests: Sequence[Test]) -> list[Number | str | None]:
    """Every value that the tests tell apart, and None: not known."""
    declared = KINDS[spec.kind].attributes.get(attribute)
    if declared and declared.type == "text":
        named = {text for test in tests for text in _texts(test)}
        return [None, *(declared.values or sorted(named | {"something else"}))]
    points = sorted({point for test in tests for point in _points(test)})
    points = [-math.inf, *points, math.inf]
    ranges = [Bounds(low, high) for low, high in combinations_with_replacement(points, 2) if low < high]
    return [None, *points[1:-1], *ranges]


def _texts(test: Test) -> tuple[str, ...]:
    if isinstance(test.operand, str):
        return (test.operand,)
    return tuple(str(text) for text in test.operand) if isinstance(test.operand, tuple) else ()


def _points(test: Test) -> Iterator[float]:
    """At each limit, and on both sides of it; days are whole."""
    for limit in limits(test):
        if test.anchor or test.attribute.endswith("_days"):
            yield from (math.floor(limit) - 1.0, float(math.floor(limit)), float(math.ceil(limit)))
            yield math.ceil(limit) + 1.0
        else:
            yield from (limit + part * step(test) for part in (-1, -0.5, 0, 0.5, 1))


def _counted(count: Count) -> list[Bounds]:
    worth = [points for _, points in count.worth]
    least, most = sum(min(one, 0) for one in worth), sum(max(one, 0) for one in worth)
    numbers = [float(number) for number in range(least, most + 1)]
    return [Bounds(low, high) for low, high in combinations_with_replacement(numbers, 2)]


def _doubtful(rules: Sequence[Rule], facts: Mapping[str, FactSpec], counts: Mapping[str, Count]) -> set[str]:
    """The conclusions that may be unknown: some rule draws them that asks something which may be."""
    found: set[str] = set()
    news = True
    while news:
        more = {
            rule.conclude
            for rule in rules
            if rule.conclude
            and rule.conclude not in found
            and any(_may_be_unknown(test, facts, counts, found) for test in _tests(rule.when))
        }
        found |= more
        news = bool(more)
    return found


def _may_be_unknown(test: Test, facts: Mapping[str, FactSpec], counts: Mapping[str, Count], doubtful: set[str]) -> bool:
    if test.relation == "unless":
        return False
    if test.subject in facts:
        surely = set(states(facts[test.subject])) <= {State.PRESENT, State.ABSENT}
        return not (surely and (not test.attribute or test.relation in ("known", "unknown")))
    if test.subject in counts:
        return any(_may_be_unknown(one, facts, counts, doubtful) for one in counts[test.subject].tests)
    return test.subject in doubtful
