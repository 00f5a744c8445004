"""headache.md HD-MOH-041, -042: what the counted days are of, because some drugs must not be stopped at once."""

import pytest

from tests.facts.prescribing import diary, monthly, statement, used


def held(fact):
    return (fact.attributes.get("with_opioid"), fact.attributes.get("with_barbiturate"))


CODEINE = statement("codeine with paracetamol", of=["opioid", "paracetamol"])


@pytest.mark.parametrize(
    ("asked", "entries", "expected"),
    [
        ("combination", diary([1, 2], of="combination"), (None, None)),
        ("combination", [monthly(12, of="combination")], (None, None)),
        ("several", diary([1, 2], of="combination"), (None, None)),
        ("any", diary([1, 2], of=None), (None, None)),
        ("combination", [*diary([1, 2], of="combination"), CODEINE], ("yes", "no")),
        ("several", diary([1, 2], of="opioid"), ("yes", "no")),
        ("several", [*diary([1], of="opioid"), *diary([2], of="combination")], ("yes", None)),
        ("barbiturate", diary([1], of="barbiturate"), ("no", "yes")),
        ("any", diary([1, 2], of="triptan"), ("no", "no")),
    ],
)
def test_a_combination_without_a_product_may_hold_anything(asked, entries, expected):
    assert held(used(asked, *entries)) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (diary([1], of="triptan"), "triptan"),
        ([*diary([1], of="nsaid"), *diary([2], of="triptan")], "NSAID, triptan"),
        ([CODEINE, *diary([1], of="nsaid")], "NSAID, codeine with paracetamol"),
        ([monthly(3, of=None)], "drug nobody named"),
    ],
)
def test_a_class_stands_for_drugs_that_nobody_named(entries, expected):
    assert used("any", *entries).attributes["drugs"] == expected
