"""Mutants that no patient could tell from their rule are not asked of the cases; any other is."""

from pathlib import Path

import pytest

from cds.ruleset.load import load
from cds.ruleset.model import AnyOf, Rule, Test
from cds.workbench.mutation.equivalent import equivalent, world_of

SEEDED = Path(__file__).with_name("seeded") / "mutation"

PRESENT = Test("headache", "present")
MILD = Test("headache", "is", "severity", "mild")
SEVERE = Test("headache", "is", "severity", "severe")
NOT_SEVERE = Test("headache", "is not", "severity", "severe")
WITHIN_14 = Test("headache", "at most", "onset_days", 14.0)
BELOW_14 = Test("headache", "below", "onset_days", 14.0)
BELOW_15 = Test("headache", "below", "onset_days", 15.0)
NECK = Test("stiff_neck", "present")
UNLESS_NECK = Test("stiff_neck", "unless")
WITHOUT_NECK = Test("stiff_neck", "without")
ALARMING = Test("alarming", "present")
UNLESS_SETTLED = Test("settled", "unless")
WITHOUT_SETTLED = Test("settled", "without")
THREE_SIGNS = Test("signs", "at least", "value", 3.0)
OVER_FOUR_SIGNS = Test("signs", "above", "value", 4.0)
OVER_FIVE_SIGNS = Test("signs", "above", "value", 5.0)


@pytest.fixture(scope="module")
def rules():
    return load(SEEDED).rulesets["alarm"]


def rule(rules, *when):
    found = rules.rules[0]
    return Rule(found.id, found.ruleset, found.version, found.title, when, found.place)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([PRESENT, MILD], [MILD], True, id="what one condition implies may be left out"),
        pytest.param([PRESENT, MILD], [PRESENT], False, id="not the condition that implies it"),
        pytest.param([PRESENT, NECK], [NECK], False, id="not one about something else"),
        pytest.param([MILD, NOT_SEVERE], [MILD], True, id="mild is not severe"),
        pytest.param([MILD, SEVERE], [MILD], False, id="what can never be is not the same as what can"),
        pytest.param([WITHIN_14], [BELOW_15], True, id="days are whole"),
        pytest.param([WITHIN_14], [BELOW_14], False, id="the day itself counts"),
        pytest.param([UNLESS_NECK], [WITHOUT_NECK], False, id="a finding may be unknown"),
        pytest.param([UNLESS_SETTLED], [WITHOUT_SETTLED], True, id="what is never unknown"),
        pytest.param(
            [AnyOf((NECK, MILD, PRESENT))], [AnyOf((NECK, PRESENT))], True, id="an alternative within another"
        ),
        pytest.param([AnyOf((NECK, PRESENT))], [NECK, PRESENT], False, id="any is not all"),
        pytest.param([THREE_SIGNS, OVER_FOUR_SIGNS], [THREE_SIGNS], False, id="the least that a count may be"),
        pytest.param([OVER_FOUR_SIGNS], [OVER_FIVE_SIGNS], True, id="more than a count can be"),
        pytest.param([ALARMING, NECK], [NECK], False, id="a conclusion stands by itself"),
    ],
)
def test_only_what_says_the_same_is_equivalent(rules, before, after, expected):
    world = world_of(rules.facts, rules.counts, rules.rules)

    assert expected is equivalent(rule(rules, *before), rule(rules, *after), world)
