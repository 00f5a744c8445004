"""Of several red flags of the spine the one that decides what is done first leads the card."""

import json
from datetime import UTC, datetime

import pytest

from cds.evaluate import evaluate, prepare
from cds.fhir.bundle import patient_record
from cds.hooks.groups import groups
from cds.ruleset.model import Service
from cds.workbench.stories import bundle
from tests import shipped

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KNOWLEDGE = shipped.knowledge()
SERVICE = Service("spine-red-flags", "patient-view", "", "", ("spine-red-flags",))
PREPARED = prepare(KNOWLEDGE, SERVICE.rulesets)

BACK_PAIN = {"condition": {"icd-10-cm": "M54.50"}, "onset": "today-20d"}
PROSTATE_CANCER = {"condition": {"icd-10-cm": "C61"}, "onset": "today-900d"}
INJECTS = {"condition": {"snomed": "228388006"}, "onset": "today-900d"}
FEVER = {"observation": {"loinc": "8310-5"}, "value": "38.6 Cel", "at": "today"}
SADDLE = {"observation": {"spine-local": "saddle-sensory-loss"}, "value": True, "at": "today"}
BOTH_LEGS = [{"condition": {"icd-10-cm": code}, "onset": "today-3d"} for code in ("M54.31", "M54.32")]


@pytest.mark.parametrize(
    ("record", "first"),
    [
        ([BACK_PAIN, *BOTH_LEGS], "SRF-04.t1-bilateral"),
        ([BACK_PAIN, *BOTH_LEGS, PROSTATE_CANCER], "SRF-06.t1-radicular-card"),
        ([BACK_PAIN, *BOTH_LEGS, INJECTS, FEVER], "SRF-07.t1-lumbar"),
        ([BACK_PAIN, *BOTH_LEGS, PROSTATE_CANCER, SADDLE], "SRF-04.t0"),
    ],
)
def test_a_wider_mri_goes_before_both_legs_and_an_emergency_before_everything(record, first):
    chart = json.dumps(bundle({"age": 60, "gender": "male"}, record, NOW)).encode()
    outcome = evaluate(PREPARED, SERVICE, patient_record(chart, PREPARED.index, UTC), NOW)
    assert groups(outcome.recommendations)[0].firings[0].rule.id == first
