"""What is proven of mutants, held against every patient there can be in small rulesets.

A mutant that is wrongly said to change nothing is never looked at again, so that this is the fault to be afraid of.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cds import conditions as plain
from cds.cli import main
from cds.clinical import Bounds, Fact, State
from cds.ruleset.load import load
from cds.ruleset.model import AnyOf, Count, Rule, Test
from cds.ruleset.program import program_of
from cds.workbench.mutation import solver
from cds.workbench.mutation.of_rulesets import conclusions_of, mutants
from cds.workbench.mutation.proving import Solver
from cds.workbench.mutation.survivors import mutation
from cds.workbench.mutation.trial import mutated
from cds.workbench.pins.following import follows
from cds.workbench.pins.telling import told
from cds.workbench.testing import collect
from cds.workbench.traces import Stage
from tests.ruleset.folders import completed, folder, services

SEED = """\
rules:
  - {id: P-1.seed, title: A, when: [egfr: below 30, back_pain: onset within 14 days, fever], conclude: one}
  - {count: signs, of: [2 points: [fever], one]}
"""
DAYS = (None, 14.0, 15.0, Bounds(14.0, 15.0))
RATES = (None, 29.0, 29.5, 30.0, Bounds(29.0, 30.0))

ON_FACTS = (
    Test("fever", "present"),
    Test("fever", "without"),
    Test("fever", "denied"),
    Test("fever", "unless"),
    Test("egfr", "below", "value", 30.0, words="egfr: below 30"),
    Test("egfr", "at least", "value", 30.0, words="egfr: at least 30"),
    Test("back_pain", "present"),
    Test("back_pain", "at most", "onset_days", 14.0, words="back_pain: onset within 14 days"),
    Test("back_pain", "known", "onset_days"),
)
LAYERS = ("one", "two", "three")


@pytest.fixture(scope="module")
def seed(tmp_path_factory):
    path = tmp_path_factory.mktemp("proofs")
    return load(
        folder(path, {"example/proofs/ruleset.yaml": completed(SEED, "proofs"), "services.yaml": services("proofs")})
    )


def conditions(layer):
    """A rule asks for facts, and for what the layers below conclude."""
    below = [Test(name, relation) for name in LAYERS[:layer] for relation in ("present", "without", "unless")]
    counted = [Test("signs", "at least", operand=float(least)) for least in (1, 2)] if layer > 1 else []
    tests = st.sampled_from([*ON_FACTS, *below, *below, *counted])
    alternatives = st.lists(tests, min_size=2, max_size=3, unique=True).map(lambda of: AnyOf(tuple(of)))
    return st.lists(st.one_of(tests, tests, alternatives), min_size=1, max_size=3, unique=True)


@st.composite
def rulesets(draw):
    """Five rules in three layers, so that some draw the same."""
    layers = sorted(draw(st.lists(st.integers(0, 2), min_size=4, max_size=5)))
    return [(LAYERS[layer], tuple(draw(conditions(layer)))) for layer in layers]


def worded(condition):
    if isinstance(condition, AnyOf):
        return replace(condition, tests=tuple(map(worded, condition.tests)))
    return replace(condition, words=condition.words or f"{condition.relation}: {condition.subject} {condition.operand}")


def with_rules(seed, rules):
    ruleset = seed.rulesets["proofs"]
    like = ruleset.rules[0]
    made = [
        replace(like, id=f"P-{number}.made", topic=f"P-{number}", when=tuple(map(worded, when)), conclude=conclude)
        for number, (conclude, when) in enumerate(rules, 1)
    ]
    ends = replace(like, id="P-9.end", topic="P-9", when=(Test("three", "present", words="three"),), conclude="end")
    changed = replace(ruleset, rules=(*made, ends))
    return replace(seed, rulesets={**seed.rulesets, "proofs": changed})


def one_fact(name, state, attribute, values):
    yield from (Fact(name, one) for one in State if one is not State.PRESENT)
    yield from (Fact(name, state, {} if value is None else {attribute: value}) for value in values)


def every_patient(program):
    absent = {name: Fact(name, State.ABSENT) for name in program.facts}
    told_of = {
        "fever": [Fact("fever", state) for state in State],
        "egfr": list(one_fact("egfr", State.PRESENT, "value", RATES)),
        "back_pain": list(one_fact("back_pain", State.PRESENT, "onset_days", DAYS)),
    }
    for facts in product(*(of for name, of in told_of.items() if name in program.facts)):
        yield {**absent, **{fact.name: fact for fact in facts}}


@settings(max_examples=8, deadline=None)
@given(rules=rulesets())
def test_what_is_proven_to_change_nothing_changes_nothing_of_any_patient(seed, rules):
    knowledge = with_rules(seed, rules)
    ruleset, program = knowledge.rulesets["proofs"], program_of(knowledge, ["proofs"])
    patients = list(every_patient(program))
    as_it_is = [follows(ruleset, plain.infer(program, patient)) for patient in patients]
    proofs = Solver(knowledge)
    for mutant in mutants(ruleset, conclusions_of(knowledge.rulesets.values())):
        if not isinstance(mutant.changed, Rule | Count) or mutant.kind == "card":
            continue
        changed = mutated(program, mutant)
        if changed is None or (mutant.subject == "signs" and "signs" not in program.counts):
            continue
        tells = any(
            follows(ruleset, plain.infer(changed, patient)) != before
            for patient, before in zip(patients, as_it_is, strict=True)
        )
        if proofs.changes_nothing(mutant):
            assert not tells, mutant.id
        else:
            assert told(ruleset, program, [mutant], proofs.patients).pins, mutant.id


# One of each sort


TELLS = "card: {indicator: info, summary: '{low}'}, evidence: {source: nice}"
SHOWS = "card: {indicator: info, summary: Shown}, evidence: {source: nice}"

SAID = [
    pytest.param(
        "{id: P-1, title: A, when: [fever, trauma], conclude: low}",
        "{id: P-2, title: B, when: [fever, low], conclude: over}",
        "P-2 | dropped | `fever`",
        True,
        id="what the other condition rests on already",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [any: [fever, trauma]], conclude: low}",
        "{id: P-2, title: B, when: [fever, low], conclude: over}",
        "P-2 | dropped | `fever`",
        False,
        id="what the other condition may do without",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [fever, trauma], conclude: low}",
        "{id: P-2, title: B, when: [trauma, without: fever, unless: low], conclude: over}",
        "P-2 | dropped | `unless: low`",
        True,
        id="an exception for what cannot be beside the rest",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [trauma], conclude: low}",
        "{id: P-2, title: B, when: [trauma, without: fever, unless: low], conclude: over}",
        "P-2 | dropped | `unless: low`",
        False,
        id="an exception for what may be",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [fever, trauma], conclude: low}",
        "{id: P-2, title: B, when: [denied: fever, unless: low], conclude: over}",
        "P-2 | unknown | `unless: low` -> without",
        True,
        id="what is known whenever all else holds",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [fever, trauma], conclude: low}",
        "{id: P-2, title: B, when: [unless: fever, unless: low], conclude: over}",
        "P-2 | unknown | `unless: low` -> without",
        False,
        id="what may be unknown while all else holds",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [fever], conclude: low}",
        "{id: P-2, title: B, when: [fever, trauma], conclude: low}",
        "P-2 | negated | `fever` -> without",
        False,
        id="of two rules with one conclusion it may be seen which could not be decided",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [unless: fever], conclude: low}",
        "{id: P-2, title: B, when: [unless: fever, unless: trauma], conclude: low}",
        "P-2 | dropped | `unless: trauma`",
        True,
        id="a rule that another of the ruleset says without",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [unless: fever], conclude: low}",
        "{id: P-2, title: B, when: [unless: fever, unless: trauma], conclude: low, SHOWS}",
        "P-2 | dropped | `unless: trauma`",
        False,
        id="but not with a card of its own",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [any: [fever, high]], conclude: low}",
        "{id: P-2, title: B, when: [fever, low], conclude: high}",
        "P-2 | dropped | `low`",
        False,
        id="of a rule that feeds itself nothing is claimed",
    ),
    pytest.param(
        "{count: low, of: [fever, 2 points: [trauma]]}",
        "{id: P-2, title: B, when: [trauma, low: at least 2], conclude: high}",
        "P-2 | dropped | `low: at least 2`",
        True,
        id="a sum that is reached already",
    ),
    pytest.param(
        "{count: low, of: [fever, 2 points: [trauma]]}",
        "{id: P-2, title: B, when: [low: at least 2], conclude: high}",
        "low | dropped | `fever`",
        True,
        id="what never tips the sum",
    ),
    pytest.param(
        "{count: low, of: [fever, trauma]}",
        "{id: P-2, title: B, when: [low: at least 2], conclude: high}",
        "low | dropped | `fever`",
        False,
        id="what tips the sum",
    ),
    pytest.param(
        "{count: low, of: [fever, 2 points: [trauma]]}",
        "{id: P-2, title: B, when: [low: at least 2], conclude: high, TELLS}",
        "low | dropped | `fever`",
        False,
        id="of a sum that a card shows nothing is claimed",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [draft_order], conclude: low}",
        "{id: P-2, title: B, when: [draft_request, unless: low], conclude: high}",
        "P-2 | dropped | `unless: low`",
        False,
        id="two orders may be there at once",
    ),
    pytest.param(
        "{id: P-1, title: A, when: [draft_order], conclude: low}",
        "{id: P-2, title: B, each: draft_order, when: [fever, low], conclude: high}",
        "P-2 | dropped | `low`",
        False,
        id="of rules about the patient that ask for orders nothing is claimed",
    ),
]


CASES = """\
ruleset: proofs
today: 2026-11-21
cases:
  - {name: fever, facts: {fever: present}, conclusions: [], cards: [P-2]}
