"""Dates in the texts and resources of a card, counted from today or from an event of a fact."""

import json
from datetime import UTC, datetime

import pytest

from cds.evaluate import evaluate, prepare
from cds.fhir.bundle import patient_record
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
SERVICE = Service("conservative-care", "patient-view", "", "", ("conservative-care",))
INJECTION = {"procedure": {"spine-local": "epidural-injection-assess"}, "at": "today-4d"}


def card_of(*record):
    """The card of conservative care for a story."""
    prepared = prepare(KNOWLEDGE, SERVICE.rulesets)
    chart = json.dumps(bundle({"age": 45, "gender": "male"}, record, NOW)).encode()
    outcome = evaluate(prepared, SERVICE, patient_record(chart, prepared.index, UTC), NOW)
    context = understood(hook_named("patient-view"), {"userId": "Practitioner/a", "patientId": "story"})
    call = Call(KNOWLEDGE, prepared.program, context, outcome, lambda: "id")
    return next(written(call, group) for group in groups(outcome.recommendations) if group.card.merge)


def back_pain(onset):
    return {"condition": {"icd-10-cm": "M54.50"}, "onset": onset}


def due_dates(card):
    resources = [action["resource"] for each in card["suggestions"] for action in each["actions"]]
    return {
        one["code"]["coding"][0]["code"]: one["restriction"]["period"]["end"]
        for one in resources
        if one["resourceType"] == "Task"
    }


@pytest.mark.parametrize(
    ("record", "said", "due"),
    [
        ([back_pain("today-2d")], "Re-evaluate on 2026-12-05", "2026-12-05"),
        ([back_pain("today-2d")], "look again on 2026-12-31, six weeks after", "2026-12-05"),
        ([back_pain("today-60d"), INJECTION], "Re-evaluate on 2026-12-01, 14 days after", "2026-12-01"),
    ],
)
def test_a_date_is_counted_from_today_or_from_what_happened(record, said, due):
    card = card_of(*record)

    assert said in card["detail"]
    assert due_dates(card)["task-reassess"] == due
