"""What a rule asks about one fact, conclusion or count, all of it as one question, and how the question is answered.

The network knows two truths, the rules three. So every question is answered twice: what is unknown holds nothing in the
sure answer and everything in the possible one. A rule that fires on both is true, one that fires only on the possible
answers is undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from cds.clinical import KNOWN_STATES, Bounds, Number, State
from cds.ruleset.model import AnyOf, Condition, Test


class Ask(NamedTuple):
    """A test without its subject and words; without an attribute it is about the fact or conclusion as a whole."""

    relation: str
    attribute: str = ""
    operand: object = None


class Question(NamedTuple):
    """Everything that one clause asks about one subject."""

    subject: str
    asks: tuple[Ask, ...]


PRESENT = (Ask("present"),)

Both: TypeAlias = tuple[bool, bool]
"""Whether something surely holds, and whether it possibly does."""

_WHOLE = frozenset({"present", "without", "denied", "unless", "unrecorded"})

# The relations that hold of a fact: surely, and possibly.
_OF_STATE: Mapping[State, tuple[frozenset[str], frozenset[str]]] = {
    State.PRESENT: (frozenset({"present"}),) * 2,
    State.DENIED: (frozenset({"without", "denied", "unless"}),) * 2,
    State.ABSENT: (frozenset({"without", "unless", "unrecorded"}),) * 2,
    State.UNUSABLE: (frozenset({"unless", "unrecorded"}), _WHOLE),
    State.UNSUPPLIED: (frozenset({"unless"}), _WHOLE),
}

# Of the low and the high end of a number, or a text twice. The possible answer takes the ends the other way round.
_COMPARISONS: Mapping[str, Callable[[Any, Any, Any], bool]] = {
    "above": lambda low, _high, limit: low > limit,
    "at least": lambda low, _high, limit: low >= limit,
    "below": lambda _low, high, limit: high < limit,
    "at most": lambda _low, high, limit: high <= limit,
    "between": lambda low, high, ends: low >= ends[0] and high <= ends[1],
    "is": lambda low, high, wanted: low >= wanted and high <= wanted,
    "is not": lambda low, high, refused: low > refused or high < refused,
    "is one of": lambda text, _text, texts: text in texts,
    "known": lambda _low, _high, _operand: True,
    "unknown": lambda _low, _high, _operand: False,
}


def alternatives(condition: Condition) -> tuple[Question, ...]:
    """The questions of which at least one must be answered with yes."""
    tests = condition.tests if isinstance(condition, AnyOf) else (condition,)
    return tuple(dict.fromkeys(map(asked, tests)))


def asked(test: Test) -> Question:
    return Question(test.subject, (Ask(test.relation, test.attribute, test.operand),))


def one_a_subject(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Questions about one subject made one, because no message can meet two patterns of a clause."""
    asks: dict[str, dict[Ask, None]] = {}
    for question in questions:
        asks.setdefault(question.subject, {}).update(dict.fromkeys(question.asks))
    return tuple(Question(subject, tuple(about)) for subject, about in asks.items())


@cache
def of_state(asks: tuple[Ask, ...], state: State) -> Both:
    """The answer of a fact that is not present; of one that is, as far as its attributes do not matter."""
    surely, possibly = _OF_STATE[state]
    unknown, present = state not in KNOWN_STATES, state is State.PRESENT
    return (
        all(present if ask.attribute else ask.relation in surely for ask in asks),
        all(present or unknown if ask.attribute else ask.relation in possibly for ask in asks),
    )


def of_attributes(asks: tuple[Ask, ...], attributes: Mapping[str, Number | str]) -> Both:
    """The answer of a present fact; one that lacks what is compared leaves the comparison open."""
    surely = True
    for relation, attribute, operand in asks:
        value = attributes.get(attribute)
        holds = _COMPARISONS[relation]
        if value is None:
            if relation == "known":
                return False, False
            surely = surely and relation == "unknown"
        elif isinstance(value, Bounds):
            if not holds(value.high, value.low, operand):
                return False, False
            surely = surely and holds(value.low, value.high, operand)
        elif not holds(value, value, operand):
            return False, False
    return surely, True
