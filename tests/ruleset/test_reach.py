"""What a record cannot lead to is known before anything is inferred, and never wrongly."""

from dataclasses import replace
from random import Random

import pytest

from cds import conditions
from cds.clinical import Fact, Facts, Inference, State, is_recorded
from cds.engine import Engine
from cds.ruleset.advice import Card, Remark
from cds.ruleset.gates import gates_of
from cds.ruleset.model import AnyOf, Count, FactSpec, Place, Program, Rule, Stages, Test
from cds.ruleset.reach import Reach
from cds.ruleset.selection import only, rules_of
from tests.engine import random_programs

HERE = Place("example.yaml", 1)
CARD = Card("info", "Something to say")
FACT = FactSpec("a", "finding", {}, {}, "a", HERE, "x")


def rule(name: str, *when, conclude: str = "", card: bool = False, each: str = "") -> Rule:
    return Rule(name, "x", "1.0.0", name, when, HERE, conclude=conclude, card=CARD if card else None, each=each)


def present(name: str) -> Test:
    return Test(name, "present")


def gate(*names: str) -> frozenset[str]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ((present("a"),), (gate("a"),)),
        ((present("a"), present("b")), (gate("a"), gate("b"))),
        ((AnyOf((present("a"), present("b"))),), (gate("a", "b"),)),
        ((AnyOf((present("a"), Test("b", "unless"))),), ()),
        ((Test("a", "without"),), ()),
        ((Test("a", "unrecorded"), present("b")), (gate("b"),)),
        ((Test("a", "above", "value", 3.0),), (gate("a"),)),
        ((Test("a", "denied"),), (gate("a"),)),
        ((present("drawn"),), (gate("x", "y"),)),
        ((Test("two", "at least", "value", 1.0),), (gate("x", "y"),)),
        ((Test("two", "at least", "value", 0.0),), ()),
        ((Test("two", "below", "value", 1.0),), ()),
        ((Test("points", "at least", "value", 1.0),), (gate("age", "x", "y"),)),
        ((Test("points", "at least", "value", 2.0),), (gate("x", "y"),)),  # an age is one point
        ((Test("points", "above", "value", 1.0),), (gate("x", "y"),)),
        ((Test("points", "above", "value", 2.0),), (gate("x"),)),
        ((Test("points", "between", "value", (4.0, 5.0)),), (gate("x"),)),
        ((Test("loose", "at least", "value", 1.0),), ()),
        ((Test("loose", "at least", "value", 2.0),), (gate("x"),)),
    ],
)
def test_the_gates_of_a_rule_are_the_facts_it_cannot_do_without(when, expected):
    drawing = (rule("one", present("x"), conclude="drawn"), rule("other", present("y"), conclude="drawn"))
    count = Count("two", (present("x"), present("y")), HERE)
    old = Test("age", "above", "value", 50.0)
    points = Count("points", (old, present("x"), present("y"), present("z")), HERE, (1, 3, 1, -2))
    loose = Count("loose", (Test("z", "unrecorded"), present("x")), HERE)
    age = {"age": FactSpec("age", "age", {}, {}, "age", HERE, "x")}
    counts = {"two": count, "points": points, "loose": loose}
    program = Program(age, counts, (drawing, (rule("asked", *when),)), {})

    assert gates_of(program)["asked"] == expected


def test_a_rule_that_runs_once_per_item_needs_an_item():
    program = Program({}, {}, (), {"order": ((rule("asked", present("a"), each="order"),),)})

    assert gates_of(program)["asked"] == (gate("a"), gate("order"))


def within(program: Program, *recorded: str) -> list[str]:
    """The rules that run when these facts are recorded, one way or another."""
    facts = Facts.known({name: Fact(name, State.UNSUPPLIED) for name in recorded})
    asking = replace(program, facts=dict.fromkeys(recorded, FACT))
    return [rule.id for rule in rules_of(only(program, Reach.of(asking).rules(facts)))]


def test_rules_that_go_round_in_a_circle_are_never_ruled_out():
    circle = (rule("one", present("b"), conclude="a"), rule("two", present("a"), conclude="b"))
    program = Program({}, {}, ((*circle, rule("asked", present("a"), card=True)),), {})

    assert within(program) == ["one", "two", "asked"]


@pytest.mark.parametrize(
    ("recorded", "expected"), [("", []), ("a", []), ("b", []), ("ab", ["asked"]), ("abc", ["asked"])]
)
def test_a_card_is_within_reach_only_when_every_gate_is_open(recorded, expected):
    program = Program({}, {}, ((rule("asked", present("a"), present("b"), card=True),),), {})

    assert within(program, *recorded) == expected


