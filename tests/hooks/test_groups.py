"""Which firings become one card."""

import json
from datetime import UTC, datetime

import pytest

from cds.evaluate import evaluate, prepare
from cds.fhir.bundle import patient_record
from cds.hooks.groups import groups
from cds.outcome import Firing
from cds.ruleset.advice import Card
from cds.ruleset.model import Place, Rule, Service
from cds.workbench.stories import bundle
from tests import shipped

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


NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HORNER = {"observation": {"spine-local": "horner-sign", "headache-local": "horner"}, "value": True, "at": "today"}
NECK_PAIN = {"condition": {"icd-10-cm": "M54.2"}, "onset": "today-3d"}
HEADACHE = {"condition": {"snomed": "25064002"}, "onset": "today-3d"}
ONE_SIDE = {"observation": {"headache-local": "neck-pain-new-unilateral"}, "value": True, "at": "today"}


@pytest.mark.parametrize(
    ("record", "rules"),
    [
        ([NECK_PAIN, HORNER], {"CSP-04.t0-card"}),
        ([NECK_PAIN, HEADACHE, ONE_SIDE, HORNER], {"CSP-04.t0-card", "HD-RF-025.t0"}),
    ],
    ids=["neck pain", "neck pain and headache"],
)
def test_dissection_of_an_artery_is_one_card_whatever_hurts(record, rules):
    knowledge = shipped.knowledge()
    rulesets = ("spine-red-flags", "headache-red-flags")
    prepared = prepare(knowledge, rulesets)
    chart = json.dumps(bundle({"age": 45, "gender": "male"}, record, NOW)).encode()
    service = Service("flags", "patient-view", "", "", rulesets)
    outcome = evaluate(prepared, service, patient_record(chart, prepared.index, UTC), NOW)
    dissection = {"CSP-04.t0-card", "HD-RF-025.t0"}

    told = [{one.rule.id for one in group.firings} & dissection for group in groups(outcome.recommendations)]

    assert [rules] == [one for one in told if one]
