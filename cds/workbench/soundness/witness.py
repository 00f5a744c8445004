"""From an answer of the solver to facts: as few as do, and shown by the plain evaluator to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import z3

from cds import conditions
from cds.clinical import Bounds, Fact, Number, State
from cds.ruleset.model import Program, Rule
from cds.workbench.plainest import Known, plainest, whole
from cds.workbench.soundness.symbols import Symbol, Symbols, Term


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
    return plainest(found, is_so)


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
