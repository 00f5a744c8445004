"""Random programs and patients: every construct of the language, numbers on and around their thresholds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from cds.clinical import Bounds, Fact, Number, State
from cds.ruleset.model import AnyOf, Condition, Count, FactSpec, Place, Program, Rule, Stages, Test

PLACE = Place("random.yaml", 1)
NUMBERS = (-1e300, -2.5, -1.0, -1e-7, -0.0, 0.0, 1e-7, 1.0, 2.0, math.nextafter(2.0, 3.0), 2.5, 3.0, 30.0, 1e300)
TEXTS = ("left", "right", "both", 'a "quoted" \\ text', "Überfluß", "")
NUMERIC = ("above", "at least", "below", "at most", "between", "is", "is not")
TEXTUAL = ("is", "is not", "is one of")
WHOLE = ("present", "without", "denied", "unless", "unrecorded")
STATES = (State.PRESENT, State.DENIED, State.ABSENT, State.UNUSABLE, State.UNSUPPLIED)
MOODS = ((6, 1, 1, 0, 0), (2, 2, 4, 1, 1), (1, 0, 8, 0, 0), (1, 1, 1, 1, 4))  # how likely each state is


def patient(random: Random, program: Program) -> dict[str, Fact]:
    """A fact for each name, in random order."""
    mood = random.choice(MOODS)
    names = random.sample(tuple(program.facts), len(program.facts))
    return {name: fact(random, name, mood) for name in names}


def fact(random: Random, name: str, mood: tuple[int, ...]) -> Fact:
    values = {"value": number(random), "days": number(random), "side": random.choice((*TEXTS, "unheard of"))}
    orders = random.randint(0, 3) if name in ("order", "kind_of_order") else 0
    return Fact(
        name,
        random.choices(STATES, mood)[0],
        {attribute: value for attribute, value in values.items() if random.random() < 0.7},
        items=tuple(fact(random, f"MedicationRequest/{place}", mood) for place in range(orders)),
    )


def number(random: Random) -> Number:
    if random.random() < 0.7:
        return random.choice(NUMBERS)
    low, high = sorted(random.choices((-math.inf, *NUMBERS, math.inf), k=2))
    return Bounds(low, high)


def program(random: Random) -> Program:
    facts = (*(f"fact_{place}" for place in range(random.randint(1, 8))), "order", "kind_of_order")
    author = Author(random, facts, {f"conclusion-{place}": random.randrange(3) for place in range(12)})
    author.write_counts(random.randint(0, 4))
    rules = [author.rule(place) for place in range(random.randint(1, 60))]
    own = {f"order-conclusion-{place}": random.randrange(3) for place in range(4)}
    settled = [(count, -1) for count, _ in author.counts]
    of_orders = Author(random, facts, own, settled, settled=tuple(author.levels), each="order")
    of_orders.write_counts(random.randint(0, 2))
    order_rules = [of_orders.rule(place) for place in range(random.choice((0, 0, 3, 10)))]
    return Program(
        {name: FactSpec(name, "finding", {}, {}, name, PLACE, "random") for name in facts},
        {count.name: count for count, _ in of_orders.counts},
        stages(rules),
        {"order": stages(order_rules)} if order_rules else {},
    )


def stages(rules: Iterable[tuple[int, Rule]]) -> Stages:
    rules = tuple(rules)
    return tuple(tuple(rule for level, rule in rules if level == stage) for stage in range(3))


@dataclass
class Author:
    """Writes rules for three stages. What a rule excludes or counts belongs to an earlier stage than its own."""

    random: Random
    facts: tuple[str, ...]
    levels: dict[str, int]  # the stage in which each conclusion is drawn
    counts: list[tuple[Count, int]] = field(default_factory=list)  # with the last stage it looks at, -1 for none
    settled: tuple[str, ...] = ()  # the patient's conclusions, for the rules of items
    each: str = ""

    def write_counts(self, wanted: int) -> None:
        for place in range(wanted):
            level = self.random.randrange(3)
            tests = tuple(self.test(level) for _ in range(self.random.randint(1, 6)))
            points = tuple(self.random.choice((1, 2, 3, -1, -2)) for _ in tests) if self.random.random() < 0.5 else ()
            self.counts.append((Count(f"{self.each}count_{place}", tests, PLACE, points), level))

    def rule(self, place: int) -> tuple[int, Rule]:
        conclude = self.random.choice(("", *self.levels, *self.levels))
        level = self.levels[conclude] if conclude else self.random.randrange(3)
        when = tuple(self.condition(level) for _ in range(self.random.choice((1, 1, 2, 2, 3, 4, 6))))
        name = f"{self.each}R{place}"
        return level, Rule(name, "random", "1", name, when, PLACE, conclude=conclude, each=self.each)

    def condition(self, level: int) -> Condition:
        if self.random.random() < 0.75:
            return self.test(level)
        return AnyOf(tuple(self.test(level) for _ in range(self.random.randint(1, 5))))

    def test(self, level: int) -> Test:
        counts = [count.name for count, last in self.counts if last < level]
        if counts and self.random.random() < 0.2:
            return self.comparison(self.random.choice(counts), "value", NUMERIC)
        conclusions = [*self.settled, *(name for name, drawn in self.levels.items() if drawn <= level)]
        if conclusions and self.random.random() < 0.4:
            return self.of_conclusion(self.random.choice(conclusions), level)
        subject = self.random.choice(self.facts)
        attribute = self.random.choice(("", "", "value", "days", "side"))
        if not attribute:
            return Test(subject, self.random.choice(WHOLE))  # type: ignore[arg-type]
        relations = TEXTUAL if attribute == "side" else NUMERIC
        return self.comparison(subject, attribute, (*relations, "known", "unknown"))

    def of_conclusion(self, name: str, level: int) -> Test:
        settled = name in self.settled or self.levels[name] < level
        return Test(name, self.random.choice(("present", "without", "unless")) if settled else "present")

    def comparison(self, subject: str, attribute: str, relations: tuple[str, ...]) -> Test:
        relation = self.random.choice(relations)
        return Test(subject, relation, attribute, self.operand(relation, attribute))  # type: ignore[arg-type]

    def operand(self, relation: str, attribute: str) -> float | str | tuple[float, float] | tuple[str, ...] | None:
        if relation in ("known", "unknown"):
            return None
        if attribute == "side":
            texts = tuple(self.random.sample(TEXTS, self.random.randint(1, 3)))
            return texts if relation == "is one of" else texts[0]
        if relation == "between":
            low, high = sorted(self.random.choices(NUMBERS, k=2))
            return low, high
        return self.random.choice(NUMBERS)
