"""What the engine concludes, shown on a few rules each; ``test_agreement`` shows it on thousands."""

from __future__ import annotations

import itertools

import pytest

from cds import conditions
from cds.clinical import Bounds, Fact, Inference, State
from cds.engine import Engine
from cds.errors import RulesetError
from cds.ruleset.limits import MAX_CIRCLE, MAX_CONDITIONS
from cds.ruleset.model import AnyOf, Test
from cds.ruleset.selection import numbered
from tests.engine.small import FILE, count, patient, present, program, rule

PAIN, FEVER, SADDLE = Test("back_pain", "present"), Test("fever", "present"), Test("saddle_loss", "present")


def fired(*rules: str, undecided: tuple[str, ...] = ()) -> Inference:
    return Inference(frozenset((name, None) for name in rules), frozenset((name, None) for name in undecided))


def test_a_rule_fires_when_all_its_conditions_hold():
    asked = program([rule("both", PAIN, FEVER)])
    engine = Engine(asked)

    assert fired("both") == engine.infer(patient(asked, present("back_pain"), present("fever")))
    assert fired() == engine.infer(patient(asked, present("back_pain")))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_conclusions_chain_whatever_the_order_of_the_rules(order):
    rules = [
        rule("first", PAIN, conclude="found"),
        rule("second", Test("found", "present"), conclude="suspected"),
        rule("third", Test("suspected", "present")),
    ]
    asked = program([rules[place] for place in order])

    assert fired("first", "second", "third") == Engine(asked).infer(patient(asked, present("back_pain")))


def test_a_circle_of_conclusions_starts_nowhere_by_itself():
    circle = [
        rule("left", Test("right-found", "present"), conclude="left-found"),
        rule("right", Test("left-found", "present"), conclude="right-found"),
        rule("start", FEVER, conclude="left-found"),
    ]
    asked = program(circle)
    engine = Engine(asked)

    assert fired() == engine.infer(patient(asked))
    assert fired("left", "right", "start") == engine.infer(patient(asked, present("fever")))


def test_unknown_facts_leave_a_rule_undecided_and_known_ones_decide_it():
    asked = program([rule("both", PAIN, FEVER, conclude="found"), rule("next", Test("found", "present"))])
    engine = Engine(asked)
    unsupplied = Fact("fever", State.UNSUPPLIED)

    assert fired(undecided=("both", "next")) == engine.infer(patient(asked, present("back_pain"), unsupplied))
    assert fired() == engine.infer(patient(asked, unsupplied))


def test_absence_of_a_conclusion_is_decided_after_what_it_asks_about():
    asked = program(
        [rule("strong", SADDLE, conclude="emergency")],
        [rule("silent", PAIN, Test("emergency", "without")), rule("weak", PAIN, Test("emergency", "unless"))],
    )
    engine = Engine(asked)
    pain = present("back_pain")

    assert fired("silent", "weak") == engine.infer(patient(asked, pain))
    assert fired("strong") == engine.infer(patient(asked, pain, present("saddle_loss")))
    assert fired("weak", undecided=("strong", "silent")) == engine.infer(
        patient(asked, pain, Fact("saddle_loss", State.UNUSABLE))
    )


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (14.0, fired("within")),
        (15.0, fired()),
        (Bounds(3.0, 14.0), fired("within")),
        (Bounds(14.0, 20.0), fired(undecided=("within",))),
        (Bounds(15.0, 20.0), fired()),
    ],
)
def test_a_number_known_within_bounds_compares_as_far_as_they_tell(days, expected):
    asked = program([rule("within", Test("weakness", "at most", "onset_days", 14.0))])

    assert expected == Engine(asked).infer(patient(asked, present("weakness", onset_days=days)))


def test_a_count_counts_what_holds_and_knows_what_may():
    parts = [Test(name, "unrecorded") for name in ("fever", "trauma", "weight_loss")]
    asked = program([rule("gaps", PAIN, Test("gaps", "at least", "value", 2.0))], counts=[count("gaps", *parts)])
    engine = Engine(asked)
    pain, one, other = present("back_pain"), present("fever"), Fact("trauma", State.UNSUPPLIED)

    assert fired("gaps") == engine.infer(patient(asked, pain, one))
    assert fired(undecided=("gaps",)) == engine.infer(patient(asked, pain, one, other))
    assert fired() == engine.infer(patient(asked, pain, one, present("trauma")))


