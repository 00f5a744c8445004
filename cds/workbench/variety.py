"""How a condition could come out otherwise: the nearest values, and only what rules tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cds.clinical import Bounds, Fact, Number, State
from cds.conditions import of_state, of_text
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec, Test
from cds.workbench.changes import Change, Changes, Value
from cds.workbench.steps import limits, step

_BELOW_NOUGHT = ("excess", "percent", "due_in_days")  # attributes that may be negative


@dataclass(frozen=True, slots=True)
class Variety:
    """What of the facts can be told apart by the rules that are looked at, and so need be tried.

    ``denials``: facts of which some rule tells a denial from silence; ``texts``: by fact and attribute, the words
    that are asked for.
    """

    specs: Mapping[str, FactSpec]
    denials: frozenset[str]
    texts: Mapping[tuple[str, str], frozenset[str]]

    @classmethod
    def of(cls, specs: Mapping[str, FactSpec], tests: Iterable[Test]) -> Variety:
        texts: dict[tuple[str, str], frozenset[str]] = {}
        denials = set()
        for test in tests:
            key = (test.subject, test.attribute)
            texts[key] = texts.get(key, frozenset()) | frozenset(_words(test))
            if test.relation in ("denied", "unrecorded"):
                denials.add(test.subject)
        return cls(specs, frozenset(denials), texts)

    def options(self, test: Test, fact: Fact, item: str, *, wanted: bool) -> Iterator[Changes]:
        """The ways to have the test come out as wanted, each by changes of its one fact; nearest values only."""
        spec = self.specs[test.subject]
        if spec.kind == "setting":  # what a site has set is not about the patient
            return
        if not test.attribute:
            for state in self._states(test, wanted=wanted):
                if state is not fact.state and _may_go(spec):
                    yield _change(test, item, {"": state})
            return
        for value in self._values(test, fact, wanted=wanted):
            arrival = {} if fact.state is State.PRESENT else {"": State.PRESENT}
            yield _change(test, item, {**arrival, test.attribute: value})
        if not wanted and fact.state is not State.ABSENT and _may_go(spec):
            yield _change(test, item, {"": State.ABSENT})

    def _states(self, test: Test, *, wanted: bool) -> Iterator[State]:
        for state in (State.PRESENT, State.ABSENT, State.DENIED):
            told_apart = state is not State.DENIED or test.subject in self.denials
            if told_apart and of_state(state, test.relation) is wanted:
                yield state

    def _values(self, test: Test, fact: Fact, *, wanted: bool) -> Iterator[Value]:
        if test.relation in ("known", "unknown"):
            yield self._any_value(test) if (test.relation == "known") is wanted else None
        elif limits(test):
            yield from _numbers(test, _start(fact.attributes.get(test.attribute)), wanted=wanted)
        else:
            yield from sorted(one for one in self._texts(test) if of_text(one, test) is wanted)

    def _texts(self, test: Test) -> frozenset[str]:
        """The words that are asked for, and one that nobody asks for to stand for all others."""
        asked = self.texts[test.subject, test.attribute]
        others = KINDS[self.specs[test.subject].kind].attributes[test.attribute].values or ("something else",)
        return asked | set(next(((one,) for one in others if one not in asked), ()))

    def _any_value(self, test: Test) -> Value:
        attribute = KINDS[self.specs[test.subject].kind].attributes.get(test.attribute)
        if attribute is None or attribute.type == "number":
            return 0.0
        return next(iter(sorted(self._texts(test))))


def _words(test: Test) -> tuple[str, ...]:
    operands = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    return tuple(one for one in operands if isinstance(one, str))


def _may_go(spec: FactSpec) -> bool:
    """Whether it can be there or not: everybody has an age."""
    return KINDS[spec.kind].reads != ("Patient",)


def _change(test: Test, item: str, told: Mapping[str, Value]) -> Changes:
    return frozenset(Change(test.subject, item, attribute, value) for attribute, value in told.items())


def _start(recorded: Number | str | None) -> float:
    """The number from which to look for the nearest; nought where none is known."""
    return recorded if isinstance(recorded, int | float) and not isinstance(recorded, Bounds) else 0.0


def _numbers(test: Test, near: float, *, wanted: bool) -> Iterator[float]:
    """The nearest numbers for which the comparison is as wanted."""
    small, ends = step(test), limits(test)
    match test.relation, wanted:
        case ("at least", True) | ("at most", True) | ("is", True) | ("above", False) | ("below", False):
            found = ends
        case ("is not", False):
            found = ends
        case ("above", True) | ("at most", False):
            found = (ends[0] + small,)
        case ("below", True) | ("at least", False):
            found = (ends[0] - small,)
        case ("between", True):
            found = (min(max(near, ends[0]), ends[1]),)
        case _:
            found = (ends[0] - small, ends[-1] + small)
    negative = bool(test.anchor) or test.attribute in _BELOW_NOUGHT or ends[0] < 0
    yield from (round(one, 9) for one in found if negative or one >= 0)
