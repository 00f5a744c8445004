"""The smallest changes of facts that make a rule do otherwise: that they do, and that nothing smaller does."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import combinations, count, product
from pathlib import Path
from random import Random

import pytest

from cds.clinical import Bounds, Fact, State
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import AnyOf, Condition, Program, Rule, Test
from cds.ruleset.selection import rules_of
from cds.workbench.attribute_words import LENGTHS, whole, within
from cds.workbench.changes import Changes, changed
from cds.workbench.flips import NEW_ORDER, Flips, flips, truth_of
from cds.workbench.question import ask
from tests.engine import random_programs
from tests.shipped import served
from tests.workbench.bladder import KNOWN_STATES, PROGRAM, patient, present, rule_named, spec, unusable

PATIENTS = Path(__file__).parents[2] / "fhir_samples" / "patients"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def never() -> bool:
    return False


def asked(facts: Mapping[str, Fact], rule: str, *, wanted: bool, item: str | None = None) -> Flips:
    return flips(PROGRAM, facts, rule_named(rule), item, wanted=wanted, enough=never)


NUMB = present("numb", onset_days=3.0)
FULL = present("residual", value=180.0)


@pytest.mark.parametrize(
    ("facts", "rule", "wanted", "words"),
    [
        (patient(numb=NUMB, residual=FULL), "alarm", True, [("post-void residual 200 mL in place of 180 mL",)]),
        (
            patient(numb=NUMB, residual=unusable("residual", "no unit")),
            "alarm",
            True,
            [("a usable record of post-void residual: 200 mL (now unknown: no unit)",)],
        ),
        (
            patient(numb=NUMB, residual=present("residual", value=Bounds(100.0, 500.0))),
            "alarm",
            True,
            [("post-void residual 200 mL in place of 100 to 500 mL",)],
        ),
        (
            patient(numb=present("numb", onset_days=20.0), residual=FULL),
            "alarm",
            True,
            [
                (
                    "onset of saddle numbness 14 days ago in place of 20 days ago",
                    "post-void residual 200 mL in place of 180 mL",
                )
            ],
        ),
        (
            patient(numb=present("numb"), residual=present("residual", value=300.0)),
            "alarm",
            True,
            [("onset of saddle numbness 14 days ago (now not known)",)],
        ),
        (
            patient(numb=NUMB, residual=present("residual", value=300.0)),
            "alarm",
            False,
            [
                ("post-void residual 199 mL in place of 300 mL",),
                ("onset of saddle numbness 15 days ago in place of 3 days ago",),
                ("a record of MRI of the spine",),
                ("no saddle numbness on record",),
                ("no post-void residual on record",),
            ],
        ),
        (patient(), "ill", True, [("a record of cough",), ("a record of fever",)]),
        (
            patient(fever=present("fever"), cough=present("cough")),
            "ill",
            False,
            [("no cough on record", "no fever on record")],
        ),
        (patient(), "quiet", True, [("age 50 years in place of 40 years",)]),
        (patient(numb=NUMB), "points", True, [("a record of fever",), ("a record of post-void residual: 200 mL",)]),
        (
            patient(fever=Fact("fever", State.DENIED)),
            "denied",
            False,
            [
                ("a record of cough",),
                ("a record of fever in place of its denial",),
                ("cough documented as absent",),
                ("no fever on record in place of its denial",),
            ],
        ),
        (patient(fever=present("fever")), "denied", True, [("fever documented as absent",)]),
    ],
)
def test_the_smallest_changes_are_told_in_words(facts, rule, wanted, words):
    assert sorted(flip.words for flip in asked(facts, rule, wanted=wanted).found) == sorted(words)


def test_of_several_limits_the_nearest_is_told():
    steps = [
        replace(rule_named("raised"), id=f"step-{limit:g}", when=(_limit(limit),)) for limit in (300.0, 200.0, 250.0)
    ]
    wide = replace(PROGRAM, stages=(tuple(steps), (rule_named("points"),)))

    found = flips(wide, patient(numb=NUMB, residual=FULL), rule_named("points"), None, wanted=True, enough=never)

    assert ("post-void residual 200 mL in place of 180 mL",) in [flip.words for flip in found.found]
    assert not [flip for flip in found.found if "250" in flip.words[0] or "300" in flip.words[0]]


def _limit(limit: float) -> Test:
    return Test("residual", "at least", "value", limit, f"residual: at least {limit:g} mL")


def test_a_rule_about_an_order_is_asked_of_that_order():
    order = Fact("order", State.PRESENT, items=(Fact("ServiceRequest/1", State.PRESENT),))

    found = asked(patient(order=order, numb=NUMB), "film", wanted=True, item="ServiceRequest/1")

    assert [flip.words for flip in found.found] == [("a record of X-ray (of ServiceRequest/1)",)]


def test_where_there_is_no_order_a_new_one_is_thought_of():
    found = asked(patient(numb=NUMB), "film", wanted=True, item=NEW_ORDER)

    expected = (f"a record of X-ray (of {NEW_ORDER})", f"a record of draft order (of {NEW_ORDER})")
    assert [sorted(flip.words) for flip in found.found] == [sorted(expected)]


def test_without_its_order_a_rule_is_silent():
    order = Fact("order", State.PRESENT, items=(Fact("ServiceRequest/1", State.PRESENT),))
    film = replace(order, name="film")

    found = asked(patient(order=order, film=film, numb=NUMB), "film", wanted=False, item="ServiceRequest/1")

    assert ("no X-ray on record (of ServiceRequest/1)",) in [flip.words for flip in found.found]
    assert found.truth is True


def test_a_search_that_was_cut_says_so():
    tries = count()

    found = flips(PROGRAM, patient(), rule_named("alarm"), None, wanted=True, enough=lambda: next(tries) >= 2)

    assert (found.found, found.cut) == ((), True)


def test_what_no_change_can_bring_about_is_not_found():
    never_so = replace(rule_named("raised"), when=(_limit(200.0), Test("residual", "below", "value", 100.0)))
    alone = replace(PROGRAM, stages=((never_so,),))

    found = flips(alone, patient(), never_so, None, wanted=True, enough=never, most=3)

    assert (found.found, found.cut, found.facts) == ((), False, 3)


# Against trying everything

CASES = 150


def plain(program: Program) -> Program:
    """A random program of few facts about the patient, with whole numbers of kinds that there are."""
    return replace(
        program,
        facts={
            name: replace(one, kind="observation", parameters={"unit": "mL"}) for name, one in program.facts.items()
        },
        counts={
            name: replace(one, tests=tuple(_plain_test(part) for part in one.tests))
            for name, one in program.counts.items()
        },
        stages=tuple(
            tuple(replace(rule, when=tuple(map(_plain_condition, rule.when))) for rule in stage)
            for stage in program.stages
        ),
        each={},
    )


def _plain_condition(condition: Condition) -> Condition:
    if isinstance(condition, AnyOf):
        return replace(condition, tests=tuple(map(_plain_test, condition.tests)))
    return _plain_test(condition)


def _plain_test(test: Test) -> Test:
    attribute = test.attribute.replace("days", "measured_days")
    operand = test.operand
    if test.relation in ("known", "unknown"):
        return replace(test, relation="present", attribute="", operand=None)
    if isinstance(operand, tuple) and not isinstance(operand[0], str):
        operand = tuple(sorted(map(_whole, operand)))  # type: ignore[arg-type]
    elif isinstance(operand, float):
        operand = _whole(operand)
    return replace(test, attribute=attribute, operand=operand)


def _whole(number: float) -> float:
    return float(round(min(abs(number), 30.0)))


def _plain_fact(fact: Fact) -> Fact:
    attributes = {name.replace("days", "measured_days"): value for name, value in fact.attributes.items()}
    kept = {name: _near(value) for name, value in attributes.items()} if fact.state is State.PRESENT else {}
    return Fact(fact.name, fact.state, kept)


def _near(value: float | str | Bounds) -> float | str | Bounds:
    if isinstance(value, str):
        return value
    if isinstance(value, Bounds):
        return Bounds(*sorted(map(_whole, value)))
    return _whole(value)


def worlds(program: Program, fact: Fact) -> list[Fact]:
    """The fact in every way that the rules could tell apart from the recorded one."""
    tests = [one for rule in rules_of(program) for one in _tests(rule, program) if one.subject == fact.name]
    values: dict[str, list[float | str]] = {}
    for name in ("value", "measured_days"):
        ends = [end for one in tests if one.attribute == name for end in _ends(one)]
        values[name] = sorted({end + step for end in ends for step in (-1.0, 0.0, 1.0) if end + step >= 0})
    values["side"] = (
        sorted({*random_programs.TEXTS, "something else"}) if any(t.attribute == "side" for t in tests) else []
    )
    known = fact.attributes if fact.state is State.PRESENT else {}
    choices = [[None, *options] for options in values.values()]
    made = [
        {**known, **{name: one for name, one in zip(values, chosen, strict=True) if one is not None}}
        for chosen in product(*choices)
    ]
    return [
        *(Fact(fact.name, state) for state in KNOWN_STATES if state is not State.PRESENT),
        *(Fact(fact.name, State.PRESENT, attributes) for attributes in made),
    ]


def _tests(rule: Rule, program: Program) -> Iterator[Test]:
    for condition in rule.when:
        yield from condition.tests if isinstance(condition, AnyOf) else (condition,)
    for one in program.counts.values():
        yield from one.tests


def _ends(test: Test) -> list[float]:
    operands = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    return [one for one in operands if isinstance(one, float)]


def _drawn(seed: int) -> tuple[Program, dict[str, Fact], Rule] | None:
    random = Random(seed)
    program = plain(random_programs.program(random))
    rules = list(rules_of(program))
    counted = {part.subject for one in program.counts.values() for part in one.tests}
    if len(program.facts) > 5 or len(rules) > 25 or not rules or counted & program.counts.keys():
        return None
    facts = {name: _plain_fact(one) for name, one in random_programs.patient(random, program).items()}
    return program, facts, random.choice(rules)


@cache
def drawn() -> tuple[tuple[Program, dict[str, Fact], Rule], ...]:
    found = (one for one in map(_drawn, range(100_000)) if one)
    return tuple(one for one, _ in zip(found, range(CASES), strict=False))


@pytest.mark.parametrize("number", range(CASES))
def test_every_flip_flips_and_no_other_change_of_one_fact_does(number):
    program, facts, rule = drawn()[number]
    truth = truth_of(program, facts, rule, None)
    for wanted in (True, False):
        if truth is wanted:
            continue
        found = flips(program, facts, rule, None, wanted=wanted, enough=never, most=2, shown=10_000)
        singly = {
            name
            for name, fact in facts.items()
            for world in worlds(program, fact)
            if truth_of(program, {**facts, name: world}, rule, None) is wanted
        }

        assert found.more == 0
        flipped = {one.fact for flip in found.found for one in flip.changes}
        assert singly == (flipped if found.facts == 1 else set())
        for flip in found.found:
            assert truth_of(program, changed(facts, flip.changes), rule, None) is wanted
            assert not [
                part for part in _less(flip.changes) if truth_of(program, changed(facts, part), rule, None) is wanted
            ]


def _less(changes: Changes) -> Iterator[Changes]:
    for size in range(len(changes)):
        yield from map(frozenset, combinations(sorted(changes, key=lambda one: one.thing), size))


def test_the_values_told_are_the_nearest():
    for program, facts, rule in drawn():
        truth = truth_of(program, facts, rule, None)
        found = flips(program, facts, rule, None, wanted=truth is not True, enough=never, most=1)
        for flip in found.found:
            for change in flip.changes if len(flip.changes) == 1 else ():
                before = facts[change.fact].attributes.get(change.attribute)
                if isinstance(before, float) and isinstance(change.value, float) and not isinstance(before, Bounds):
                    low, high = sorted((before, change.value))
                    between = (replace(change, value=float(one)) for one in range(int(low) + 1, int(high)))
                    assert not [
                        one
                        for one in between
                        if truth_of(program, changed(facts, {one}), rule, None) is (truth is not True)
                    ]


# On the shipped rules


@pytest.mark.parametrize(
    ("story", "rule"),
    [
        ("pvr-without-unit", "SRF-04.t0"),
        ("cauda-equina-new-saddle-numbness", "SRF-04.t0"),
        ("healthy-runner-nothing-to-say", "SRF-07.t0"),
        ("butalbital-twenty-days-a-month", "HD-MOH-042.card"),
    ],
)
def test_what_is_told_of_the_shipped_rules_is_so_and_is_smallest(story, rule):
    chart = (PATIENTS / f"{story}.json").read_bytes()
    asked = ask(served(), chart, NOW, service_id="spine-and-headache", hook=None, rule_id=rule)
    program, facts = asked.program, dict(asked.outcome.facts)
    for found in asked.flips(never):
        assert found.found
        for flip in found.found[:4]:
            assert truth_of(program, changed(facts, flip.changes), found.rule, None) is found.wanted
            less = (changed(facts, part) for part in _less(flip.changes))
            assert found.wanted not in [truth_of(program, world, found.rule, None) for world in less]


# Words


def test_every_number_of_days_is_told_as_a_length_or_as_a_time_since():
    days = {
        name: about.about
        for kind in KINDS.values()
        for name, about in kind.attributes.items()
        if name.endswith(("_days", "_hours"))
    }
    since = {name for name, about in days.items() if about.startswith(("days since", "hours since"))}

    assert days.keys() - since - {"onset_days", "first_ordered_days"} == LENGTHS


@pytest.mark.parametrize(
    ("name", "kind", "attribute", "value", "words"),
    [
        ("residual", "observation", "value", 200.0, "200 mL"),
        ("residual", "observation", "measured_days", 2.0, "measured 2 days ago"),
        ("residual", "observation", "measured_days", 0.0, "measured today"),
        ("residual", "observation", "measured_hours", 1.0, "measured 1 hour ago"),
        ("residual", "observation", "measured_days_before_numb", 3.0, "measured 3 days before saddle numbness"),
        ("residual", "observation", "measured_days_before_numb", -1.0, "measured 1 day after saddle numbness"),
        ("residual", "observation", "measured_days_before_numb", 0.0, "measured on the day of saddle numbness"),
        (
            "residual",
            "observation",
            "measured_days_before_numb",
            Bounds(1.0, 3.0),
            "measured 1 to 3 days before saddle numbness",
        ),
        ("residual", "observation", "side", "left", "side left"),
        ("order", "draft-medication", "course_days", 60.0, "course 60 days"),
        ("power", "muscle-power", "value", 4.0, "value 4"),
    ],
)
def test_an_attribute_is_told_as_one_says_it(name, kind, attribute, value, words):
    asked = spec(name, kind, name.title(), unit="mL")

    assert whole(asked, attribute, value, PROGRAM.facts) == words


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Fever", "fever"),
        ("MRI of the spine", "MRI of the spine"),
        ("X-ray", "X-ray"),
        ("Baker's cyst", "Baker's cyst"),
        ("T4", "T4"),
        ("eGFR", "eGFR"),
    ],
)
def test_a_title_keeps_its_capitals_where_they_belong(title, words):
    assert within(title) == words
