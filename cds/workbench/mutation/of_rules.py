"""The ways in which the conditions of a rule, or what a count counts, may be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cds.ruleset.model import AnyOf, Condition, Count, Place, Rule, Test
from cds.workbench.mutation.mutant import Kind, Mutant
from cds.workbench.mutation.of_tests import variants


def of_rule(rule: Rule, conclusions: frozenset[str], unnamed: frozenset[str]) -> Iterator[Mutant]:
    """``unnamed``: the counts of `at least n of`."""
    for number, condition in enumerate(rule.when):
        for kind, what, instead, line in _of_condition(condition, conclusions, unnamed):
            when = (*rule.when[:number], *instead, *rule.when[number + 1 :])
            place = Place(rule.place.file, line or rule.place.line)
            yield Mutant(rule.id, kind, what, rule.ruleset, place, replace(rule, when=when))
    if len(rule.when) > 1:
        anyhow = AnyOf(tuple(test for condition in rule.when for test in _tests(condition)), "any of its conditions")
        changed = replace(rule, when=(anyhow,))
        yield Mutant(rule.id, "combined", "any of its conditions will do", rule.ruleset, rule.place, changed)


def _tests(condition: Condition) -> tuple[Test, ...]:
    return condition.tests if isinstance(condition, AnyOf) else (condition,)


_Change = tuple[Kind, str, tuple[Condition, ...], int]


def _of_condition(condition: Condition, conclusions: frozenset[str], unnamed: frozenset[str]) -> Iterator[_Change]:
    if isinstance(condition, AnyOf):
        yield from _of_any(condition, conclusions)
        return
    yield "dropped", f"`{shown(condition)}`", (), condition.line
    if condition.subject in unnamed and isinstance(condition.operand, float):
        for moved in (condition.operand + 1, condition.operand - 1):
            what = f"`{shown(condition)}` -> at least {moved:g} of them"
            yield "combined", what, (replace(condition, operand=moved),), condition.line
        return
    for variant in variants(condition, conclusions):
        yield variant.kind, variant.what, (variant.test,), condition.line


def _of_any(condition: AnyOf, conclusions: frozenset[str]) -> Iterator[_Change]:
    tests = condition.tests
    yield "dropped", f"`{shown(condition)}`", (), condition.line
    if len(tests) > 1:
        yield "combined", f"`{shown(condition)}` -> all of them", tests, condition.line
    for number, test in enumerate(tests):
        line = test.line or condition.line
        if len(tests) > 1:
            less = (*tests[:number], *tests[number + 1 :])
            yield "dropped", f"`{test.words}` of {_first(tests)}", (replace(condition, tests=less),), line
        for variant in variants(test, conclusions):
            other = (*tests[:number], variant.test, *tests[number + 1 :])
            yield variant.kind, f"{variant.what} of {_first(tests)}", (replace(condition, tests=other),), line


def shown(condition: Condition) -> str:
    """A condition in few words."""
    if isinstance(condition, AnyOf):
        return _first(condition.tests)
    head, colon, parts = condition.words.partition(" of: ")
    return f"{head} of: {parts.split(',')[0]}, …" if colon else condition.words


def _first(tests: Sequence[Test]) -> str:
    return f"any of: {tests[0].words}{', …' if len(tests) > 1 else ''}"


def of_count(count: Count, ruleset: str, conclusions: frozenset[str]) -> Iterator[Mutant]:
    for number, (test, points) in enumerate(count.worth):
        place = Place(count.place.file, test.line or count.place.line)

        def mutant(kind: Kind, what: str, changed: Count, place: Place = place) -> Mutant:
            return Mutant(count.name, kind, what, ruleset, place, changed)

        if len(count.tests) > 1:
            yield mutant("dropped", f"`{test.words}`", _without(count, number))
        for variant in variants(test, conclusions):
            tests = (*count.tests[:number], variant.test, *count.tests[number + 1 :])
            yield mutant(variant.kind, variant.what, replace(count, tests=tests))
        for moved in (points + 1, points - 1):
            worth = [moved if other == number else one for other, (_, one) in enumerate(count.worth)]
            if moved and count.points:
                yield mutant("points", f"`{test.words}` -> {moved} points", replace(count, points=tuple(worth)))


def _without(count: Count, number: int) -> Count:
    points = count.points
    return replace(
        count,
        tests=(*count.tests[:number], *count.tests[number + 1 :]),
        points=(*points[:number], *points[number + 1 :]) if points else (),
    )
