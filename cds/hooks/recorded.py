"""The facts of a call as its record keeps them: what the rules asked, and nothing by which a patient could be known.

References, labels, dates and words of the record are left out, and every attribute that no rule compares. What is left
lets the rules be run again: they fire as they did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

import msgspec

from cds.clinical import Bounds, Fact, Facts, Number, State, is_recorded
from cds.outcome import Outcome
from cds.ruleset.asked import tests_of
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec, Program
from cds.ruleset.selection import rules_of

_Ends: TypeAlias = tuple[float | None, float | None]  # of ``Bounds``; an open one is null: JSON has no infinity


class RecordedFact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fact that is not simply absent. ``item``: of one among many, its number in place of its name; the same order
    has the same number in every fact.
    """

    state: State = State.PRESENT
    attributes: Mapping[str, float | str | _Ends] = {}
    items: tuple[RecordedFact, ...] = ()
    item: int = 0


class RecordedFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts that are not named were looked for and not found, or no rule within reach asked for them."""

    facts: dict[str, RecordedFact]
    unsupplied: tuple[str, ...] = ()
    deceased: bool = False


_DECODER = msgspec.json.Decoder(RecordedFacts)
_ENCODER = msgspec.json.Encoder()
_TIMES = ("h", "d", "a")
_UNSUPPLIED = State.UNSUPPLIED


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules of a program compare: of each fact, the attributes.

    ``steady``: facts with those of them that do not change by the mere passing of time, as days since an onset do.
    """

    attributes: Mapping[str, tuple[str, ...]]
    steady: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, program: Program) -> Asked:
        compared: dict[str, dict[str, None]] = {}
        for rule in rules_of(program):
            for test in tests_of(rule, program.counts):
                compared.setdefault(test.subject, {})[test.attribute] = None
        attributes = {subject: tuple(filter(None, asked)) for subject, asked in compared.items()}
        pairs = ((program.facts[name], each) for name in attributes.keys() & program.facts for each in attributes[name])
        return cls(
            attributes, frozenset((spec.name, attribute) for spec, attribute in pairs if _is_steady(spec, attribute))
        )

    def recorded(self, outcome: Outcome, *, deceased: bool) -> msgspec.Raw:
        present = [fact for fact in outcome.asked.values() if is_recorded(fact)]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(_items(present)), 1)}
        unsupplied = tuple([fact.name for fact in present if fact.state is _UNSUPPLIED and not fact.items])
        told = {
            fact.name: _recorded(fact, self.attributes.get(fact.name, ()), numbers)
            for fact in present
            if fact.state is not _UNSUPPLIED or fact.items
        }
        return msgspec.Raw(_ENCODER.encode(RecordedFacts(told, unsupplied, deceased)))


def _items(facts: Iterable[Fact]) -> Iterator[str]:
    for fact in facts:
        for item in fact.items:
            yield item.name


def _is_steady(spec: FactSpec, attribute: str) -> bool:
    """Days before another fact are no attribute of a kind, and as steady as both facts are."""
    asked = KINDS[spec.kind].attributes.get(attribute)
    return asked is not None and asked.unit not in _TIMES


def _recorded(fact: Fact, asked: tuple[str, ...], numbers: Mapping[str, int], item: int = 0) -> RecordedFact:
    has = fact.attributes
    return RecordedFact(
        fact.state,
        {name: has[name] for name in asked if name in has} if has else {},
        tuple([_recorded(one, asked, numbers, numbers[one.name]) for one in fact.items]) if fact.items else (),
        item,
    )


def restored(program: Program, recorded: bytes) -> tuple[Facts, bool]:
    """The facts of a record, one for each fact of the program, and whether the patient had died.

    Items are named by their number: "item 1".
    """
    read = _DECODER.decode(recorded)
    unsupplied = {name: Fact(name, State.UNSUPPLIED) for name in read.unsupplied}
    told = {name: _restored(name, fact) for name, fact in read.facts.items()}
    absent = {name: Fact(name, State.ABSENT) for name in program.facts}
    facts = {name: told.get(name) or unsupplied.get(name) or fact for name, fact in absent.items()}
    return Facts.known(facts), read.deceased


def _restored(name: str, fact: RecordedFact) -> Fact:
    items = tuple(_restored(f"item {one.item}", one) for one in fact.items)
    return Fact(name, fact.state, {key: _number(value) for key, value in fact.attributes.items()}, items=items)


def _number(value: float | str | _Ends) -> Number | str:
    if not isinstance(value, tuple):
        return value
    low, high = value
    return Bounds(-inf if low is None else low, inf if high is None else high)
