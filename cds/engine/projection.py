"""What the network may be told of a patient, or of one item: once for what surely holds, once for what possibly does.

The network knows two truths, the rules three. So what is unknown holds nothing in the sure telling and everything in
the possible one: a rule that fires in both is true, one that fires only in the possible one is undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import eq, ge, gt, le, lt

from cds.clinical import Bounds, Fact, Number, State
from cds.engine.patterns import (
    FARTHEST,
    FLAG,
    FLAGS,
    NO_TEXT,
    Attribute,
    Pattern,
    Vocabulary,
    alternatives,
    rank,
)
from cds.ruleset.model import Program

Properties = dict[str, int]
Limits = tuple[int, int]

_COMPARE: Mapping[str, Callable[[int, int], bool]] = {"==": eq, ">": gt, ">=": ge, "<": lt, "<=": le}

_WIDTH = len(FLAGS)
_SETS = ["".join(flag for place, flag in enumerate(FLAGS) if number >> place & 1) for number in range(1 << _WIDTH)]


def bits(subject: int, flags: str) -> int:
    """One bit for each relation that holds of the subject."""
    return sum(1 << subject * _WIDTH + FLAGS.index(flag) for flag in flags)


def _both(surely: str, possibly: str) -> tuple[int, int]:
    return bits(0, surely), bits(0, possibly)


# Which of present, without, denied, unless and unrecorded hold: surely, and possibly.
_OF_STATE = {
    State.PRESENT: _both("p", "p"),
    State.DENIED: _both("wdu", "wdu"),
    State.ABSENT: _both("wur", "wur"),
    State.UNUSABLE: _both("ur", "pwdur"),
    State.UNSUPPLIED: _both("u", "pwdur"),
}
_CONCLUDED = _both("p", "p")
_UNDECIDED = _both("u", "pwu")
_NOT_CONCLUDED = _both("wu", "wu")
_EVERY = bits(0, FLAGS)
_PRESENT = bits(0, FLAG["present"])


@dataclass(frozen=True, slots=True)
class Ground:
    """What is so before anything is known of a patient: all facts absent, nothing concluded."""

    words: Vocabulary
    names: tuple[str, ...]  # of the subjects, by their number; unnamed ones follow
    holding: int
    facts: tuple[tuple[str, int], ...]  # those some test is about
    counts: Mapping[int, tuple[tuple[tuple[int, Pattern], ...], ...]]  # of each test, what alternatives need


def ground(program: Program, words: Vocabulary) -> Ground:
    holding = 0
    for name, subject in words.subjects.items():
        absent = _OF_STATE[State.ABSENT] if name in program.facts else _NOT_CONCLUDED
        holding |= (_CONCLUDED if name in program.counts else absent)[0] << subject * _WIDTH
    return Ground(
        words=words,
        names=tuple(words.subjects),
        holding=holding,
        facts=tuple((name, subject) for name, subject in words.subjects.items() if name in program.facts),
        counts={
            subject: tuple(
                tuple((bits(choice.subject, choice.flags), choice) for choice in alternatives(test, words))
                for test in program.counts[name].tests
            )
            for name, subject in words.subjects.items()
            if name in program.counts
        },
    )


@dataclass(slots=True)
class Projection:
    """Both tellings, while rules run: conclusions are added as they are drawn."""

    ground: Ground
    facts: Mapping[str, Fact]
    surely: int  # bits of the relations that hold
    possibly: int
    _told: dict[int, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, ground: Ground, facts: Mapping[str, Fact]) -> Projection:
        projection = cls(ground, facts, ground.holding, ground.holding)
        for name, subject in ground.facts:
            if (state := facts[name].state) is not State.ABSENT:
                projection._set(subject, _OF_STATE[state])
        return projection

    def of_item(self, name: str, item: Fact) -> Projection:
        """The same patient and conclusions, with one item in its fact's place."""
        told = {subject: told for subject, told in self._told.items() if subject not in self.ground.counts}
        projection = Projection(self.ground, {**self.facts, name: item}, self.surely, self.possibly, told)
        if name in self.ground.words.subjects:
            projection._set(self.ground.words.subjects[name], _OF_STATE[item.state])
        return projection

    def conclude(self, subject: int, *, surely: bool) -> None:
        if surely or not self.surely & bits(subject, "p"):
            self._set(subject, _CONCLUDED if surely else _UNDECIDED)

    def messages(self, subject: int) -> tuple[str, str]:
        """The message about a subject in each telling, as the inside of a JSON object; empty where nothing holds."""
        if subject not in self._told:
            place = subject * _WIDTH
            surely, possibly = self.surely >> place & _EVERY, self.possibly >> place & _EVERY
            sure, possible = self._attributes(subject) if possibly & _PRESENT else ({}, {})
            told = message(subject, _SETS[surely], sure)
            certain = surely == possibly and sure == possible
            self._told[subject] = told, told if certain else message(subject, _SETS[possibly], possible)
        return self._told[subject]

    def _set(self, subject: int, flags: tuple[int, int]) -> None:
        place = subject * _WIDTH
        others = ~(_EVERY << place)
        self.surely = self.surely & others | flags[0] << place
        self.possibly = self.possibly & others | flags[1] << place
        self._told.pop(subject, None)

    def _attributes(self, subject: int) -> tuple[Properties, Properties]:
        """The properties that tell the attributes some test asks for."""
        surely: Properties = {}
        possibly: Properties = {}
        name = self.ground.names[subject] if subject < len(self.ground.names) else ""
        present = bool(self.surely & bits(subject, "p"))
        for attribute in self.ground.words.asked.get(name, ()):
            told = _told(self.ground.words.attributes[attribute], self._limits(subject, name, attribute), present)
            surely |= told[0]
            possibly |= told[1]
        return surely, possibly

    def _limits(self, subject: int, name: str, attribute: str) -> Limits | None:
        if subject in self.ground.counts:
            surely, possibly = self._counted(subject, self.surely, 0), self._counted(subject, self.possibly, 1)
            return rank(surely), rank(possibly)
        fact = self.facts[name]
        return _limits(fact.attributes.get(attribute), self.ground.words.texts) if fact.state is State.PRESENT else None

    def _counted(self, subject: int, holding: int, telling: int) -> int:
        """How many tests of a count hold in one telling."""
        return sum(
            any(
                not needs & ~holding
                and (not pattern.comparisons or _met(pattern, self._attributes(pattern.subject)[telling]))
                for needs, pattern in test
            )
            for test in self.ground.counts[subject]
        )


