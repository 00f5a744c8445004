"""Facts as unknowns of the solver: their state, and each attribute that somebody asks for."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NamedTuple, TypeAlias

import z3

from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec
from cds.ruleset.ranges import MEASURED_FROM, range_of

Term: TypeAlias = Any
"""An expression of z3, which is published without types."""

TWINS = (
    ("_min", "_est"),
    ("_min", "_max"),
    ("_est", "_max"),
    ("changed_days", "onset_days"),
    ("changed_days", "worsened_days"),
)
"""Ends of names of attributes of one fact, of which the first is never more than the second."""


class Symbol(NamedTuple):
    """One number or text of a fact. A number lies between ``low`` and ``high``; a text is one of ``texts``."""

    known: Term
    low: Term = None
    high: Term = None
    texts: Mapping[str, Term] | None = None


class State(NamedTuple):
    """``known``: present, denied or absent. Neither known nor unusable: unsupplied."""

    known: Term
    present: Term
    denied: Term
    unusable: Term


@dataclass(slots=True)
class Symbols:
    """Lives as long as one program is looked at. Each fact has its axioms, which hold of every patient."""

    specs: Mapping[str, FactSpec]
    apart: Collection[frozenset[str]] = ()  # pairs of facts that cannot be about the same order
    _states: dict[str, State] = field(default_factory=dict)
    _attributes: dict[str, dict[str, Symbol]] = field(default_factory=dict)
    _axioms: dict[str, list[Term]] = field(default_factory=dict)

    def state(self, name: str) -> State:
        if name not in self._states:
            state = State(*(z3.Bool(f"{name} {one}") for one in State._fields))
            self._states[name], self._attributes[name] = state, {}
            self._axioms[name] = list(_of_state(self.specs[name], state))
        return self._states[name]

    def attribute(self, name: str, attribute: str) -> Symbol:
        self.state(name)
        if attribute not in self._attributes[name]:
            self._attributes[name][attribute] = symbol = self._symbol(name, attribute)
            self._axioms[name].extend(self._of_symbol(name, attribute, symbol))
        return self._attributes[name][attribute]

    def asked(self, name: str) -> Mapping[str, Symbol]:
        """The attributes that were asked for."""
        self.state(name)
        return self._attributes[name]

    def axioms(self, names: Iterable[str]) -> Iterator[Term]:
        asked = [name for name in names if name in self._states]
        for name in asked:
            yield from self._axioms[name]
        orders = [name for name in asked if KINDS[self.specs[name].kind].items]
        for one, other in combinations(orders, 2):
            if frozenset((one, other)) in self.apart:
                yield z3.Not(z3.And(self._states[one].present, self._states[other].present))

    def texts(self, name: str, attribute: str, text: str) -> Term:
        """That the text is this one. Of a text that may be anything each one that is asked for is known of."""
        symbol = self.attribute(name, attribute)
        assert isinstance(symbol.texts, dict)
        if text not in symbol.texts:
            others = list(symbol.texts.values())
            symbol.texts[text] = term = z3.Bool(f"{name}.{attribute} {text}")
            self._axioms[name].extend(z3.Not(z3.And(term, other)) for other in others)
        return symbol.texts[text]

    def _symbol(self, name: str, attribute: str) -> Symbol:
        spec, written = self.specs[name], f"{name}.{attribute}"
        known = z3.Bool(f"{written} known")
        offered = KINDS[spec.kind].attributes.get(attribute)
        if offered is not None and offered.type == "text":
            values = spec.parameters.get("choices") if spec.kind == "setting" else offered.values
            assert isinstance(values, tuple)
            return Symbol(known, texts={value: z3.Bool(f"{written} {value}") for value in values})
        number = z3.Int if range_of(spec, attribute).whole else z3.Real
        return Symbol(known, number(f"{written} low"), number(f"{written} high"))

    def _of_symbol(self, name: str, attribute: str, symbol: Symbol) -> Iterator[Term]:
        spec = self.specs[name]
        if spec.kind == "setting":  # it always has its value
            yield symbol.known
        if symbol.texts is not None:
            terms = list(symbol.texts.values())
            if terms:
                yield z3.Implies(symbol.known, z3.PbEq([(term, 1) for term in terms], 1))
            return
        yield symbol.low <= symbol.high
        limits = range_of(spec, attribute)
        if limits.low > -math.inf:
            yield symbol.low >= limits.low
        if limits.high < math.inf:
            yield symbol.high <= limits.high
        yield from self._of_others(name, attribute, symbol)

    def _of_others(self, name: str, attribute: str, symbol: Symbol) -> Iterator[Term]:
        """How the numbers of a fact go together, and those of two facts between which days are counted."""
        event, measures, anchor = attribute.partition(MEASURED_FROM)
        if measures:
            own = self.attribute(name, f"{event}_days")
            origin = self.attribute(anchor, f"{KINDS[self.specs[anchor].kind].event}_days")
            exact = (own.known, origin.known, own.low == own.high, origin.low == origin.high)
            both = (self.state(name).present, self.state(anchor).present)
            apart = z3.And(symbol.known, symbol.low == symbol.high, symbol.low == own.low - origin.low)
            yield z3.Implies(z3.And(*both, *exact), apart)
        asked = self._attributes[name]
        for less, more in TWINS:
            for lesser, greater in (
                (attribute, _twin(attribute, less, more)),
                (_twin(attribute, more, less), attribute),
            ):
                if lesser in asked and greater in asked:
                    one, other = asked[lesser], asked[greater]
                    both_known = z3.And(one.known, other.known)
                    yield z3.Implies(both_known, z3.And(one.low <= other.low, one.high <= other.high))


def _twin(attribute: str, ending: str, other: str) -> str:
    return attribute.removesuffix(ending) + other if attribute.endswith(ending) else ""


def _of_state(spec: FactSpec, state: State) -> Iterator[Term]:
    kind = KINDS[spec.kind]
    yield z3.Implies(state.present, state.known)
    yield z3.Implies(state.denied, z3.And(state.known, z3.Not(state.present)))
    yield z3.Implies(state.unusable, z3.Not(state.known))
    if not kind.denies:
        yield z3.Not(state.denied)
    if kind.items:
        yield state.known
    if spec.kind == "setting":
        yield state.present