def test_a_rule_for_each_order_sees_its_order_and_the_conclusions_about_the_patient():
    asked = program(
        [rule("patient", PAIN, conclude="found")],
        each=[rule("order", Test("order", "is", "class", "nsaid"), Test("found", "present"), each="order")],
    )
    orders = tuple(
        present(f"MedicationRequest/{number}", **{"class": name}) for number, name in enumerate(("nsaid", "opioid"))
    )
    facts = patient(asked, present("back_pain"), Fact("order", State.PRESENT, items=orders))

    assert {("patient", None), ("order", "MedicationRequest/0")} == Engine(asked).infer(facts).fired


def test_a_rule_for_each_order_asks_other_facts_about_the_same_order():
    asked = program(each=[rule("order", Test("nsaid", "present"), each="order")])
    orders = tuple(present(f"MedicationRequest/{number}") for number in (1, 2))
    facts = patient(
        asked,
        Fact("order", State.PRESENT, items=orders),
        Fact("nsaid", State.PRESENT, items=orders[1:]),
    )

    assert {("order", "MedicationRequest/2")} == Engine(asked).infer(facts).fired


def test_a_rule_without_conditions_always_fires():
    asked = program([rule("always", conclude="found"), rule("next", Test("found", "present"))])

    assert fired("always", "next") == Engine(asked).infer({})
    assert fired("alone") == Engine(program([rule("alone")])).infer({})


NUMBERS = (-1e300, -7.5, -1e-7, -0.0, 0.0, 5e-324, 1e-7, 7.4999999999999, 7.5, 7.5000000000001, 2.0**53, 1e300)


@pytest.mark.parametrize("relation", ["above", "at least", "below", "at most", "is", "is not"])
def test_numbers_of_every_size_compare_exactly(relation):
    asked = program([rule(f"{limit!r}", Test("urate", relation, "value", limit)) for limit in NUMBERS])
    engine = Engine(asked)

    for value in NUMBERS:
        facts = patient(asked, present("urate", value=value))
        assert conditions.infer(asked, facts) == engine.infer(facts)


def test_text_is_compared_whole_whatever_is_in_it():
    texts = ("left", "lef", "Left", 'le"ft', "le\\ft", "", "links, übel", "\U0001f9b4", "left\x00")
    asked = program([rule(repr(text), Test("leg_pain", "is", "side", text)) for text in texts])
    engine = Engine(asked)

    for text in texts:
        assert fired(repr(text)) == engine.infer(patient(asked, present("leg_pain", side=text)))


def test_as_many_conditions_as_the_limit_are_joined():
    names = [f"sign_{number}" for number in range(MAX_CONDITIONS)]
    asked = program([rule("all", *(Test(name, "present") for name in names))])
    engine = Engine(asked)

    assert fired("all") == engine.infer(patient(asked, *map(present, names)))
    assert fired() == engine.infer(patient(asked, *map(present, names[1:])))


def too_many_conditions():
    wanted = [Test(f"sign_{number}", "present") for number in range(MAX_CONDITIONS + 1)]
    return program([rule("wide", *wanted, line=41)])


def too_large_a_circle():
    names = [f"found-{number}" for number in range(MAX_CIRCLE // 2 + 1)]
    links = zip(names, [*names[1:], names[0]], strict=True)
    return program([rule(one, PAIN, Test(other, "present"), conclude=one, line=41) for one, other in links])


@pytest.mark.parametrize(
    ("asked", "line", "words"),
    [
        (too_many_conditions, 41, "conditions on more than 16 facts; make some of them a conclusion"),
        (too_large_a_circle, 41, 'the rules in a cycle with rule "found-0" are too many for the engine'),
    ],
)
def test_what_the_engine_cannot_bear_is_refused_when_it_is_made(asked, line, words):
    with pytest.raises(RulesetError) as refusal:
        Engine(asked())

    assert [(FILE, line)] == [(problem.file, problem.line) for problem in refusal.value.problems]
    assert words in str(refusal.value)


def test_a_rule_fires_once_however_many_alternatives_hold():
    asked = program(
        [rule("any", AnyOf((PAIN, FEVER, SADDLE)), conclude="found"), rule("next", Test("found", "present"))]
    )
    facts = patient(asked, *map(present, ("back_pain", "fever", "saddle_loss")))

    assert fired("any", "next") == Engine(asked).infer(facts)


@pytest.mark.parametrize("name", ["one", "other"])
def test_rules_that_ask_for_the_same_alternatives_may_run_without_each_other(name):
    alternatives = AnyOf((PAIN, FEVER))
    asked = program([rule("one", alternatives, SADDLE), rule("other", SADDLE, alternatives)])
    facts = patient(asked, present("fever"), present("saddle_loss"))

    assert fired("one", "other") == Engine(asked).infer(facts)
    assert fired(name) == Engine(asked).infer(facts, numbered(asked)[name])