def message(subject: int, flags: str, attributes: Properties) -> str:
    told = [f'"{flag}":{subject}' for flag in flags]
    told += [f'"{key}":{value}' for key, value in attributes.items()]
    return ",".join(told)


def _met(pattern: Pattern, told: Properties) -> bool:
    return all(key in told and _COMPARE[operator](told[key], operand) for key, operator, operand in pattern.comparisons)


def _limits(value: Number | str | None, texts: Mapping[str, int]) -> Limits | None:
    if value is None:
        return None
    if isinstance(value, str):
        number = texts.get(value, NO_TEXT)
        return number, number
    if isinstance(value, Bounds):
        return rank(value.low), rank(value.high)
    exact = rank(value)
    return exact, exact


def _told(attribute: Attribute, limits: Limits | None, present: bool) -> tuple[Properties, Properties]:
    """An attribute in each telling. Its low end answers ``above``, its high end ``below``; possibly, they swap.

    Of a present fact an attribute may be missing; of a fact that is unknown it may be missing or have any value.
    """
    low, high, known, missing = attribute
    if limits:
        return {low: limits[0], high: limits[1], known: 1}, {low: limits[1], high: limits[0], known: 1}
    anything = {low: FARTHEST, high: -FARTHEST, missing: 1}
    return ({missing: 1}, anything) if present else ({}, {**anything, known: 1})
