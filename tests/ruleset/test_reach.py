"""What a record cannot lead to is known before anything is inferred, and never wrongly."""

from random import Random

import pytest

from cds import conditions
from cds.clinical import Fact, State
from cds.ruleset.advice import Card
from cds.ruleset.model import AnyOf, Count, Place, Program, Rule, Test
from cds.ruleset.reach import Reach, gates_of, recorded
from tests.engine import random_programs

HERE = Place("example.yaml", 1)
CARD = Card("info", "Something to say")


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
    ],
)
def test_the_gates_of_a_rule_are_the_facts_it_cannot_do_without(when, expected):
    drawing = (rule("one", present("x"), conclude="drawn"), rule("other", present("y"), conclude="drawn"))
    count = Count("two", (present("x"), present("y")), HERE)
    program = Program({}, {"two": count}, (drawing, (rule("asked", *when),)), {})

    assert gates_of(program)["asked"] == expected


def test_a_rule_that_runs_once_per_item_needs_an_item():
    program = Program({}, {}, (), {"order": ((rule("asked", present("a"), each="order"),),)})

    assert gates_of(program)["asked"] == (gate("a"), gate("order"))


def test_rules_that_go_round_in_a_circle_are_never_ruled_out():
    circle = (rule("one", present("b"), conclude="a"), rule("two", present("a"), conclude="b"))
    program = Program({}, {}, ((*circle, rule("asked", present("a"), card=True)),), {})

    assert Reach.of(program).leads_to_a_card({})


def test_a_card_is_within_reach_only_when_every_gate_is_open():
    program = Program({}, {}, ((rule("asked", present("a"), present("b"), card=True),),), {})
    reach = Reach.of(program)

    reached = [
        reach.leads_to_a_card({name: Fact(name, State.UNSUPPLIED) for name in names})
        for names in ("", "a", "b", "ab", "abc")
    ]

    assert reached == [False, False, False, True, True]


def test_no_rule_fires_or_stays_open_behind_a_closed_gate():
    closed = 0
    for seed in range(300):
        random = Random(seed)
        program = random_programs.program(random)
        gates = gates_of(program)
        for _ in range(10):
            facts = random_programs.patient(random, program)
            seen = recorded(facts)
            inference = conditions.infer(program, facts)
            for name, _item in inference.fired | inference.undecided:
                assert all(gate & seen for gate in gates[name]), (seed, name)
            closed += sum(any(not gate & seen for gate in each) for each in gates.values())
    assert closed > 1_000  # otherwise nothing was shown


def test_nothing_is_within_reach_of_a_record_that_shows_nothing():
    program = Program({}, {}, ((rule("asked", present("a"), Test("b", "unless"), card=True),),), {})
    facts = {name: Fact(name, State.ABSENT) for name in ("a", "b")}

    assert not Reach.of(program).leads_to_a_card(facts)
