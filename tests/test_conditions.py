"""The plain evaluator: what each construct of the rule language says of a fact."""

from math import inf

import pytest

from cds import conditions
from cds.clinical import Bounds, Fact, Inference, State
from cds.ruleset.model import AnyOf, Condition, Count, Place, Program, Rule, Test

HERE = Place("example.yaml", 1)
STATES = (State.PRESENT, State.DENIED, State.ABSENT, State.UNUSABLE, State.UNSUPPLIED)


def rule(name: str, *when: Condition, conclude: str = "", each: str = "") -> Rule:
    return Rule(name, "example", "1.0.0", name, when, HERE, conclude=conclude, each=each)


def program(*stages: tuple[Rule, ...], counts: tuple[Count, ...] = (), each: dict[str, tuple] | None = None) -> Program:
    return Program({}, {count.name: count for count in counts}, stages, each or {})


def weakness(**attributes: float | str | Bounds) -> dict[str, Fact]:
    return {"weakness": Fact("weakness", State.PRESENT, attributes)}


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ("present", (True, False, False, None, None)),
        ("without", (False, True, True, None, None)),
        ("denied", (False, True, False, None, None)),
        ("unless", (False, True, True, True, True)),
        ("unrecorded", (False, False, True, True, None)),
    ],
)
def test_a_condition_on_a_whole_fact_follows_its_state(relation, expected):
    actual = tuple(conditions.of_state(state, relation) for state in STATES)

    assert actual == expected


@pytest.mark.parametrize(
    ("relation", "operand", "below", "at", "above"),
    [
        ("above", 7.5, False, False, True),
        ("at least", 7.5, False, True, True),
        ("below", 7.5, True, False, False),
        ("at most", 7.5, True, True, False),
        ("is", 7.5, False, True, False),
        ("is not", 7.5, True, False, True),
        ("between", (7.5, 7.5), False, True, False),
    ],
)
def test_each_comparison_is_exact_at_its_boundary(relation, operand, below, at, above):
    test = Test("x", relation, "value", operand)

    actual = tuple(conditions.of_number(value, test) for value in (7.49, 7.5, 7.51))

    assert actual == (below, at, above)


@pytest.mark.parametrize(
    ("bounds", "relation", "operand", "expected"),
    [
        (Bounds(-inf, 5), "below", 10.0, True),  # "<5" proves "below 10"
        (Bounds(10, inf), "at least", 10.0, True),  # ">10" proves "at least 10"
        (Bounds(5, inf), "at least", 10.0, None),  # ">5" proves nothing about 10
        (Bounds(5, inf), "below", 5.0, False),
        (Bounds(2, 4), "between", (2.0, 4.0), True),
        (Bounds(2, 4), "between", (3.0, 5.0), None),
        (Bounds(2, 4), "between", (5.0, 6.0), False),
        (Bounds(2, 4), "is", 3.0, None),
        (Bounds(2, 4), "is", 5.0, False),
        (Bounds(2, 4), "is not", 5.0, True),
        (Bounds(2, 4), "is not", 3.0, None),
    ],
)
def test_a_number_known_within_bounds_proves_only_what_its_bounds_prove(bounds, relation, operand, expected):
    assert conditions.of_number(bounds, Test("x", relation, "value", operand)) == expected


def test_an_attribute_the_record_does_not_give_is_unknown_on_a_present_fact_and_false_on_an_absent_one():
    recent = Test("weakness", "at most", "onset_days", 14.0)
    facts = [Fact("weakness", state) for state in STATES]

    assert [conditions.of_fact(fact, recent) for fact in facts] == [None, False, False, None, None]


def test_known_and_unknown_ask_whether_the_attribute_is_recorded():
    dated, undated = weakness(onset_days=3.0)["weakness"], weakness()["weakness"]
    known, unknown = (Test("weakness", relation, "onset_days") for relation in ("known", "unknown"))

    assert [conditions.of_fact(fact, test) for fact in (dated, undated) for test in (known, unknown)] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("relation", "operand", "expected"),
    [("is", "left", True), ("is not", "left", False), ("is one of", ("left", "both"), True), ("is", "right", False)],
)
def test_texts_compare_whole(relation, operand, expected):
    assert (
        conditions.of_fact(weakness(side="left")["weakness"], Test("weakness", relation, "side", operand)) == expected
    )


def test_any_holds_when_one_holds_even_if_another_is_unknown():
    facts = {"a": Fact("a", State.PRESENT), "b": Fact("b", State.UNSUPPLIED), "c": Fact("c", State.ABSENT)}
    situation = conditions.Situation(facts, {})

    def any_of(*names: str) -> bool | None:
        return situation.truth(AnyOf(tuple(Test(name, "present") for name in names)))

    assert (any_of("a", "b"), any_of("b", "c"), any_of("c")) == (True, None, False)


