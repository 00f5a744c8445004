"""The sections of a card's detail stay short."""

import json
from datetime import UTC, datetime

import pytest

from cds.clinical import Evidence
from cds.evaluate import evaluate, prepare
from cds.fhir.bundle import patient_record
from cds.hooks.call import Call
from cds.hooks.cards import written
from cds.hooks.contexts import understood
from cds.hooks.detail import data_lines
from cds.hooks.gaps import RECORDS
from cds.hooks.groups import groups
from cds.hooks.library import hook_named
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Service
from cds.workbench.stories import bundle, drafts
from tests import shipped

KNOWLEDGE = shipped.knowledge()

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def detail_of(record):
    return card_of(record, "spine-red-flags")["detail"]


def card_of(record, ruleset):
    """The last card for a story, by the shipped rulesets."""
    prepared = prepare(KNOWLEDGE, (ruleset,))
    service = Service(ruleset, "patient-view", "", "", (ruleset,))
    chart = json.dumps(bundle({"age": 45, "gender": "male"}, record, NOW)).encode()
    outcome = evaluate(prepared, service, patient_record(chart, prepared.index, UTC), NOW)
    context = understood(hook_named("patient-view"), {"userId": "Practitioner/a", "patientId": "story"})
    *_, group = groups(outcome.recommendations)
    return written(Call(KNOWLEDGE, prepared.program, context, outcome, lambda: "id"), group)


MRI = Evidence("DiagnosticReport/mri", "MRI of the lumbar spine", "reported", "2026-11-20")


def dispensed(*days):
    return [Evidence(f"MedicationDispense/{day}", "Ibuprofen 400 mg", "dispensing", f"2026-11-{day}") for day in days]


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([], []),
        ([MRI, MRI], ["MRI of the lumbar spine: reported, 2026-11-20 (DiagnosticReport/mri)"]),
        (
            dispensed("01", "11"),
            [
                "Ibuprofen 400 mg: dispensing, 2026-11-01 (MedicationDispense/01)",
                "Ibuprofen 400 mg: dispensing, 2026-11-11 (MedicationDispense/11)",
            ],
        ),
        (
            [*dispensed("11", "01", "21"), MRI],
            [
                "Ibuprofen 400 mg: dispensing, 3 times, 2026-11-01 to 2026-11-21 (MedicationDispense/21)",
                "MRI of the lumbar spine: reported, 2026-11-20 (DiagnosticReport/mri)",
            ],
        ),
        (
            [MRI, Evidence("DiagnosticReport/mri", "MRI")],
            ["MRI of the lumbar spine: reported, 2026-11-20 (DiagnosticReport/mri)"],
        ),
        ([Evidence("Condition/a", "Back pain")], ["Back pain (Condition/a)"]),
        (
            [Evidence("Observation/a", "Power", "4", "2026-11-20", "preliminary")],
            ["Power: 4, 2026-11-20 (Observation/a); preliminary"],
        ),
    ],
)
def test_what_is_said_often_takes_one_line(pieces, lines):
    assert lines == list(data_lines(pieces))


def test_every_type_that_may_be_missing_has_words():
    assert RECORDS.keys() == {read for kind in KINDS.values() for read in (*kind.reads, *kind.also)}


@pytest.mark.parametrize(
    ("record", "said", "unsaid"),
    [
        (
            [{"observation": {"spine-local": "pvr-volume-ml"}, "value": "350 mL", "at": "today 08:00"}],
            ["Post-void residual: 350 mL."],
            ["Decompress", "able to cause retention"],
        ),
        (
            [{"observation": {"spine-local": "pvr-volume-ml"}, "value": "600 mL", "at": "today 08:00"}],
            ["Post-void residual: 600 mL.", "Decompress the bladder"],
            [],
        ),
        (
            [{"observation": {"spine-local": "pvr-volume-ml"}, "value": 300, "at": "today 08:00"}],
            ["has no unit"],
            ["Post-void residual: 300"],
        ),
        (
            [{"statement": {"rxnorm": "21949"}, "name": "Cyclobenzaprine", "from": "today-9d", "status": "active"}],
            ["able to cause retention: Cyclobenzaprine."],
            ["Post-void residual:"],
        ),
        ([], [], ["Post-void residual:", "able to cause retention"]),
    ],
)
def test_a_remark_is_said_only_when_its_subject_is_there(record, said, unsaid):
    numb = {"answer": "saddle-sensory-loss", "value": True, "at": "today-2d"}

    text = detail_of([numb, *record])

    assert [words for words in (*said, *unsaid) if words in text] == said


def test_what_is_not_ordered_and_what_a_site_has_set_are_no_data_that_is_lacking():
    prepared = prepare(KNOWLEDGE, ("nsaid-heart",))
    service = Service("nsaid-heart", "order-sign", "", "", ("nsaid-heart",))
    stroke = [{"condition": {"snomed": "230690007"}, "onset": "2019-05-01"}]
    orders = drafts([{"request": {"rxnorm": "7258"}, "name": "Naproxen"}], NOW)
    chart = json.dumps(bundle({"age": 45}, stroke, NOW)).encode()
    record = patient_record(chart, prepared.index, UTC, drafts=json.dumps(orders).encode())
    outcome = evaluate(prepared, service, record, NOW)
    said = {"userId": "Practitioner/a", "patientId": "story", "draftOrders": orders}
    context = understood(hook_named("order-sign"), said)
    (group,) = groups(outcome.recommendations)

    text = written(Call(KNOWLEDGE, prepared.program, context, outcome, lambda: "id"), group)["detail"]

    lacking = text.partition("Not in the data supplied: ")[2].splitlines()[0]
    assert "Myocardial infarction" in lacking
    assert "ordered" not in lacking.replace("taken or ordered", "")
    assert "profile" not in lacking


@pytest.mark.parametrize(
    ("score", "offered"),
    [
        (2, ["Give safety-net advice", "Re-evaluate in 14 days"]),
        (5, ["Refer to physiotherapy", "Re-evaluate in 14 days"]),
    ],
)
def test_a_merged_card_offers_no_more_than_its_parts_allow(score, offered):
    sitting = {"answer": "agg-sitting-bending", "value": True, "at": "today"}
    pain = {"observation": {"loinc": "72514-3"}, "value": score, "at": "today"}
    screened = [
        {"answer": code, "value": False, "at": "today"}
        for code in ("bladder-emptying-difficulty", "rectal-sensation-lost", "saddle-sensory-loss", "neuro-progressive")
    ]
    back = {"condition": {"icd-10-cm": "M54.50"}, "onset": "today-10d"}

    card = card_of([back, sitting, pain, *screened], "conservative-care")

    assert [suggestion["label"] for suggestion in card["suggestions"]] == offered
