"""Rules as formulas come to what the plain evaluator comes to, whatever is known."""

from __future__ import annotations

from pathlib import Path

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from cds.clinical import Bounds, Fact, State
from cds.conditions import infer
from cds.ruleset.load import load
from cds.ruleset.program import program_of
from cds.ruleset.selection import rules_of
from cds.workbench.soundness.solving import Prover
from cds.workbench.soundness.symbols import Symbols
from tests.ruleset.folders import completed, folder, services

RULES = """\
rules:
  - {id: F-1.low, title: A, when: [egfr: below 30], conclude: low}
  - {id: F-1.high, title: B, when: [egfr: between 30 and 60], conclude: fair}
  - {id: F-2.new, title: C, when: [back_pain.onset_days: at most 14 d, unless: low], conclude: new}
  - {id: F-3.side, title: D, when: [back_pain.side: is not left, without: fever], conclude: side}
  - {id: F-4.any, title: E, when: [any: [low, denied: fever, unrecorded: trauma]], conclude: some}
  - {count: points, of: [2 points: [low, trauma], new, minus 1 point: [fever]]}
  - {id: F-5.count, title: F, when: [points: at least 2], conclude: enough}
  - {id: F-6.round, title: G, when: [any: [round-two, new]], conclude: round-one}
  - {id: F-6.back, title: H, when: [round-one, without: fever], conclude: round-two}
  - {id: F-7.known, title: I, when: [back_pain.onset_days: is unknown, unless: enough], conclude: undated}
"""
NAMES = ("egfr", "back_pain", "fever", "trauma")
WHOLE = st.integers(0, 30).map(float)


def bounds(numbers):
    return st.one_of(numbers, st.tuples(numbers, numbers).map(lambda pair: Bounds(min(pair), max(pair))))


def attributes(name):
    if name == "egfr":
        return st.fixed_dictionaries({}, optional={"value": bounds(st.integers(0, 90).map(float))})
    told = {"onset_days": bounds(WHOLE), "side": st.sampled_from(["left", "right", "both"])}
    return st.fixed_dictionaries({}, optional=told if name == "back_pain" else {})


@st.composite
def facts(draw):
    found = {}
    for name in NAMES:
        state = draw(st.sampled_from([one for one in State if name != "egfr" or one is not State.DENIED]))
        told = draw(attributes(name)) if state is State.PRESENT else {}
        found[name] = Fact(name, state, told)
    return found


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path: Path = tmp_path_factory.mktemp("formulas")
    files = {"example/formulas/ruleset.yaml": completed(RULES, "formulas"), "services.yaml": services("formulas")}
    return program_of(load(folder(path, files)), ["formulas"])


def said(symbols: Symbols, name, fact):
    """The facts as the solver is told them."""
    state = symbols.state(name)
    yield state.known == (fact.state in (State.PRESENT, State.DENIED, State.ABSENT))
    yield state.present == (fact.state is State.PRESENT)
    yield state.denied == (fact.state is State.DENIED)
    yield state.unusable == (fact.state is State.UNUSABLE)
    for attribute, symbol in symbols.asked(name).items():
        value = fact.attributes.get(attribute)
        yield symbol.known == (value is not None)
        if symbol.texts is not None:
            yield from (term == (text == value) for text, term in symbol.texts.items() if value is not None)
        elif value is not None:
            low, high = value if isinstance(value, Bounds) else (value, value)
            yield from (symbol.low == low, symbol.high == high)


@settings(max_examples=60, deadline=None)
@given(known=facts())
def test_the_formulas_and_the_evaluator_agree(program, known):
    rules = list(rules_of(program))
    prover = Prover(rules, program.counts, program.facts)
    inference = infer(program, {**{name: Fact(name, State.ABSENT) for name in program.facts}, **known})
    solver = prover.solver(rules)
    solver.add(*(term for name, fact in known.items() for term in said(prover.formulas.symbols, name, fact)))
    assert solver.check() == z3.sat

    model = solver.model()
    holds = {rule.id: prover.formulas.rule(rule) for rule in rules}
    true = {name for name, one in holds.items() if z3.is_true(model.eval(one.true, model_completion=True))}
    false = {name for name, one in holds.items() if z3.is_true(model.eval(one.false, model_completion=True))}

    assert (true, holds.keys() - true - false) == (
        {name for name, _ in inference.fired},
        {name for name, _ in inference.undecided},
    )
