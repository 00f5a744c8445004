"""Which preventives the card on their choice offers to draft: those that fit, in order, each with its review."""

import json
from datetime import UTC, datetime

import pytest

from cds.evaluate import evaluate, prepare
from cds.fhir.bundle import patient_record
from cds.fhir.write import problems
from cds.hooks.call import Call
from cds.hooks.cards import written
from cds.hooks.contexts import understood
from cds.hooks.groups import groups
from cds.hooks.library import hook_named
from cds.ruleset.model import Service
from cds.workbench.stories import bundle
from tests import shipped

KNOWLEDGE = shipped.knowledge()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

MIGRAINE = {"condition": {"icd-10-cm": "G43.009"}, "onset": "today-2000d"}
EIGHT_DAYS = {"observation": {"headache-local": "headache-days-per-30d"}, "value": "8 d", "at": "today"}
ASTHMA = {"condition": {"icd-10-cm": "J45.40"}}
DEPRESSION = {"condition": {"icd-10-cm": "F32.1"}}
HYPERTENSION = {"condition": {"icd-10-cm": "I10"}}
PREGNANCY = {"condition": {"icd-10-cm": "Z33.1"}, "onset": "today-60d"}
VISIT = "Plan a visit to decide on prevention"


def offered(*record, age=40, gender="male"):
    prepared = prepare(KNOWLEDGE, ("preventive-choice",))
    service = Service("choice", "patient-view", "", "", ("preventive-choice",))
    chart = json.dumps(bundle({"age": age, "gender": gender}, [MIGRAINE, EIGHT_DAYS, *record], NOW)).encode()
    outcome = evaluate(prepared, service, patient_record(chart, prepared.index, UTC), NOW)
    context = understood(hook_named("patient-view"), {"userId": "Practitioner/a", "patientId": "story"})
    call = Call(KNOWLEDGE, prepared.program, context, outcome, lambda: "id")
    (group,) = [one for one in groups(outcome.recommendations) if one.firings[0].rule.id == "HD-PREV-020.card"]
    return written(call, group)["suggestions"]


@pytest.mark.parametrize(
    ("record", "person", "labels"),
    [
        ([], {}, ["Draft candesartan", "Draft a CGRP-targeting drug", "Draft propranolol", "Draft venlafaxine", VISIT]),
        (
            [HYPERTENSION],
            {},
            [
                "Draft candesartan, for hypertension as well",
                "Draft a CGRP-targeting drug",
                "Draft propranolol",
                "Draft venlafaxine",
                VISIT,
            ],
        ),
        (
            [ASTHMA, DEPRESSION],
            {"age": 30, "gender": "female"},
            [
                "Draft venlafaxine, for mood or other pain as well",
                "Draft candesartan",
                "Draft a CGRP-targeting drug",
                "Draft amitriptyline",
                VISIT,
            ],
        ),
        ([PREGNANCY], {"age": 30, "gender": "female"}, [VISIT]),
    ],
    ids=["nothing to drop", "hypertension", "asthma and depression", "pregnant"],
)
def test_what_fits_is_offered_what_helps_more_first(record, person, labels):
    assert labels == [one["label"] for one in offered(*record, **person)]


def test_a_preventive_is_a_proposal_without_a_dose_and_comes_with_its_review():
    for suggestion in offered()[:-1]:
        order, review = (action["resource"] for action in suggestion["actions"])
        assert ("draft", "proposal") == (order["status"], order["intent"])
        assert "dosageInstruction" not in order
        assert ("Task", "2027-01-16") == (review["resourceType"], review["restriction"]["period"]["end"])
        assert [] == [*problems(order), *problems(review)]
