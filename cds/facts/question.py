"""What is asked of the record for one fact, and the shape of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias, TypeVar, cast

from cds.clinical import Evidence, Fact, Number, Span, State
from cds.record import Entry, PatientRecord
from cds.ruleset.kinds import KINDS, Kind
from cds.ruleset.model import FactSpec

Work = TypeVar("Work")


@dataclass(frozen=True, slots=True)
class Question:
    """One fact asked of one record at one moment.

    ``parameters`` are the fact's own over the defaults of its kind; ``specs`` are all facts asked for, so that one may
    refer to another. ``now`` is aware and calendar days are counted in its zone.
    """

    spec: FactSpec
    parameters: Mapping[str, float | str | bool | tuple[str, ...]]
    specs: Mapping[str, FactSpec]
    record: PatientRecord
    now: datetime
    shared: dict[str, object] = field(default_factory=dict)  # by ``once``; lives as long as one derivation

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def kind(self) -> Kind:
        return KINDS[self.spec.kind]

    def choice(self, parameter: str) -> str:
        return f"{self.spec.name}.{parameter}"

    def entries(self, parameter: str = "in") -> tuple[Entry, ...]:
        """The entries of one of its code choices, of the types that its kind reads."""
        kind = self.kind
        found = self.record.entries.get(self.choice(parameter), ())
        return tuple(entry for entry in found if entry.type in kind.reads or entry.type in kind.also)

    def once(self, name: str, work: Callable[[], Work]) -> Work:
        """What several facts need of one record, worked out for the first that asks."""
        if name not in self.shared:
            self.shared[name] = work()
        return cast("Work", self.shared[name])

    def number(self, parameter: str) -> float | None:
        """A number, or a duration in the days or hours that the parameter is declared in."""
        return cast("float | None", self.parameters.get(parameter))

    def text(self, parameter: str) -> str:
        return cast("str", self.parameters[parameter])


@dataclass(frozen=True, slots=True)
class Answer:
    """What the record says. ``events``: when each event was, from which other facts may be measured."""

    state: State
    attributes: Mapping[str, Number | str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    items: tuple[Fact, ...] = ()
    events: Mapping[str, Span] = field(default_factory=dict)


Answerer: TypeAlias = Callable[[Question], Answer | None]
"""Answers one kind of question; None when the record has nothing to say."""
