"""From an answer of the solver to facts: as few as do, and shown by the plain evaluator to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import z3

from cds import conditions
from cds.clinical import Bounds, Fact, Number, State
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec, Program, Rule
from cds.workbench.soundness.symbols import Symbol, Symbols, Term

Known: TypeAlias = Mapping[str, Fact]
"""Facts that are not absent. One of which there may be many speaks of the one order that there is."""

_FINEST = 100  # numbers are told to the hundredth where that does


class Refuted(Exception):
    """The plain evaluator does not come to what the solver says: one of the two is wrong."""


def read(model: z3.ModelRef, symbols: Symbols, names: Iterable[str]) -> dict[str, Fact]:
    """What the model leaves open is absent."""
    found = {name: _fact(model, symbols, name) for name in sorted(names)}
    return {name: fact for name, fact in found.items() if fact.state is not State.ABSENT}


def least(program: Program, found: Known, fired: Sequence[Rule], silent: Sequence[Rule]) -> dict[str, Fact]:
    """Without the facts and attributes that may be left out. Raises ``Refuted`` when with all of them it is not so."""

    def is_so(facts: Known) -> bool:
        seen = {name for name, _ in conditions.infer(program, whole(program.facts, facts)).fired}
        return all(rule.id in seen for rule in fired) and not any(rule.id in seen for rule in silent)

    if not is_so(found):
        raise Refuted(f"{', '.join(rule.id for rule in fired)} on {dict(found)}")
    facts = dict(found)
    for name in found:
        if is_so(fewer := {other: fact for other, fact in facts.items() if other != name}):
            facts = fewer
    for name, attribute in [(name, attribute) for name, fact in facts.items() for attribute in fact.attributes]:
        facts = _plainer(facts, name, attribute, is_so)
    return facts


def whole(specs: Mapping[str, FactSpec], facts: Known) -> dict[str, Fact]:
    """Every fact of a program: those not told are absent, and orders are the first of their kind."""
    absent = {name: Fact(name, State.ABSENT) for name in specs}
    return absent | {name: _as_order(specs[name], fact) for name, fact in facts.items() if name in specs}


def _as_order(spec: FactSpec, fact: Fact) -> Fact:
    if not KINDS[spec.kind].items:
        return fact
    return Fact(fact.name, fact.state, items=(replace(fact, name=f"{spec.kind}/1"),))


def _plainer(facts: dict[str, Fact], name: str, attribute: str, is_so: Callable[[Known], bool]) -> dict[str, Fact]:
    """The first that does of: without the attribute, known exactly, in a rounder number; else as it is."""
    fact = facts[name]
    others = {key: value for key, value in fact.attributes.items() if key != attribute}
    candidates = (others, *({**others, attribute: value} for value in _rounder(fact.attributes[attribute])))
    tried = (facts | {name: replace(fact, attributes=attributes)} for attributes in candidates)
    return next((plainer for plainer in tried if is_so(plainer)), facts)


def _rounder(value: Number | str) -> Iterator[Number]:
    if isinstance(value, str):
        return
    for number in value if isinstance(value, Bounds) else (value,):
        yield float(round(number))
        yield round(number * _FINEST) / _FINEST
    if isinstance(value, Bounds):
        yield value.low
        yield value.high


# What the model says


def _fact(model: z3.ModelRef, symbols: Symbols, name: str) -> Fact:
    state = _state(model, symbols, name)
    if state is not State.PRESENT:
        return Fact(name, state)
    asked = symbols.asked(name)
    known = {attribute: one for attribute, one in asked.items() if _is_true(model, one.known)}
    told = {attribute: _value(model, one) for attribute, one in known.items()}
    return Fact(name, state, {attribute: value for attribute, value in told.items() if value is not None})


def _state(model: z3.ModelRef, symbols: Symbols, name: str) -> State:
    state = symbols.state(name)
    if _is_true(model, state.present):
        return State.PRESENT
    if _is_true(model, state.denied):
        return State.DENIED
    if _is_true(model, state.unusable):
        return State.UNUSABLE
    left_open = model[state.known] is None
    return State.ABSENT if left_open or _is_true(model, state.known) else State.UNSUPPLIED


def _is_true(model: z3.ModelRef, term: Term) -> bool:
    return bool(z3.is_true(model.eval(term)))


def _value(model: z3.ModelRef, symbol: Symbol) -> Number | str | None:
    if symbol.texts is not None:
        return next((text for text, term in symbol.texts.items() if _is_true(model, term)), "other")
    low, high = (_number(model.eval(term, model_completion=True)) for term in (symbol.low, symbol.high))
    return low if low == high else Bounds(low, high)


def _number(found: Term) -> float:
    return float(found.as_fraction()) if z3.is_rational_value(found) else float(found.as_long())
