"""The sections of a card's detail stay short."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from cds.clinical import KNOWN_STATES, Evidence
from cds.evaluate import evaluate, prepare
from cds.fhir.bundle import patient_record
from cds.hooks.answer import answer, nameless
from cds.hooks.call import Call
from cds.hooks.cards import written
from cds.hooks.contexts import understood
from cds.hooks.detail import data_lines
from cds.hooks.gaps import RECORDS
from cds.hooks.groups import chain_of, groups
from cds.hooks.library import hook_named
from cds.hooks.wording import authored, escaped
from cds.ruleset import asked
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Service
from cds.workbench.past import answered_again
from cds.workbench.stories import bundle, drafts
from tests import shipped
from tests.hooks.messages import data, headache, nsaid_days, request, served
from tests.serving import ROOT

KNOWLEDGE = shipped.knowledge()

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def detail_of(record):
    return card_of(record, "spine-red-flags")["detail"]


def card_of(record, ruleset, knowledge=KNOWLEDGE):
    """The last card for a story, by the shipped rulesets."""
    prepared = prepare(KNOWLEDGE, (ruleset,))
    service = Service(ruleset, "patient-view", "", "", (ruleset,))
    chart = json.dumps(bundle({"age": 45, "gender": "male"}, record, NOW)).encode()
    outcome = evaluate(prepared, service, patient_record(chart, prepared.index, UTC), NOW)
    context = understood(hook_named("patient-view"), {"userId": "Practitioner/a", "patientId": "story"})
    *_, group = groups(outcome.recommendations)
    return written(Call(knowledge, prepared.program, context, outcome, lambda: "id"), group)


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


# A review that was due before the day of the call


SERVED = served()  # the review of its one ruleset is due by 2027-11-21
CALL = json.dumps(request(prefetch=data(headache(), nsaid_days()))).encode()
DUE = "- The review of these rules was due on 2027-11-21: Pain, for tests"


def at(moment, zone="UTC"):
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))


def answered(now):
    return answer(SERVED.offers("pain"), CALL, now=now, new_id=lambda: str(uuid4()), max_cards=6)


def evidence_of(card):
    return card["detail"].partition("**Evidence**\n\n")[2].partition("\n\n")[0].splitlines()


@pytest.mark.parametrize(
    ("now", "overdue"),
    [
        (at("2027-11-21T23:59:59+00:00"), False),
        (at("2027-11-22T00:00:00+00:00"), True),
        (at("2027-11-21T22:59:59+00:00", "Europe/Vienna"), False),
        (at("2027-11-21T23:00:00+00:00", "Europe/Vienna"), True),
        (at("2027-11-22T04:59:59+00:00", "America/New_York"), False),
        (at("2027-11-22T05:00:00+00:00", "America/New_York"), True),
    ],
)
def test_a_card_says_that_the_review_of_its_rules_was_due_before_the_day_of_the_call(now, overdue):
    """(R7) The rule speaks all the same. The day is that of the service's zone."""
    [card] = answered(now).response["cards"]
    due = [DUE] if overdue else []

    assert evidence_of(card) == ["- [ICHD-3](https://ichd-3.org/); expert opinion; certainty low", *due]


