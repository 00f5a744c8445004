"""What facts make of answers with a side, with parts, and of a diary: each by what a clinician would expect."""

import json
from datetime import UTC

import pytest

from cds.clinical import State
from cds.facts import derive
from cds.fhir.bundle import patient_record
from cds.ruleset.systems import SYSTEMS
from tests.questionnaires.filling import NOW, PATIENT, facts_of, index, measured, planned, response

YES, NO = {"valueBoolean": True}, {"valueBoolean": False}
SIDES = {"left": "7771000", "right": "24028007", "both": "51440002"}


def item(link, *answers):
    return {"linkId": link, "answer": list(answers)}


def local(code):
    return {"valueCoding": {"system": SYSTEMS["headache-local"], "code": code}}


def below(answer, *items):
    return {**answer, "item": list(items)}


def test_power_is_known_of_each_leg():
    grades = [item("power-L5-hallux-extension.left", {"valueInteger": 3})]
    grades += [item("power-L5-hallux-extension.right", {"valueInteger": 5})]
    power = facts_of(response("spine-examination", {"linkId": "group-leg-left", "item": grades}))["leg_power"]

    assert (3.0, 3.0, 5.0) == tuple(power.attributes[name] for name in ("value", "left", "right"))


@pytest.mark.parametrize(("left", "right"), [(True, False), (False, True)])
def test_a_raise_of_one_leg_says_nothing_of_the_other_but_what_is_answered(left, right):
    answers = [item("slr-positive.left", {"valueBoolean": left}), item("slr-positive.right", {"valueBoolean": right})]
    facts = facts_of(response("spine-examination", *answers))
    states = {True: State.PRESENT, False: State.DENIED}

    assert (states[left], states[right]) == (facts["left_leg_raise"].state, facts["right_leg_raise"].state)


@pytest.mark.parametrize(("side", "state"), [("right", State.ABSENT), ("both", State.PRESENT)])
def test_weakness_of_both_legs_is_told_by_its_side(side, state):
    told = below(YES, item("leg-weakness.side", {"valueCoding": {"system": SYSTEMS["snomed"], "code": SIDES[side]}}))
    facts = facts_of(response("back-pain-screen", item("leg-weakness", told)))

    assert (state, side) == (facts["both_legs"].state, facts["leg_weakness"].attributes["side"])


def test_days_of_use_belong_to_the_class_that_is_named_with_them():
    told = [
        below({"valueQuantity": measured(days, "d")}, item("acute-med-days-per-30d.drug-class", local(name)))
        for days, name in ((12, "class-triptan"), (4, "class-nsaid"))
    ]
    facts = facts_of(response("headache-days", item("acute-med-days-per-30d", *told)))

    assert (12.0, 4.0) == tuple(facts[name].attributes["month_est"] for name in ("triptan_use", "nsaid_use"))


def attack(start, end, **parts):
    times = [
        item(f"headache-attack.{name}", {"valueDateTime": when}) for name, when in (("start", start), ("end", end))
    ]
    told = [item(f"headache-attack.{name}", answer) for name, answer in parts.items()]
    return {"linkId": "headache-attack", "item": [*times, *told]}


def test_every_attack_of_a_diary_is_one_of_its_own():
    """Two far enough apart are two; how severe each was is no word on the usual attack."""
    entries = [
        attack("2026-11-10T08:00:00Z", "2026-11-10T20:00:00Z", severity=local("severe")),
        attack("2026-11-17T08:00:00Z", "2026-11-17T20:00:00Z", severity=local("mild")),
    ]
    attacks = facts_of(response("headache-diary", *entries))["headache_attacks"]

    assert (State.PRESENT, 2.0, "no") == (attacks.state, attacks.attributes["documented"], attacks.attributes["usual"])


@pytest.mark.parametrize(("end", "failed"), [("2026-03-01", 1.0), ("2026-01-20", 0.0)])
def test_a_preventive_has_failed_once_it_was_taken_for_long_enough(end, failed):
    times = [
        item(f"preventive-trial-outcome.{name}", {"valueDate": day})
        for name, day in (("start", "2026-01-01"), ("end", end))
    ]
    told = response("headache-history", item("preventive-trial-outcome", below(local("inadequate"), *times)))

    assert failed == facts_of(told)["preventives_tried"].attributes["failed"]


@pytest.mark.parametrize(("days_later", "state"), [(1, State.PRESENT), (3, State.DENIED)])
def test_a_later_observation_takes_back_an_answer_and_one_of_the_same_day_does_not(days_later, state):
    """NRM-04: what is stated within 24 hours is a conflict, and what is present wins."""
    answered = {**response("back-pain-screen", item("saddle-sensory-loss", YES)), "authored": "2026-11-17"}
    denied = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": SYSTEMS["spine-local"], "code": "saddle-sensory-loss"}]},
        "effectiveDateTime": f"2026-11-{17 + days_later}",
        **NO,
    }
    entries = [{"resource": one} for one in (PATIENT, answered, denied)]
    content = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    facts = derive(planned(), patient_record(content, index(), UTC, patient_id="p"), NOW)

    assert state == facts["saddle_loss"].state
