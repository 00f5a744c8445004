"""Which firings become one card."""

import pytest

from cds.hooks.groups import groups
from cds.outcome import Firing
from cds.ruleset.advice import Card
from cds.ruleset.model import Place, Rule

HERE = Place("x.yaml", 1)


def firing(name, item=None, merge="use"):
    rule = Rule(name, "x", "1.0.0", name, (), HERE, card=Card("warning", name, merge=merge))
    return Firing(rule, item, ())


@pytest.mark.parametrize(
    ("firings", "cards"),
    [
        ([firing("a"), firing("b")], [["a", "b"]]),
        ([firing("a", merge=""), firing("b", merge="")], [["a"], ["b"]]),
        ([firing("a", "one"), firing("a", "two")], [["a"], ["a"]]),
        ([firing("patient"), firing("a", "one")], [["patient", "a"]]),
        ([firing("a", "one"), firing("a", "two"), firing("patient")], [["a", "patient"], ["a"]]),
        ([firing("patient", merge="other"), firing("a", "one")], [["patient"], ["a"]]),
        ([firing("patient", merge=""), firing("a", "one", merge="")], [["patient"], ["a"]]),
    ],
    ids=[
        "of one group",
        "of none",
        "on two orders",
        "on the patient and on an order",
        "on the patient and on two orders",
        "of two groups",
        "of none, with an order",
    ],
)
def test_what_is_said_of_the_patient_goes_with_the_first_order_of_its_group(firings, cards):
    assert cards == [[one.rule.id for one in group.firings] for group in groups(firings)]
