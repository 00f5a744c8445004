"""What is asked of the record for one fact, and the shape of an answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

from cds.clinical import Evidence, Fact, Number, Span, State
from cds.record import Entry, PatientRecord
from cds.ruleset.kinds import KINDS, Kind
from cds.ruleset.model import Codes, FactSpec

Given = ParamSpec("Given")
Work = TypeVar("Work")

_NOTHING: Mapping[str, Number | str] = MappingProxyType({})
_NO_EVENTS: Mapping[str, Span] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact as far as it can be worked out before there is a patient: its parameters over the defaults of its kind.

    ``same``: by parameter, the first code choice of all facts that finds the very same entries.
    """

    spec: FactSpec
    kind: Kind
    types: frozenset[str]  # of the resources it is answered from
    numbers: Mapping[str, float]  # durations in the days or hours that the parameter is declared in
    texts: Mapping[str, str]
    names: Mapping[str, tuple[str, ...]]
    flags: frozenset[str]  # those that are set
    same: Mapping[str, str]


def asked_of(specs: Mapping[str, FactSpec]) -> dict[str, Asked]:
    """The facts by name, prepared."""
    first: dict[tuple[object, ...], str] = {}
    return {name: _asked(spec, first) for name, spec in specs.items()}


def _asked(spec: FactSpec, first: dict[tuple[object, ...], str]) -> Asked:
    kind = KINDS[spec.kind]
    types = frozenset((*kind.reads, *kind.also))
    stated = {name: declared.default for name, declared in kind.parameters.items() if declared.default is not None}
    settings = {**stated, **spec.parameters}
    same = {}
    for parameter, codes in spec.codes.items():
        choice = f"{spec.name}.{parameter}"
        same[parameter] = first.setdefault(_finds(spec, parameter, codes, types), choice)
    return Asked(
        spec=spec,
        kind=kind,
        types=types,
        numbers={name: one for name, one in settings.items() if not isinstance(one, bool | str | tuple)},
        texts={name: one for name, one in settings.items() if isinstance(one, str)},
        names={name: one for name, one in settings.items() if isinstance(one, tuple)},
        flags=frozenset(name for name, one in settings.items() if one is True),
        same=same,
    )


def _finds(spec: FactSpec, parameter: str, codes: Codes, types: frozenset[str]) -> tuple[object, ...]:
    """What decides which entries a choice finds; of codes that do not say where, the fact's own sites do."""
    by_site = spec.name if parameter == "in" and "unsited" in spec.codes else None
    return codes, types, by_site


class Question(NamedTuple):
    """One fact asked of one record at one moment.

    ``facts`` are all facts asked for, so that one may refer to another. ``now`` is aware and ``today`` the calendar day
    in its zone.
    """

    asked: Asked
    facts: Mapping[str, Asked]
    record: PatientRecord
    now: datetime
    today: date
    shared: dict[Hashable, Any]  # by ``once``; lives as long as one derivation

    @property
    def spec(self) -> FactSpec:
        return self.asked.spec

    @property
    def title(self) -> str:
        return self.asked.spec.title

    def choice(self, parameter: str) -> str:
        return f"{self.asked.spec.name}.{parameter}"

    def names_codes(self, parameter: str) -> bool:
        """Whether codes are given for an optional parameter."""
        return parameter in self.asked.spec.codes

    def entries(self, parameter: str = "in") -> list[Entry]:
        """The entries of one of its code choices, of the types that its kind reads."""
        types = self.asked.types
        return [entry for entry in self.record.entries.get(self.choice(parameter), ()) if entry.type in types]

    def once(self, key: Hashable, work: Callable[Given, Work], *given: Given.args, **named: Given.kwargs) -> Work:
        """What several facts need of one record, worked out for the first that asks."""
        if key not in self.shared:
            self.shared[key] = work(*given, **named)
        found: Work = self.shared[key]
        return found

    def same(self, parameter: str) -> str:
        """One name for the code choices that find the same entries: facts that have it in common share their work."""
        return self.asked.same.get(parameter, parameter)

    def flag(self, parameter: str) -> bool:
        return parameter in self.asked.flags

    def number(self, parameter: str) -> float | None:
        return self.asked.numbers.get(parameter)

    def text(self, parameter: str) -> str:
        return self.asked.texts[parameter]

    @property
    def side(self) -> str | None:
        """The side of the body that it is asked of, if of one."""
        return self.asked.texts.get("side")


class Answer(NamedTuple):
    """What the record says. ``events``: when each event was, from which other facts may be measured."""

    state: State
    attributes: Mapping[str, Number | str] = _NOTHING
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    items: tuple[Fact, ...] = ()
    events: Mapping[str, Span] = _NO_EVENTS


Answerer: TypeAlias = Callable[[Question], Answer | None]
"""Answers one kind of question; None when the record has nothing to say."""