@pytest.mark.parametrize(
    ("present", "unsupplied", "expected"), [(2, 0, True), (1, 1, None), (1, 0, False), (0, 2, None), (2, 2, True)]
)
def test_two_of_four_is_true_false_or_open_as_the_unknown_ones_allow(present, unsupplied, expected):
    states = [State.PRESENT] * present + [State.UNSUPPLIED] * unsupplied + [State.ABSENT] * (4 - present - unsupplied)
    facts = {f"f{i}": Fact(f"f{i}", state) for i, state in enumerate(states)}
    count = Count("criteria", tuple(Test(name, "present") for name in facts), HERE)

    situation = conditions.Situation(facts, {"criteria": count})

    assert situation.truth(Test("criteria", "at least", "value", 2.0)) == expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ("ppp", (2, 2)),  # 2 + 1 - 1
        ("uuu", (-1, 3)),
        ("aaa", (0, 0)),
        ("pau", (1, 2)),
        ("upa", (1, 3)),
    ],
)
def test_points_that_are_not_known_widen_a_count_in_their_own_direction(states, expected):
    known = {"p": State.PRESENT, "a": State.ABSENT, "u": State.UNSUPPLIED}
    facts = {f"f{i}": Fact(f"f{i}", known[letter]) for i, letter in enumerate(states)}
    count = Count("points", tuple(Test(name, "present") for name in facts), HERE, (2, 1, -1))

    assert conditions.Situation(facts, {"points": count}).count("points") == expected


def test_conclusions_chain_within_a_stage_whatever_the_order_of_the_rules():
    facts = {"a": Fact("a", State.PRESENT)}
    last, middle = rule("last", Test("two", "present")), rule("middle", Test("one", "present"), conclude="two")
    first = rule("first", Test("a", "present"), conclude="one")

    assert conditions.infer(program((last, middle, first)), facts) == Inference(
        fired=frozenset({("first", None), ("middle", None), ("last", None)})
    )


def test_what_rests_on_an_undecided_conclusion_is_undecided_but_unless_is_not_held_back():
    facts = {"a": Fact("a", State.UNSUPPLIED)}
    stages = (
        (rule("source", Test("a", "present"), conclude="c"),),
        (
            rule("reads", Test("c", "present")),
            rule("absence", Test("c", "without")),
            rule("urgent", Test("c", "unless")),
        ),
    )

    assert conditions.infer(program(*stages), facts) == Inference(
        fired=frozenset({("urgent", None)}),
        undecided=frozenset({("source", None), ("reads", None), ("absence", None)}),
    )


def test_a_conclusion_that_one_rule_draws_is_true_though_another_rule_for_it_is_undecided():
    facts = {"a": Fact("a", State.UNSUPPLIED), "b": Fact("b", State.PRESENT)}
    stage = tuple(rule(f"from-{name}", Test(name, "present"), conclude="c") for name in ("a", "b"))

    inference = conditions.infer(program(stage, (rule("absence", Test("c", "without")),)), facts)

    assert inference == Inference(frozenset({("from-b", None)}), frozenset({("from-a", None)}))


def test_a_rule_with_each_fires_for_each_item_on_its_own():
    items = tuple(
        Fact(f"MedicationRequest/{name}", State.PRESENT, {"planned_days": days})
        for name, days in (("short", 3.0), ("long", 20.0))
    )
    facts = {"order": Fact("order", State.PRESENT, items=items), "headache": Fact("headache", State.PRESENT)}
    long = rule(
        "long", Test("order", "above", "planned_days", 8.0), Test("headache", "present"), conclude="l", each="order"
    )
    after = rule("after", Test("l", "present"), each="order")

    inference = conditions.infer(program(each={"order": ((long, after),)}), facts)

    assert inference.fired == {("long", "MedicationRequest/long"), ("after", "MedicationRequest/long")}


def test_a_rule_with_each_asks_other_facts_about_the_same_item():
    orders = tuple(Fact(f"MedicationRequest/{name}", State.PRESENT) for name in ("ibuprofen", "sertraline"))
    facts = {
        "order": Fact("order", State.PRESENT, items=orders),
        "nsaid": Fact("nsaid", State.PRESENT, items=orders[:1]),
    }
    rules = (
        rule("is-one", Test("nsaid", "present"), each="order"),
        rule("is-none", Test("nsaid", "without"), each="order"),
    )

    inference = conditions.infer(program(each={"order": (rules,)}), facts)

    assert inference.fired == {("is-one", "MedicationRequest/ibuprofen"), ("is-none", "MedicationRequest/sertraline")}