@pytest.mark.parametrize(
    ("due", "told"),
    [
        ({}, []),
        ({"spine-cauda-equina": "2026-11-21"}, []),
        (
            {"spine-cauda-equina": "2026-11-20"},
            ["- The review of these rules was due on 2026-11-20: {spine-cauda-equina}"],
        ),
        ({"spine-findings": "2026-11-20"}, ["- The review of these rules was due on 2026-11-20: {spine-findings}"]),
        (
            {"spine-findings": "2026-11-20", "spine-cauda-equina": "2026-11-20"},
            ["- The review of these rules was due on 2026-11-20: {spine-cauda-equina}; {spine-findings}"],
        ),
        (
            {"spine-findings": "2026-11-20", "spine-cauda-equina": "2025-11-20"},
            [
                "- The review of these rules was due on 2025-11-20: {spine-cauda-equina}",
                "- The review of these rules was due on 2026-11-20: {spine-findings}",
            ],
        ),
        ({"spine-fracture": "2026-11-20"}, []),  # nothing of it is behind the card
    ],
)
def test_all_that_a_card_rests_on_is_looked_at(due, told):
    rulesets = dict(KNOWLEDGE.rulesets)
    for name, day in due.items():
        rulesets[name] = replace(rulesets[name], about=replace(rulesets[name].about, review_by=day))
    numb = {"answer": "saddle-sensory-loss", "value": True, "at": "today-2d"}
    card = card_of([numb], "spine-red-flags", replace(KNOWLEDGE, rulesets=rulesets))
    titles = {name: ruleset.title for name, ruleset in rulesets.items()}

    assert [line for line in evidence_of(card) if "review" in line] == [
        line.replace("{spine-cauda-equina}", titles["spine-cauda-equina"]).replace(
            "{spine-findings}", titles["spine-findings"]
        )
        for line in told
    ]


@pytest.mark.parametrize(
    "now", [at("2026-11-21T12:00+00:00"), at("2027-11-21T12:00+00:00"), at("2027-11-22T12:00+00:00")]
)
def test_an_answer_made_again_says_what_was_said_on_the_day_of_the_decision(now):
    """(R4, R7) However late it is made again."""
    first = answered(now)
    again = answered_again(SERVED, first.decision, CALL, zone=UTC, pseudonym=nameless, max_cards=6)

    assert [card["detail"] for card in first.response["cards"]] == [card["detail"] for card in again.response["cards"]]


# Nothing that the rules of a card looked at is left unsaid


def test_a_newer_value_that_cannot_be_used_is_told_beside_the_one_that_is_used():
    potassium = {"observation": {"loinc": "2823-3"}}
    detail = card_of(
        [{**potassium, "value": "2.9 mmol/L", "at": "today-3d"}, {**potassium, "value": 4.2, "at": "today-1d"}],
        "electrolytes",
    )["detail"]

    assert "2.9 mmol/L, 2026-11-18" in section(detail, "Data used")
    assert section(detail, "Data missing or unusable") == "- Potassium of 2026-11-20 has no unit"


STORIES = sorted((ROOT / "fhir_samples" / "patients").glob("*.json"))


def section(text, title):
    return text.partition(f"**{title}**\n\n")[2].partition("\n\n")[0]


def told(call, fact, text):
    """Where a fact has its place: as used, as not in the data supplied, or as missing or unusable."""
    used, missing = section(text, "Data used"), section(text, "Data missing or unusable")
    if fact.state not in KNOWN_STATES:
        return all(escaped(words) in missing for words in fact.missing or (call.title(fact),))
    if fact.evidence:
        return any(escaped(piece.label) in used for piece in fact.evidence)
    return authored(call.title(fact)) in used


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_every_fact_that_the_rules_of_a_card_looked_at_is_told(story):
    """(R3)"""
    offer = shipped.served().by_id["spine-and-headache"]["patient-view"]
    prepared = offer.prepared
    outcome = evaluate(prepared, offer.service, patient_record(story.read_bytes(), prepared.index, UTC), NOW)
    context = understood(hook_named("patient-view"), {"userId": "Practitioner/a", "patientId": "story"})
    call = Call(KNOWLEDGE, prepared.program, context, outcome, lambda: "id")
    for group in groups(outcome.recommendations):
        text = written(call, group)["detail"]
        for firing in chain_of(group.firings):
            for test in asked.tests_of(firing.rule, prepared.program.counts):
                for name in {test.subject, test.anchor} & prepared.program.facts.keys():
                    spec, fact = prepared.program.facts[name], call.fact(name, firing)
                    assert not KINDS[spec.kind].reads or told(call, fact, text), (firing.rule.id, name, fact.state)
