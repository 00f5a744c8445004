"""Programs and patients of a few lines, for the tests of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cds.clinical import Fact, Number, State
from cds.ruleset.model import AnyOf, Condition, Count, FactSpec, Place, Program, Rule, Test

FILE = "small.yaml"


def rule(name: str, *when: Condition, conclude: str = "", each: str = "", line: int = 1) -> Rule:
    return Rule(name, "small", "1", name, when, Place(FILE, line), conclude=conclude, each=each)


def count(name: str, *tests: Test) -> Count:
    return Count(name, tests, Place(FILE, 1))


def program(*stages: Iterable[Rule], counts: Iterable[Count] = (), each: Iterable[Rule] = ()) -> Program:
    """Whatever is no count and no conclusion is a fact. ``each``: one stage of rules for each ``order``."""
    counted = {one.name: one for one in counts}
    rules = [one for stage in (*stages, each) for one in stage]
    tests = [test for one in rules for condition in one.when for test in _tests(condition)]
    tests += [test for one in counted.values() for test in one.tests]
    facts = dict.fromkeys((*(test.subject for test in tests), *(["order"] if each else [])))
    known = {*counted, *(one.conclude for one in rules)}
    return Program(
        {name: FactSpec(name, "finding", {}, {}, name, Place(FILE, 2), "small") for name in facts if name not in known},
        counted,
        tuple(tuple(stage) for stage in stages),
        {"order": (tuple(each),)} if each else {},
    )


def _tests(condition: Condition) -> tuple[Test, ...]:
    return condition.tests if isinstance(condition, AnyOf) else (condition,)


def present(name: str, **attributes: Number | str) -> Fact:
    return Fact(name, State.PRESENT, attributes)


def patient(asked: Program, *facts: Fact, otherwise: State = State.ABSENT) -> Mapping[str, Fact]:
    return {name: Fact(name, otherwise) for name in asked.facts} | {fact.name: fact for fact in facts}