"""


def written(tmp_path, first, second, beside=""):
    rules = "\n".join(f"  - {rule.replace('SHOWS', SHOWS).replace('TELLS', TELLS)}" for rule in (first, second))
    files = {"example/proofs/ruleset.yaml": completed(f"rules:\n{rules}\n", "proofs")}
    if beside:
        files["example/beside/ruleset.yaml"] = completed(f"uses: [library, proofs]\nrules:\n  - {beside}\n", "beside")
    files["services.yaml"] = services("proofs", *(["beside"] if beside else []))
    return load(folder(tmp_path, files))


def the(knowledge, name):
    of = mutants(knowledge.rulesets["proofs"], conclusions_of(knowledge.rulesets.values()))
    return next(mutant for mutant in of if mutant.id == name)


@pytest.mark.parametrize(("first", "second", "mutant", "expected"), SAID)
def test_a_mutant_changes_nothing_only_where_that_is_so_whatever_is_known(tmp_path, first, second, mutant, expected):
    knowledge = written(tmp_path, first, second)

    assert expected is Solver(knowledge).changes_nothing(the(knowledge, mutant))


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", True),
        ("{id: Q-1, title: C, when: [weight_loss], conclude: other}", True),
        ("{id: Q-1, title: C, when: [weight_loss], conclude: low}", False),
        ("{id: Q-1, title: C, when: [weight_loss, hot], conclude: low}", True),
        ("{id: Q-1, title: C, when: [any: [weight_loss, hot]], conclude: low}", False),
        ("{id: Q-1, title: C, when: [weight_loss, unless: hot], conclude: low}", False),
    ],
)
def test_what_another_ruleset_draws_as_well_may_be_so_for_any_reason(tmp_path, beside, expected):
    knowledge = written(
        tmp_path,
        "{id: P-0, title: A, when: [fever], conclude: hot}\n  - {id: P-1, title: A, when: [hot], conclude: low}",
        "{id: P-2, title: B, when: [fever, low], conclude: over}",
        beside,
    )

    assert expected is Solver(knowledge).changes_nothing(the(knowledge, "P-2 | dropped | `fever`"))


def test_a_rule_of_another_ruleset_that_asks_for_a_count_has_a_say(tmp_path):
    count = "{count: low, of: [fever, 2 points: [trauma]]}"
    asks = "{id: P-2, title: B, when: [low: at least 2], conclude: high}"
    alone = written(tmp_path / "alone", count, asks)
    beside = written(tmp_path / "beside", count, asks, "{id: Q-1, title: C, when: [low: at least 1], conclude: some}")

    said = [Solver(one).changes_nothing(the(one, "low | dropped | `fever`")) for one in (alone, beside)]

    assert said == [True, False]


@pytest.mark.parametrize(("there", "end"), [(True, "equivalent"), (False, "survived")])
def test_without_the_solver_what_it_could_prove_survives(tmp_path, monkeypatch, there, end):
    monkeypatch.setattr(solver, "is_there", lambda: there)
    root = tmp_path / "rulesets"
    written(tmp_path, *SAID[0].values[:2])

    found = mutation(Stage.of(root), ["proofs"], [])

    ends = {fate.mutant.id: fate.end for fate in found.fates}
    assert ends["P-2 | dropped | `fever`"] == end
    assert ends["P-2 | dropped | `low`"] == "survived"


def test_the_golden_card_notices_a_count_that_only_it_tells(tmp_path):
    counted = "{count: low, of: [fever, trauma]}"
    written(tmp_path, counted, "{id: P-2, title: B, when: [fever], TELLS}")
    root = tmp_path / "rulesets"
    (root / "example" / "proofs" / "tests.yaml").write_text(CASES, encoding="utf-8")
    assert CliRunner().invoke(main, ["test", "--golden", "--rulesets", str(root), str(root)]).exit_code == 0

    stage = Stage.of(root)
    ends = {fate.mutant.id: (fate.end, fate.by) for fate in mutation(stage, ["proofs"], collect(root)).fates}

    assert ends["low | dropped | `fever`"] == ("killed", f"the golden card of {root}/example/proofs/tests.yaml:4 fever")
    assert ends["low | dropped | `trauma`"] == ("survived", "")
