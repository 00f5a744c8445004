"""What is written down of a call: what was told and why, by whom and about whom only in pseudonyms."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from cds import __version__, conditions
from cds.clinical import Evidence, Fact, Facts, Inference, State
from cds.evaluate import decide, evaluate, prepare
from cds.facts import derive
from cds.fhir.bundle import patient_record
from cds.hooks.answer import answer
from cds.hooks.groups import groups, within
from cds.hooks.received import received
from cds.hooks.recorded import Asked, restored
from cds.hooks.recording import failed
from cds.journal import NOBODY, Decision
from cds.outcome import Outcome
from cds.ruleset.load import load
from cds.ruleset.selection import only
from cds.workbench.samples import STORY_DAY, told_on
from tests import shipped
from tests.engine import random_programs
from tests.hooks.messages import (
    MINIMAL,
    RULESETS,
    USUAL,
    bundle,
    condition,
    data,
    headache,
    ibuprofen,
    nsaid_days,
    pain_score,
    request,
    served,
    stiff_neck,
    thunderclap,
)

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
NOON = datetime.combine(STORY_DAY, time(12), UTC)
SERVED = served()
V = "@1.2.0"

HOOKS = sorted((ROOT / "fhir_samples" / "hooks").glob("*.json"))
ANSWERED = [
    path
    for path in HOOKS
    if path.with_suffix(".response.json") in HOOKS
    and json.loads(path.with_suffix(".response.json").read_text())["status"] == 200
]
"""Sample calls that are answered with cards, perhaps none."""


def pseudonym(kind, name):
    return f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def call(*resources, context=None, hook="patient-view", prefetch=None, **choice):
    ids = count(1)
    body = request(USUAL if context is None else context, data(*resources) if prefetch is None else prefetch, hook)
    given: dict[str, Any] = {"max_cards": 6, "pseudonym": pseudonym} | choice
    return answer(
        SERVED.offers("pain"),
        json.dumps(body).encode(),
        now=NOW,
        new_id=lambda: f"00000000-0000-4000-8000-{next(ids):012}",
        **given,
    )


def facts_of(decision):
    return json.loads(bytes(decision.facts) or b"null")


@pytest.mark.requirement("CH-176")
def test_a_decision_says_who_was_told_what_about_whom():
    found = call(headache(), nsaid_days(), context=USUAL | {"encounterId": "e1"})
    decision, (card,) = found.decision, found.response["cards"]

    assert (decision.at, decision.service, decision.hook, decision.status) == (NOW, "pain", "patient-view", 200)
    assert decision.patient == pseudonym("patient", "1")
    assert decision.user == pseudonym("user", "Practitioner/a")
    assert decision.encounter == pseudonym("encounter", "e1")
    assert (decision.software, decision.knowledge) == (__version__, SERVED.knowledge.fingerprint)
    (issued,) = decision.cards
    assert (issued.uuid, issued.indicator, issued.rules) == (card["uuid"], "warning", (f"P-01.card{V}",))
    assert issued.suggestions == tuple(suggestion["uuid"] for suggestion in card["suggestions"])
    assert issued.trigger.startswith("trigger-")


@pytest.mark.requirement("CH-047")
def test_the_same_call_again_is_another_decision_of_the_same_instance():
    body = json.dumps(request(USUAL, data(headache()))).encode()
    ids = count(1)
    first, second = (
        answer(SERVED.offers("pain"), body, now=NOW, new_id=lambda: f"id-{next(ids)}", max_cards=6).decision
        for _ in range(2)
    )

    assert first.hook_instance == second.hook_instance != ""
    assert first.id != second.id


def test_a_call_with_nothing_to_say_leaves_a_record_without_facts():
    decision = call().decision

    assert decision.cards == ()
    assert bytes(decision.facts) == b""


def test_what_could_not_be_decided_and_what_was_not_supplied_is_recorded():
    found = call(prefetch={"patient": data()["patient"], "observations": bundle(nsaid_days())})

    assert found.decision.unavailable == ("Condition", "QuestionnaireResponse")
    assert f"P-01.card{V}" in found.decision.unanswered
    assert "headache" in facts_of(found.decision)["unsupplied"]
    assert [(card.indicator, card.rules) for card in found.decision.cards] == [("info", ())]


def test_orders_under_review_are_counted():
    context = MINIMAL["order-sign"] | {"draftOrders": bundle(ibuprofen(), ibuprofen("order-2"))}

    assert call(context=context, hook="order-sign").decision.orders == 2
    assert call().decision.orders == 0


def test_rules_for_other_hooks_do_not_run():
    burning, context = condition("36349006", "Burning pain"), MINIMAL["order-select"]

    here = call(burning).decision
    elsewhere = call(burning, context=context, hook="order-select").decision

    assert [card.rules for card in here.cards] == [(f"P-20.card{V}",)]
    assert (elsewhere.cards, elsewhere.withheld, elsewhere.unanswered) == ((), (), ())


@pytest.mark.parametrize(
    ("level", "kept"), [("none", False), ("minimal", True), ("full", True)], ids=["none", "minimal", "full"]
)
def test_facts_are_kept_as_far_as_the_site_wants_them(level, kept):
    decision = call(headache(), nsaid_days(), record=level).decision

    assert bool(bytes(decision.facts)) is kept
    assert decision.body == ""


def test_the_facts_of_a_record_are_what_rules_compare_and_no_more():
    decision = call(headache(), nsaid_days(), stiff_neck(clinicalStatus=None)).decision

    facts = facts_of(decision)

    assert facts["facts"]["nsaid_days"] == {"attributes": {"value": 4.0}}
    assert facts["facts"]["headache"] == {}
    assert "thunderclap" not in facts["facts"]
    assert facts.keys() <= {"facts", "unsupplied", "deceased"}


def test_items_are_told_without_their_names():
    context = MINIMAL["order-sign"]

    decision = call(headache(), nsaid_days(), context=context, hook="order-sign").decision

    assert facts_of(decision)["facts"]["drug"]["items"] == [{"item": 1}]
    assert "order-1" not in msgspec.json.encode(decision).decode()


def test_a_record_is_the_same_after_it_was_written_down():
    decision = call(headache(), nsaid_days(), pain_score(33)).decision

    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == decision


@pytest.mark.parametrize("level", ["none", "minimal", "full"])
def test_a_record_holds_nothing_by_which_a_patient_could_be_known(level):
    """(P4) Every text of a request carries the mark, but for codes and what makes it understood."""
    mark = "CANARY"
    chart = [
        condition("25064002", mark, f"{mark}1", note=[{"text": mark}], onsetDateTime="2026-11-07"),
        nsaid_days(id=f"{mark}2", note=[{"text": mark}], performer=[{"display": mark}]),
        ibuprofen(f"{mark}3", note=[{"text": mark}]),
    ]
    person = {"resourceType": "Patient", "id": f"{mark}4", "name": [{"family": mark}], "birthDate": "1980-05-17"}
    about = {"subject": {"reference": f"Patient/{mark}4", "display": mark}}
    context = {
        "userId": f"Practitioner/{mark}5",
        "patientId": f"{mark}4",
        "encounterId": f"{mark}6",
        "draftOrders": bundle(chart.pop() | about),
    }
    prefetch = data(person, *(one | about for one in chart))

    found = call(context=context, hook="order-sign", prefetch=prefetch, record=level)
    written = msgspec.json.encode(found.decision).decode()

    assert {rule for card in found.decision.cards for rule in card.rules} >= {f"P-01.card{V}", f"P-04.card{V}"}
    assert [text for text in (mark, "1980", "2026-11-07", "2026-11-18") if text in written] == []


# Calls that got no answer


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (request(USUAL | {"encounterId": "e1"}), ("patient-view", ("patient", "1"), ("user", "Practitioner/a"), True)),
        (request({"patientId": "Patient/1"}), ("patient-view", ("patient", "1"), None, True)),
        (request(hook="unheard-of"), ("", ("patient", "1"), ("user", "Practitioner/a"), True)),
        (request(hookInstance="Jane Doe"), ("patient-view", ("patient", "1"), ("user", "Practitioner/a"), False)),
        ({"hook": "patient-view"}, ("patient-view", None, None, False)),
        ({"hook": 7}, ("", None, None, False)),
        ({"context": {"patientId": 7}}, ("", None, None, False)),
        ([], ("", None, None, False)),
    ],
)
@pytest.mark.requirement("CH-176")
def test_a_call_without_an_answer_is_recorded_with_what_can_be_read_of_it(body, named):
    hook, patient, user, instance = named

    found = failed(
        json.dumps(body).encode(), id_="d", at=NOW, service="pain", status=400, pseudonym=pseudonym
    )  # fmt: skip

    assert (found.id, found.at, found.service, found.status, found.caller) == ("d", NOW, "pain", 400, NOBODY)
    assert found.hook == hook
    assert found.patient == (pseudonym(*patient) if patient else "")
    assert found.user == (pseudonym(*user) if user else "")
    assert bool(found.hook_instance) is instance


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"nonsense", b"[" * 100_000])
def test_a_body_that_is_no_message_is_recorded_as_one_that_says_nothing(body):
    found = failed(body, id_="d", at=NOW, service="pain", status=400, pseudonym=pseudonym)

    assert (found.hook, found.hook_instance, found.patient) == ("", "", "")


# What a record is good for: its rules run again


def inference(program, known, rules=-1):
    return conditions.infer(only(program, rules), known)


def numbered(found: Inference, known):
    """The items by their number, as a record tells them."""
    found_so_far = dict.fromkeys(one.name for fact in known.values() for one in fact.items)
    names = {name: f"item {number}" for number, name in enumerate(found_so_far, 1)}
    return tuple(
        {(rule, names.get(item or "", item)) for rule, item in part} for part in (found.fired, found.undecided)
    )


def written_and_restored(program, known, *, deceased=False):
    raw = Asked.of(program).recorded(Outcome(NOW, Facts.known(known), asked=known), deceased=deceased)
    return restored(program, bytes(msgspec.json.decode(msgspec.json.encode(raw), type=msgspec.Raw)))


@pytest.mark.parametrize("seed", range(300))
def test_recorded_facts_of_any_program_lead_to_the_same_conclusions(seed):
    random = Random(seed)
    program = random_programs.program(random)
    known = random_programs.patient(random, program)

    again, deceased = written_and_restored(program, known, deceased=seed % 2 == 0)

    found = inference(program, again)
    assert numbered(inference(program, known), known) == (found.fired, found.undecided)
    assert deceased is (seed % 2 == 0)


@pytest.mark.parametrize("path", sorted((ROOT / "fhir_samples" / "patients").glob("*.json")), ids=lambda p: p.stem)
def test_recorded_facts_of_a_story_lead_to_the_same_conclusions(path):
    offer = shipped.served().offers("spine-and-headache")["patient-view"]
    program = offer.prepared.program
    known = derive(offer.prepared.plan, patient_record(path.read_bytes(), offer.prepared.index, UTC), NOON)

    again, _ = written_and_restored(program, known)

    assert inference(program, known) == inference(program, again)


@pytest.mark.parametrize("path", ANSWERED, ids=lambda path: path.stem)
def test_the_record_of_a_sample_call_lets_its_cards_be_explained(path):
    offers = shipped.served().offers("spine-and-headache")
    body = json.dumps(told_on(json.loads(path.read_text()), STORY_DAY)).encode()
    ids = count(1)
    found = answer(
        offers, body, now=NOON, new_id=lambda: f"00000000-0000-4000-8000-{next(ids):012}", max_cards=6
    ).decision
    call = received(offers, body, NOON)
    prepared = call.offer.prepared
    expected = evaluate(prepared, call.offer.service, call.record, NOON)

    if not bytes(found.facts):
        assert (found.cards, found.unanswered) == ((), ())
        return
    known, deceased = restored(prepared.program, bytes(found.facts))
    rules = prepared.reach.rules(known)
    again = decide(prepared, call.offer.service, known, found.at, deceased=deceased, rules=rules)

    assert [one.rule.id for one in again.recommendations] == [one.rule.id for one in expected.recommendations]
    assert [one.rule.id for one in again.withheld] == [one.rule.id for one in expected.withheld]
    assert [one.rule.id for one in again.unanswered] == [one.rule.id for one in expected.unanswered]
    assert again.conclusions.keys() == expected.conclusions.keys()


def test_an_order_is_the_same_in_every_fact_of_a_record():
    def orders(name, *items):
        return Fact(name, State.PRESENT, items=tuple(Fact(item, State.PRESENT) for item in items))

    known = {"fact_0": orders("fact_0", "Order/b"), "order": orders("order", "Order/a", "Order/b")}

    again, _ = written_and_restored(random_programs.program(Random(1)), known)

    assert [item.name for item in again["fact_0"].items] == ["item 1"]
    assert [item.name for item in again["order"].items] == ["item 2", "item 1"]


def test_a_fact_that_the_record_does_not_name_was_looked_for_and_not_found():
    program = random_programs.program(Random(1))

    known, deceased = restored(program, b'{"facts":{},"unsupplied":["order"]}')

    assert known["order"].state is State.UNSUPPLIED
    assert {fact.state for name, fact in known.items() if name != "order"} == {State.ABSENT}
    assert deceased is False


# Room for cards


def crowd():
    """Every card of the small ruleset that patient-view shows, and both of a merge group."""
    return headache(), nsaid_days(), thunderclap(), stiff_neck(), pain_score(35)


@pytest.mark.parametrize(("room", "shown"), [(1, 1), (2, 2), (6, 6), (8, 8), (9, 9), (50, 9)])
def test_there_are_as_many_cards_as_there_is_room_for_and_the_others_are_named(room, shown):
    found = call(*crowd(), max_cards=room)
    cards, decision = found.response["cards"], found.decision

    assert len(cards) == shown
    assert len(decision.folded) == found.counts["folded"] == 9 - shown
    assert all(
        rule.replace(".", "\\.") in cards[-1]["detail"] or rule in cards[-1]["detail"] for rule in decision.folded
    )
    assert ("Not shown" in cards[-1]["detail"]) is bool(decision.folded)
    assert not any("Not shown" in card["detail"] for card in cards[:-1])


def test_a_card_is_shown_beside_the_one_about_missing_data_whatever_the_room():
    prefetch = data(pain_score(35)) | {"conditions": {"resourceType": "OperationOutcome", "issue": []}}

    found = call(prefetch=prefetch, max_cards=1)

    assert len(found.response["cards"]) == 2
    assert "Not shown" in found.response["cards"][0]["detail"]
    assert len(found.decision.folded) == 6


@pytest.mark.parametrize("seed", range(20))
def test_the_cards_do_not_depend_on_the_order_in_which_the_rules_are_written(seed):
    """(A3)"""
    knowledge, random = load(RULESETS), Random(seed)
    rulesets = {
        name: replace(ruleset, rules=tuple(random.sample(ruleset.rules, len(ruleset.rules))))
        for name, ruleset in knowledge.rulesets.items()
    }

    assert told(replace(knowledge, rulesets=rulesets)) == told(knowledge)


def told(knowledge):
    """The rules of each card that is shown, and of each that is not."""
    service = next(one for one in knowledge.services if one.hook == "patient-view")
    prepared = prepare(knowledge, service.rulesets)
    entries = [{"resource": {"resourceType": "Patient", "id": "1"}}, *({"resource": one} for one in crowd())]
    chart = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    outcome = evaluate(prepared, service, patient_record(chart, prepared.index, UTC), NOW)
    shown, folded = within(4, groups(outcome.recommendations))
    return [group.rules for group in shown], [group.rules for group in folded]


def critical(number):
    firing = _firings()["P-02.card"]
    assert firing.rule.card is not None
    return replace(firing, rule=replace(firing.rule, id=f"C-{number}", card=replace(firing.rule.card, merge="")))


@cache
def _firings():
    from cds.outcome import Firing

    return {one.id: Firing(one, None, ()) for one in load(RULESETS).rulesets["pain"].rules if one.card}


@pytest.mark.parametrize("limit", range(1, 7))
@pytest.mark.parametrize("criticals", range(6))
def test_no_critical_card_is_ever_left_out(criticals, limit):
    firings = [*map(critical, range(criticals)), *(one for name, one in sorted(_firings().items()) if name >= "P-1")]

    shown, folded = within(limit, groups(firings))

    assert len(shown) == max(limit, criticals)
    assert not any(group.critical for group in folded)
    assert [*shown, *folded] == list(groups(firings))


def test_cards_of_one_merge_group_on_two_orders_stay_two():
    """What they suggest changes one of the orders."""
    first = _firings()["P-03.card"]
    on = [replace(first, item=f"MedicationRequest/{number}") for number in (1, 2)]
    beside = replace(_firings()["P-02.card"], item="MedicationRequest/2")

    assert [len(group.firings) for group in groups([beside, *on])] == [2, 1]


def test_what_is_shown_of_evidence_does_not_reach_the_record():
    program = random_programs.program(Random(2))
    name = next(iter(program.facts))
    secret = Fact(name, State.PRESENT, {"unasked": "Jane"}, (Evidence("Patient/Jane", "Jane", "Jane", "Jane", "Jane"),))

    outcome = Outcome(NOW, Facts.known({name: secret}), asked={name: secret})
    raw = Asked.of(program).recorded(outcome, deceased=False)

    assert "Jane" not in bytes(raw).decode()
