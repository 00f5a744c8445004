"""Why a rule fired, stayed silent or could not be decided, from what was inferred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cds.clinical import Fact, Inference, State
from cds.conditions import Key, Situation, Truth, of_item
from cds.outcome import Firing, Reason
from cds.ruleset.model import Condition, Program, Rule, Stages, Test


@dataclass(frozen=True, slots=True)
class Outline:
    """The rules that run about the patient, or about one kind of item: by id, and by what they conclude."""

    rules: Mapping[str, Rule]  # in the order of their stages
    drawing: Mapping[str, tuple[Rule, ...]]

    @classmethod
    def of(cls, stages: Stages) -> Outline:
        rules = {rule.id: rule for stage in stages for rule in stage}
        drawing: dict[str, tuple[Rule, ...]] = {}
        for rule in rules.values():
            if rule.conclude:
                drawing[rule.conclude] = (*drawing.get(rule.conclude, ()), rule)
        return cls(rules, drawing)


@dataclass(frozen=True, slots=True)
class Outlines:
    """Those of a whole program, made once."""

    patient: Outline
    each: Mapping[str, Outline]

    @classmethod
    def of(cls, program: Program) -> Outlines:
        return cls(Outline.of(program.stages), {name: Outline.of(stages) for name, stages in program.each.items()})


@dataclass(frozen=True, slots=True)
class Reasoning:
    """One inference, seen from its end: what every rule and conclusion came to, about the patient or one item."""

    outline: Outline
    situation: Situation
    item: str | None
    inference: Inference
    patient: Reasoning | None = None  # for an item: the reasoning about the patient
    _firings: dict[str, Firing] = field(default_factory=dict)
    _lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def fired(self) -> tuple[Rule, ...]:
        return self._among(self.inference.fired)

    def undecided(self) -> tuple[Rule, ...]:
        return self._among(self.inference.undecided)

    def _among(self, keys: frozenset[Key]) -> tuple[Rule, ...]:
        """The rules of these keys that are about this item, by id."""
        rules = self.outline.rules
        return tuple(rules[name] for name in sorted(name for name, item in keys if item == self.item and name in rules))

    def truth(self, rule: Rule) -> Truth:
        key = (rule.id, self.item)
        return True if key in self.inference.fired else None if key in self.inference.undecided else False

    def firing(self, rule: Rule) -> Firing:
        """The rule with the reason of each of its conditions, whatever it came to. Circles end at the first visit."""
        if rule.id not in self._firings:
            self._firings[rule.id] = Firing(rule, self.item, ())
            self._firings[rule.id] = Firing(rule, self.item, tuple(self._reason(part) for part in rule.when))
        return self._firings[rule.id]

    def missing(self, rule: Rule) -> tuple[str, ...]:
        """What is not known that this undecided rule turns on, in words, each once."""
        if rule.id not in self._lacking:
            self._lacking[rule.id] = ()  # where rules go round in a circle, the circle ends here
            self._lacking[rule.id] = tuple(dict.fromkeys(self._missing(rule)))
        return self._lacking[rule.id]

    def drawn_by(self, conclusion: str) -> tuple[Firing, ...]:
        """The firings that drew a conclusion, about this item or about the patient."""
        here = tuple(self.firing(rule) for rule in self.outline.drawing.get(conclusion, ()) if self.truth(rule) is True)
        return here + (self.patient.drawn_by(conclusion) if self.patient else ())

    def _reason(self, condition: Condition) -> Reason:
        truth = self.situation.truth(condition)
        tests = self.deciding(condition, truth)
        subjects = dict.fromkeys(test.subject for test in tests)
        facts = self.situation.facts
        return Reason(
            words=condition.words,
            truth=truth,
            facts=tuple(facts[name] for name in subjects if name in facts),
            attributes=frozenset((test.subject, test.attribute) for test in tests if test.attribute),
            because=tuple(firing for name in subjects if name not in facts for firing in self.drawn_by(name)),
        )

    def deciding(self, condition: Condition, truth: Truth) -> list[Test]:
        """The tests of a condition that made it what it is, counts opened up."""
        tests = (condition,) if isinstance(condition, Test) else condition.tests
        if truth is True and len(tests) > 1:
            tests = tuple(test for test in tests if self.situation.truth(test) is True)
        return [part for test in tests for part in self._opened(test)]

    def _opened(self, test: Test) -> tuple[Test, ...]:
        count = self.situation.counts.get(test.subject)
        if count is None:
            return (test,)
        return (*(part for part in count.tests if self.situation.truth(part) is not False), test)

    def _facts(self, test: Test) -> Iterator[Fact]:
        if test.subject in self.situation.facts:
            yield self.situation.facts[test.subject]

    def _missing(self, rule: Rule) -> Iterator[str]:
        for condition in rule.when:
            if self.situation.truth(condition) is None:
                for test in self.deciding(condition, None):
                    yield from self._missing_of(test)

    def _missing_of(self, test: Test) -> Iterator[str]:
        if self.situation.truth(test) is not None:
            return
        for fact in self._facts(test):
            yield from fact.missing or (_attribute_missing(fact, test),)
        for rule in self.outline.drawing.get(test.subject, ()):
            if self.truth(rule) is None:
                yield from self.missing(rule)
        if self.patient and test.subject in self.patient.outline.drawing:
            yield from self.patient._missing_of(test)


def _attribute_missing(fact: Fact, test: Test) -> str:
    if fact.state is State.PRESENT:
        return f"{test.attribute.replace('_', ' ')} of {fact.name.replace('_', ' ')}"
    return fact.name.replace("_", " ")


def reasonings(
    program: Program, outlines: Outlines, facts: Mapping[str, Fact], inference: Inference
) -> tuple[Reasoning, ...]:
    """The reasoning about the patient first, then one for each item of each fact that rules run once per."""
    patient = _reasoning(outlines.patient, Situation(facts, program.counts), None, inference)
    items = [
        _reasoning(outlines.each[name], of_item(patient.situation, item.name), item.name, inference, patient)
        for name in program.each
        for item in facts[name].items
    ]
    return (patient, *items)


def _reasoning(
    outline: Outline,
    situation: Situation,
    item: str | None,
    inference: Inference,
    patient: Reasoning | None = None,
) -> Reasoning:
    reasoning = Reasoning(outline, situation, item, inference, patient)
    for rule in (*reasoning.undecided(), *reasoning.fired()):
        if rule.conclude:
            situation.conclusions[rule.conclude] = reasoning.truth(rule)
    return reasoning
