"""Why a rule did not fire: what fails, what is unknown, and what would settle it."""

from collections.abc import Mapping

import pytest

from cds import conditions
from cds.clinical import Bounds, Fact, State
from cds.reasons import Outlines, Reasoning, reasonings
from cds.workbench.whynot import Silence, silence
from tests.workbench.bladder import PROGRAM, patient, present, rule_named, unusable

NUMB = present("numb", onset_days=3.0)


def reasoning(facts: Mapping[str, Fact]) -> Reasoning:
    return reasonings(PROGRAM, Outlines.of(PROGRAM), facts, conditions.infer(PROGRAM, facts))[0]


def silence_of(rule: str, **told: Fact) -> Silence:
    facts = patient(**told)
    return silence(PROGRAM, facts, reasoning(facts), rule_named(rule))


@pytest.mark.parametrize(
    ("told", "failing"),
    [
        ({}, ("full", "sacral")),
        ({"numb": NUMB}, ("full",)),
        ({"numb": NUMB, "residual": present("residual", value=300.0), "mri": present("mri")}, ("unless: mri",)),
        ({"numb": NUMB, "residual": unusable("residual", "no unit")}, ()),
    ],
)
def test_the_conditions_that_fail_are_told(told, failing):
    assert silence_of("alarm", **told).failing == failing


@pytest.mark.parametrize(
    ("residual", "words", "settled"),
    [
        (
            unusable("residual", "Post-void residual of 2026-11-21 has no unit"),
            "Post-void residual: Post-void residual of 2026-11-21 has no unit",
            ("a usable record of post-void residual: 200 mL", "a usable record of post-void residual: 199 mL"),
        ),
        (
            Fact("residual", State.UNSUPPLIED, missing=("Observation: not supplied",)),
            "Post-void residual: Observation: not supplied",
            ("a record of post-void residual: 200 mL", "a record of post-void residual: 199 mL"),
        ),
        (
            present("residual"),
            "Post-void residual: not recorded",
            ("post-void residual 200 mL", "post-void residual 199 mL"),
        ),
        (
            present("residual", value=Bounds(100.0, float("inf"))),
            "Post-void residual: known only as 100 mL or more",
            ("post-void residual 200 mL", "post-void residual 199 mL"),
        ),
    ],
)
def test_what_is_unknown_is_told_with_what_would_settle_it(residual, words, settled):
    (gap,) = silence_of("alarm", numb=NUMB, residual=residual).gaps

    assert (gap.condition, gap.words) == ("residual: at least 200 mL", words)
    assert gap.reads[0] == "Observation"
    assert [(change.split(" (")[0].split(" in place")[0], truth) for change, truth in gap.settled_by] == [
        (settled[0], True),
        (settled[1], False),
    ]


def test_what_would_not_settle_it_alone_is_told_as_that():
    unknown = {name: Fact(name, State.UNSUPPLIED) for name in ("numb", "residual")}

    gaps = silence_of("alarm", **unknown).gaps

    assert [truth for gap in gaps for _, truth in gap.settled_by] == [None, False, None, False]


def test_a_date_that_is_not_recorded_is_told_by_its_event():
    (gap,) = silence_of("alarm", numb=present("numb"), residual=present("residual", value=300.0)).gaps

    assert gap.words == "onset of saddle numbness: not recorded"


def test_the_rules_that_could_have_drawn_it_are_told_with_what_they_lack():
    drawers = silence_of("alarm", numb=NUMB).drawers

    assert [(rule.id, truth, lacking) for rule, truth, lacking in drawers] == [
        ("raised", False, ("residual: at least 200 mL",))
    ]


@pytest.mark.parametrize(
    ("told", "closed"),
    [
        ({}, {("residual",), ("numb",)}),
        ({"numb": NUMB}, {("residual",)}),
        ({"numb": NUMB, "residual": unusable("residual", "no unit")}, set()),
        ({"numb": Fact("numb", State.DENIED), "residual": present("residual", value=1.0)}, set()),
    ],
)
def test_a_rule_out_of_reach_is_told_with_what_is_not_on_record(told, closed):
    assert set(silence_of("alarm", **told).closed) == closed