@pytest.mark.parametrize(
    ("recorded", "doubtful", "near"),
    [
        ("", "", False),
        ("", "ab", False),  # nothing it is about is recorded
        ("a", "", False),
        ("a", "b", True),
        ("a", "a", False),
        ("ab", "", True),
        ("age", "a", False),  # everybody has one
    ],
)
def test_a_card_is_near_when_something_it_is_about_is_recorded_and_the_rest_may_be(recorded, doubtful, near):
    old = Test("age", "above", "value", 50.0)
    program = Program(
        {"age": FactSpec("age", "age", {}, {}, "age", HERE, "x"), "a": FACT, "b": FACT},
        {},
        ((rule("asked", present("a"), present("b"), old, card=True),),),
        {},
    )
    names = ["age", *(() if recorded == "age" else recorded)]
    facts = Facts.known({name: Fact(name, State.PRESENT) for name in names})

    assert near == Reach.of(program).near(facts, frozenset(doubtful))


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ("", []),
        ("z", []),  # nothing is made of it
        ("y", ["other", "remarked", "asked"]),
        ("xyuv", ["one", "other", "counted", "remarked", "asked"]),
    ],
)
def test_only_what_has_a_say_in_a_card_within_reach_is_inferred(recorded, expected):
    card = Card("info", "Something to say", remarks=(Remark("noted", "And more"),))
    says = (present("drawn"), Test("two", "at least", "value", 0.0))
    program = Program(
        {},
        {"two": Count("two", (present("part"), present("v")), HERE)},
        (
            (
                rule("one", present("x"), conclude="drawn"),
                rule("other", present("y"), conclude="drawn"),
                rule("aside", present("y"), conclude="unasked"),
                rule("counted", present("u"), conclude="part"),
                rule("remarked", present("y"), conclude="noted"),
            ),
            (replace(rule("asked", *says), card=card), rule("silent", present("drawn"))),
        ),
        {},
    )

    assert within(program, *recorded) == expected


def test_no_rule_fires_or_stays_open_behind_a_closed_gate():
    closed = 0
    for seed in range(300):
        random = Random(seed)
        program = random_programs.program(random)
        gates = gates_of(program)
        for _ in range(10):
            facts = random_programs.patient(random, program)
            seen = {name for name, fact in facts.items() if is_recorded(fact)}
            inference = conditions.infer(program, facts)
            for name, _item in inference.fired | inference.undecided:
                assert all(gate & seen for gate in gates[name]), (seed, name)
            closed += sum(any(not gate & seen for gate in each) for each in gates.values())
    assert closed > 1_000  # otherwise nothing was shown


def test_what_is_inferred_within_reach_is_what_all_rules_would_come_to():
    left_out = 0
    for seed in range(100):
        random = Random(seed)
        program = with_cards(random, random_programs.program(random))
        reach, engine = Reach.of(program), Engine(program)
        for _ in range(10):
            facts = random_programs.patient(random, program)
            rules = reach.rules(Facts.known(facts))
            names = {rule.id for rule in rules_of(only(program, rules))}
            everything = conditions.infer(program, facts)
            expected = Inference(of_rules(everything.fired, names), of_rules(everything.undecided, names))

            asked = reach.asked(rules, facts)
            assert conditions.infer(only(program, rules), asked) == expected, seed
            assert engine.infer(asked, rules) == expected, seed
            found = {name for name, _ in everything.fired | everything.undecided}
            assert names >= {rule.id for rule in rules_of(program) if rule.card} & found, seed
            left_out += len(found - names)
    assert left_out > 1_000  # otherwise nothing was shown


def with_cards(random: Random, program: Program) -> Program:
    """With a card for one rule in five."""

    def stages(before: Stages) -> Stages:
        return tuple(tuple(replace(one, card=random.choice((CARD, *[None] * 4))) for one in stage) for stage in before)

    each = {name: stages(of_items) for name, of_items in program.each.items()}
    return replace(program, stages=stages(program.stages), each=each)


def of_rules(keys, names):
    return frozenset(key for key in keys if key[0] in names)


def test_nothing_is_within_reach_of_a_record_that_shows_nothing():
    program = Program({}, {}, ((rule("asked", present("a"), Test("b", "unless"), card=True),),), {})
    facts = {name: Fact(name, State.ABSENT) for name in ("a", "b")}

    assert Reach.of(program).rules(Facts.known(facts)) == 0
