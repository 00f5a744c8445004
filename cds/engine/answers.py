"""The answers of one patient, or of one item, to everything that the rules ask: one bit for each question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cds.clinical import Bounds, Fact, Number, State
from cds.engine.questions import Ask, Question, asked, of_attributes, of_state
from cds.ruleset.model import Program

Bits: TypeAlias = tuple[int, int]
"""Of the questions whose answer is surely yes, and of those where it possibly is."""

_DRAWN, _UNDECIDED = State.PRESENT, State.UNSUPPLIED
_NO_ATTRIBUTES: Mapping[str, Number | str] = {}


@dataclass(frozen=True, slots=True)
class Subject:
    """The questions about one fact, conclusion or count; how a state answers them is known beforehand."""

    asked: int  # the bits of all of them
    of_state: Mapping[State, Bits]
    compared: tuple[tuple[int, tuple[Ask, ...]], ...]  # those whose answer turns on attributes of the present fact

    @classmethod
    def of(cls, questions: Iterable[tuple[int, tuple[Ask, ...]]]) -> Subject:
        questions = tuple(questions)
        compares = {bit: tuple(ask for ask in asks if ask.attribute) for bit, asks in questions}
        decided = [(bit, asks) for bit, asks in questions if not compares[bit]]
        return cls(
            asked=sum(bit for bit, _ in questions),
            of_state={state: _bits(decided if state is State.PRESENT else questions, state) for state in State},
            compared=tuple(
                (bit, compares[bit]) for bit, asks in questions if compares[bit] and of_state(asks, State.PRESENT)[0]
            ),
        )

    def answers(self, state: State, attributes: Mapping[str, Number | str]) -> Bits:
        surely, possibly = self.of_state[state]
        if self.compared and state is State.PRESENT:
            for bit, asks in self.compared:
                sure, possible = of_attributes(asks, attributes)
                surely |= bit * sure
                possibly |= bit * possible
        return surely, possibly


def _bits(questions: Iterable[tuple[int, tuple[Ask, ...]]], state: State) -> Bits:
    answers = [(bit, *of_state(asks, state)) for bit, asks in questions]
    return sum(bit for bit, surely, _ in answers if surely), sum(bit for bit, _, possibly in answers if possibly)


@dataclass(frozen=True, slots=True)
class Ground:
    """The questions by subject, and their answers at first: facts absent, nothing concluded, counts not counted yet."""

    numbers: Mapping[Question, int]
    subjects: Mapping[str, Subject]
    counts: Mapping[str, tuple[tuple[str, int, int], ...]]  # of each test the subject, the bit and the points
    first: Bits

    @classmethod
    def of(cls, program: Program, questions: Iterable[Question]) -> Ground:
        counted = {
            name: [(asked(test), points) for test, points in count.worth] for name, count in program.counts.items()
        }
        tests = (test for tests in counted.values() for test, _ in tests)
        numbers = {one: number for number, one in enumerate(dict.fromkeys([*questions, *tests]))}
        about: dict[str, list[tuple[int, tuple[Ask, ...]]]] = {}
        for one, number in numbers.items():
            about.setdefault(one.subject, []).append((1 << number, one.asks))
        subjects = {name: Subject.of(questions) for name, questions in about.items()}
        before = [
            subject.of_state[State.UNSUPPLIED if name in counted else State.ABSENT]
            for name, subject in subjects.items()
        ]
        return cls(
            numbers=numbers,
            subjects=subjects,
            counts={
                name: tuple((test.subject, 1 << numbers[test], points) for test, points in tests)
                for name, tests in counted.items()
            },
            first=(sum(surely for surely, _ in before), sum(possibly for _, possibly in before)),
        )


@dataclass(slots=True)
class Answers:
    """The bits while rules run: conclusions are added as they are drawn, counts when they are asked for."""

    ground: Ground
    surely: int
    possibly: int
    _drawn: set[str] = field(default_factory=set)
    _settled: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, ground: Ground, facts: Mapping[str, Fact]) -> Answers:
        answers = cls(ground, *ground.first)
        absent = State.ABSENT
        for name, fact in facts.items():
            if fact.state is not absent and name in ground.subjects:
                answers._set(name, fact.state, fact.attributes)
        return answers

    def of_item(self, items: Mapping[str, Fact]) -> Answers:
        """The same patient and conclusions, with the facts as they speak of one item."""
        answers = Answers(self.ground, self.surely, self.possibly, set(self._drawn))
        for count in self._settled:  # what it counts may differ for the item
            answers._set(count, _UNDECIDED, _NO_ATTRIBUTES)
        for name, item in items.items():
            if name in self.ground.subjects:
                answers._set(name, item.state, item.attributes)
        return answers

    def conclude(self, conclusion: str, *, surely: bool) -> None:
        """What is drawn already stays so."""
        if conclusion in self._drawn or conclusion not in self.ground.subjects:
            return
        self._set(conclusion, _DRAWN if surely else _UNDECIDED, _NO_ATTRIBUTES)
        if surely:
            self._drawn.add(conclusion)

    def settle(self, count: str) -> None:
        """Counts what holds by now. A count is asked for only when all that it counts is known."""
        if count not in self._settled:
            self._settled.add(count)
            tests = self.ground.counts[count]
            for subject in {subject for subject, _, _ in tests if subject in self.ground.counts}:
                self.settle(subject)
            self._set(count, State.PRESENT, {"value": self._sum(tests)})

    def _sum(self, tests: tuple[tuple[str, int, int], ...]) -> Bounds:
        """A test is worth its points when it surely holds, and perhaps its points when it possibly does."""
        surely = sum(points for _, bit, points in tests if bit & self.surely)
        perhaps = [points for _, bit, points in tests if bit & self.possibly and not bit & self.surely]
        return Bounds(float(surely + sum(min(p, 0) for p in perhaps)), float(surely + sum(max(p, 0) for p in perhaps)))

    def _set(self, name: str, state: State, attributes: Mapping[str, Number | str]) -> None:
        subject = self.ground.subjects[name]
        surely, possibly = subject.answers(state, attributes)
        self.surely = self.surely & ~subject.asked | surely
        self.possibly = self.possibly & ~subject.asked | possibly
