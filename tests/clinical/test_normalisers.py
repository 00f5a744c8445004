"""The vignettes that no case beside a ruleset can hold: of the fact layer, and of what a setting must not do."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml

from cds.facts import derive
from cds.fhir.bundle import patient_record
from cds.ruleset.cases import cases_of
from cds.ruleset.parts import Parts
from cds.workbench.stories import bundle
from cds.workbench.traces import Stage
from tests import shipped
from tests.clinical.vignettes import NORMALISERS

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STAGE = Stage(shipped.RULESETS, shipped.knowledge(), Parts(shipped.RULESETS))
IMAGING = [
    case
    for case in cases_of(shipped.RULESETS / "spine" / "imaging" / "tests.yaml", "tests.yaml", shipped.knowledge())
    if case.parameters.get("imaging", {}).get("auc") == "on"
]


def _fact(name, record):
    ruleset, fact = name.split()
    material = STAGE.material(ruleset, {})
    chart = json.dumps(bundle({"age": 50}, record, NOW)).encode()
    return derive(material.plan, patient_record(chart, material.index, UTC), NOW)[fact]


def _sentence(told):
    return f"{told['vignette']}: {told['says']}"


@pytest.mark.parametrize("told", yaml.safe_load(NORMALISERS.read_text(encoding="utf-8")), ids=_sentence)
def test_a_normaliser_makes_of_the_record_what_its_vignette_says(told):
    fact = _fact(told["fact"], told["record"])

    asked = {name: fact.state.value if name == "state" else fact.attributes.get(name) for name in told["is"]}
    assert asked == told["is"]


def _urgencies(case):
    scene = STAGE.scene(case)
    cards = {rule.id: rule.card for rule in scene.material.knowledge.rulesets["imaging"].rules if rule.card}
    return {rule: cards[rule].indicator for rule, _ in scene.inference.fired if rule in cards}


@pytest.mark.parametrize("case", IMAGING, ids=lambda case: case.name)
def test_naming_the_variant_changes_no_card_and_no_urgency(case):
    assert _urgencies(replace(case, parameters={})) == _urgencies(case)
