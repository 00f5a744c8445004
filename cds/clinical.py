"""The values everyone shares: codes, dates, numbers, facts, and what was inferred from them.

All of them are immutable. Nothing here knows FHIR, YAML, HTTP or the engine.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias


class Coding(NamedTuple):
    """A code of a code system; ``display`` is for people only and never compared."""

    system: str
    code: str
    display: str = ""


class Span(NamedTuple):
    """A date that may be partial: ``2026-03`` is the span of its first to its last day."""

    earliest: date
    latest: date


class Bounds(NamedTuple):
    """A number of which only limits are known: ``>10`` is ``Bounds(10, inf)``."""

    low: float
    high: float


Number: TypeAlias = float | Bounds
"""In the unit that the fact's kind declares."""


class Quantity(NamedTuple):
    """A measured value as it was sent; ``unit`` is a UCUM code, or None when none was given."""

    value: Number
    unit: str | None


class State(enum.Enum):
    """What the supplied data say about a fact."""

    PRESENT = "present"
    DENIED = "denied"  # documented as absent: a recorded "no"
    ABSENT = "absent"  # the data that would show it were supplied and do not
    UNUSABLE = "unusable"  # something was recorded but cannot be relied on (no unit, no date)
    UNSUPPLIED = "unsupplied"  # the data that would show it were not supplied


KNOWN_STATES = (State.PRESENT, State.DENIED, State.ABSENT)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of patient data that a fact rests on, as shown to the clinician."""

    reference: str  # "Observation/pvr-1"
    label: str  # "Post-void residual"
    value: str = ""  # "350 mL"
    when: str = ""  # "2026-11-21", or partial "2026-11"
    note: str = ""  # "onset taken from the recorded date"


@dataclass(frozen=True, slots=True)
class Fact:
    """The answer to one question about the patient.

    ``attributes`` holds what the fact's kind offers (``cds.ruleset.kinds``): the number or text itself under
    ``value`` and others such as ``onset_days``. A missing attribute of a present fact is unknown.
    """

    name: str
    state: State
    attributes: Mapping[str, Number | str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()  # what would be needed to know, in words
    items: tuple[Fact, ...] = ()  # for a fact of which there may be many: one entry each, named by its reference


def is_recorded(fact: Fact) -> bool:
    """Whether the record says anything of it, or does not say enough to know: it is other than absent."""
    return fact.state is not State.ABSENT or bool(fact.items)


class Facts(Mapping[str, Fact]):
    """Every fact of a program about one patient. Each is worked out when it is first asked for; most never are.

    ``possible``: the facts that may be other than absent. All others are.
    """

    __slots__ = ("_absent", "_answer", "_known", "possible")

    def __init__(self, absent: Mapping[str, Fact], possible: Set[str], answer: Callable[[str], Fact]) -> None:
        """``absent``: all facts, as they are when there is nothing to say of them. ``answer`` works one out."""
        self._absent = absent
        self._answer = answer
        self._known: dict[str, Fact] = {}
        self.possible = possible

    @classmethod
    def known(cls, facts: Mapping[str, Fact]) -> Facts:
        """Of facts that were worked out before."""
        return cls(facts, frozenset(name for name, fact in facts.items() if is_recorded(fact)), facts.__getitem__)

    def __getitem__(self, name: str) -> Fact:
        if name not in self.possible:
            return self._absent[name]
        fact = self._known.get(name)
        if fact is None:
            fact = self._known[name] = self._answer(name)
        return fact

    def worked_out(self) -> frozenset[str]:
        """Those that somebody has asked for by now."""
        return frozenset(self._known)

    def __contains__(self, name: object) -> bool:
        return name in self._absent

    def __iter__(self) -> Iterator[str]:
        return iter(self._absent)

    def __len__(self) -> int:
        return len(self._absent)


def about_one(facts: Mapping[str, Fact], item: str) -> dict[str, Fact]:
    """Of the facts of which there may be many, what each says of one item: that item, or that it is absent."""
    return {
        name: next((one for one in fact.items if one.name == item), Fact(name, State.ABSENT))
        for name, fact in facts.items()
        if fact.items
    }


@dataclass(frozen=True, slots=True)
class Inference:
    """What followed: ``(rule id, item)`` of the rules that fired and of those that could not be decided.

    ``item`` is the reference of a draft order for rules written with ``each``, otherwise None.
    """

    fired: frozenset[tuple[str, str | None]] = frozenset()
    undecided: frozenset[tuple[str, str | None]] = frozenset()
