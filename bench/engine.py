"""How the engine and the plain evaluator grow with the rules, on made-up programs.

A program is what a clinical ruleset looks like: five facts and ten rules to a subject, some of which build on others,
some count, some turn on an absence, and one in ten is about each draft order.
"""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable, Collection, Iterator
from random import Random

from bench.tables import Table
from cds import conditions
from cds.clinical import Fact, Inference, Number, State
from cds.engine import Engine
from cds.ruleset.model import AnyOf, Condition, Count, FactSpec, Place, Program, Rule, Test

PLACE = Place("bench", 1)
SIZES = (10, 50, 100, 150, 250, 500)
PATIENTS = 40
KINDS = ((0, 0.0), (8, 0.0), (8, 0.2), (20, 0.0))  # facts present; share of the facts that were not supplied
FACTS_OF_SUBJECT = 5


def rule(name: str, when: list[Condition], conclude: str = "", each: str = "") -> Rule:
    return Rule(name, "bench", "1", name, tuple(when), PLACE, conclude=conclude, each=each)


def subject(number: int) -> tuple[list[str], Count, list[list[Rule]], list[Rule]]:
    """The facts, the count, the rules by stage, and the rules for each order."""
    a, b, c, d, e = facts = [f"fact_{number}_{letter}" for letter in "abcde"]
    found, severe, urgent = (f"{word}-{number}" for word in ("found", "severe", "urgent"))
    gaps = Count(f"gaps_{number}", tuple(Test(fact, "unrecorded") for fact in (b, c, d, e)), PLACE)
    red_flag = AnyOf((Test(b, "present"), Test(c, "present"), Test(d, "at most", "days", 14.0)))
    first = [
        rule(f"{number}.1", [Test(a, "present"), red_flag], found),
        rule(f"{number}.2", [Test(a, "at most", "days", 14.0), Test(b, "above", "value", 5.0)], found),
        rule(f"{number}.3", [Test(found, "present"), Test(c, "is one of", "side", ("left", "both"))], severe),
        rule(f"{number}.4", [Test(severe, "present"), Test(d, "denied")], urgent),
        rule(f"{number}.5", [Test(urgent, "present"), Test(e, "without")]),
        rule(f"{number}.6", [Test(a, "between", "value", (3.0, 7.0)), Test(a, "is", "side", "left")]),
    ]
    second = [
        rule(f"{number}.7", [Test(found, "present"), Test(urgent, "unless")]),
        rule(f"{number}.8", [Test(a, "present"), Test(gaps.name, "at least", "value", 3.0)]),
        rule(f"{number}.9", [Test(e, "present"), Test(found, "without")]),
    ]
    of_order = rule(f"{number}.10", [Test("order", "is", "side", f"class {number}"), Test(a, "present")], each="order")
    return facts, gaps, [first, second], [of_order]


def program(rules: int) -> Program:
    facts, counts, stages, of_orders = zip(*map(subject, range(rules // 10)), strict=True)
    names = [*itertools.chain.from_iterable(facts), "order"]
    return Program(
        {name: FactSpec(name, "finding", {}, {}, name, PLACE, "bench") for name in names},
        {count.name: count for count in counts},
        tuple(tuple(itertools.chain.from_iterable(stage)) for stage in zip(*stages, strict=True)),
        {"order": (tuple(itertools.chain.from_iterable(of_orders)),)},
    )


def patient(random: Random, names: list[str], present: int, unknown: float) -> dict[str, Fact]:
    """``unknown``: the share of the facts that were not supplied."""
    chosen = set(random.sample(names, min(present, len(names))))
    return {name: _fact(random, name, name in chosen, unknown) for name in names}


def _fact(random: Random, name: str, present: bool, unknown: float) -> Fact:
    if not present:
        return Fact(name, State.UNSUPPLIED if random.random() < unknown else State.ABSENT)
    values: dict[str, Number | str] = {
        "value": random.choice((2.0, 5.0, 8.0)),
        "days": random.choice((3.0, 30.0)),
        "side": "left",
    }
    items = tuple(Fact(f"MedicationRequest/{place}", State.PRESENT, values) for place in range(2))
    return Fact(name, State.PRESENT, values, items=items if name == "order" else ())


def microseconds(infer: Callable[[dict[str, Fact]], object], patients: list[dict[str, Fact]]) -> float:
    """The best of a few rounds, in processor time."""
    return min(_round(infer, patients) for _ in range(5)) / len(patients) * 1e6


def _round(infer: Callable[[dict[str, Fact]], object], patients: list[dict[str, Fact]]) -> float:
    start = time.process_time()
    for facts in patients:
        infer(facts)
    return time.process_time() - start


def tables() -> Iterator[Table]:
    head = ("rules", "facts", "present", "unknown", "fired", "undecided", "engine µs", "plain µs", "compiled in ms")
    yield Table("rules", head, [_row(size, *kind) for size, kind in itertools.product(SIZES, KINDS)])


def _row(size: int, present: int, unknown: float) -> tuple[object, ...]:
    made = program(size)
    start = time.process_time()
    engine = Engine(made)
    compiled = (time.process_time() - start) * 1e3
    patients = [patient(Random(seed), list(made.facts), present, unknown) for seed in range(PATIENTS)]
    answers = [engine.infer(facts) for facts in patients]
    fired, undecided = (sum(map(len, found)) / PATIENTS for found in zip(*map(_counts, answers), strict=True))
    spent = (microseconds(infer, patients) for infer in (engine.infer, functools.partial(conditions.infer, made)))
    return size, len(made.facts), present, f"{unknown:.0%}", fired, undecided, *spent, compiled


def _counts(answer: Inference) -> tuple[Collection[object], Collection[object]]:
    return answer.fired, answer.undecided
