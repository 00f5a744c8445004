"""Cards about orders for medicines, by the shipped rulesets: what is said and offered about which order."""

import json
from datetime import UTC, datetime

import pytest

from cds.evaluate import evaluate, prepare
from cds.fhir.bundle import patient_record
from cds.hooks.call import Call
from cds.hooks.cards import written
from cds.hooks.contexts import Context
from cds.hooks.groups import groups
from cds.hooks.library import hook_named
from cds.hooks.suggestions import suggestions
from cds.ruleset.model import Service
from cds.workbench.stories import bundle, drafts
from tests import shipped

KNOWLEDGE = shipped.knowledge()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def taken(rxnorm, **members):
    return {"request": {"rxnorm": rxnorm}, "status": "active", "authored": "today-10d", **members}


def ordered(rxnorm, ident, **members):
    return {"request": {"rxnorm": rxnorm}, "id": ident, **members}


def called(rulesets, record, orders, hook="order-sign", age=45):
    """A call about these orders, with its outcome."""
    prepared = prepare(KNOWLEDGE, rulesets)
    service = Service("medicines", hook, "", "", rulesets)
    chart = json.dumps(bundle({"age": age}, record, NOW)).encode()
    review = drafts(orders, NOW)
    read = patient_record(
        chart, prepared.index, UTC, drafts=json.dumps(review).encode(), selected=range(len(review["entry"]))
    )
    outcome = evaluate(prepared, service, read, NOW)
    context = Context(hook_named(hook), "story", proposed=tuple(one["resource"] for one in review["entry"]))
    return Call(KNOWLEDGE, prepared.program, context, outcome, lambda: "id")


def cards(*asked, **given):
    """What is answered at a hook, by the id of the order it is about."""
    call = called(*asked, **given)
    return {
        (group.firings[0].item or "").rpartition("/")[2]: written(call, group)
        for group in groups(call.outcome.recommendations)
    }


def offered(card):
    """The labels; those recommended with an asterisk."""
    return [one["label"] + ("*" if one.get("isRecommended") else "") for one in card["suggestions"]]


def reasons(card):
    return {reason["code"] for reason in card["overrideReasons"]}


OPIOID, BENZODIAZEPINE, LITHIUM, IBUPROFEN, APIXABAN = "7804", "6470", "6448", "5640", "1364430"
SERTRALINE, TRAMADOL, CYCLOBENZAPRINE = "36437", "10689", "21949"


def test_a_remark_drawn_about_one_order_is_not_said_about_another():
    found = cards(
        ("serotonin",), [taken(SERTRALINE)], [ordered(TRAMADOL, "tramadol"), ordered(CYCLOBENZAPRINE, "other")]
    )

    assert ["other", "tramadol"] == sorted(found)
    assert "seizure threshold" in found["tramadol"]["detail"]
    assert "seizure threshold" not in found["other"]["detail"]


@pytest.mark.parametrize(
    ("order", "cancelling"),
    [(IBUPROFEN, "Cancel this order*"), (APIXABAN, "Cancel this order")],
)
def test_an_anticoagulant_is_not_recommended_to_be_cancelled_for_an_nsaid(order, cancelling):
    other = APIXABAN if order == IBUPROFEN else IBUPROFEN

    [card] = cards(("nsaid-bleeding",), [taken(other)], [ordered(order, "new")]).values()

    assert ("critical", cancelling) == (card["indicator"], offered(card)[0])


@pytest.mark.parametrize(
    ("record", "first"),
    [
        ([taken(BENZODIAZEPINE)], "Cancel this order*"),
        ([taken(BENZODIAZEPINE), taken(OPIOID)], "Naloxone to keep at home"),
    ],
)
def test_to_cancel_an_opioid_that_goes_on_is_not_offered(record, first):
    """Whoever has taken one for long must not stop it from one day to the next."""
    [card] = cards(("opioids",), record, [ordered(OPIOID, "new")]).values()

    assert ("critical", first) == (card["indicator"], offered(card)[0])


def test_a_reason_that_would_do_for_a_warning_is_not_offered_against_what_is_critical_beside_it():
    [card] = cards(
        ("nsaid-bleeding", "nsaid-clearance"),
        [taken(APIXABAN), taken(LITHIUM)],
        [ordered(IBUPROFEN, "new")],
    ).values()

    assert "NSAID raises lithium" in card["detail"]
    assert {"ovr-already-done", "ovr-known-chronic", "ovr-palliative", "ovr-data-wrong"} == reasons(card)


def test_a_merged_card_says_the_remarks_of_each_of_its_parts():
    """The sum of opioids is a lower bound, also where the benzodiazepine beside them leads the card."""
    [card] = cards(
        ("opioids",),
        [taken(BENZODIAZEPINE), taken("6754", name="Meperidine")],
        [ordered(OPIOID, "new", dose="20 mg", frequency=2, period="1 d")],
    ).values()

    assert "Opioid + benzodiazepine" in card["summary"]
    assert "Not in the sum, as dose or factor is not known: Meperidine." in card["detail"]


@pytest.mark.parametrize(
    ("antiplatelet", "warned"),
    [("613391", False), ("32968", True)],
    ids=["prasugrel", "clopidogrel"],
)
def test_omeprazole_is_not_proposed_beside_clopidogrel_which_it_weakens(antiplatelet, warned):
    ulcer = {"condition": {"icd-10-cm": "K25.7"}, "onset": "today-400d"}

    [card] = cards(("nsaid-bleeding",), [taken(antiplatelet), ulcer], [ordered(IBUPROFEN, "new")]).values()

    labels = offered(card)
    assert ("Omeprazole with the NSAID" in labels, "pantoprazole" in card["detail"]) == (not warned, warned)


@pytest.mark.parametrize(("record", "proposed"), [([], True), ([taken("161")], False)])
def test_paracetamol_is_not_proposed_to_someone_who_takes_it(record, proposed):
    [card] = cards(("nsaid-bleeding",), [taken(APIXABAN), *record], [ordered(IBUPROFEN, "new")]).values()

    assert proposed == ("Paracetamol in place of the NSAID" in offered(card))


@pytest.mark.parametrize("priority", ["urgent", "URGENT", "normal", 7, ["stat"]])
def test_of_the_same_change_to_an_order_one_is_offered_whatever_the_order_calls_its_priority(priority):
    call = called(("relaxant-use",), [], [ordered(CYCLOBENZAPRINE, "new", supply="30 d")])
    call.context.proposed[0]["priority"] = priority
    [firing] = [one for one in call.outcome.recommendations if one.rule.id == "MED-17.warning"]

    offered_once, _ = suggestions(call, [firing], ())
    offered_twice, _ = suggestions(call, [firing, firing], ())

    assert offered_twice == offered_once
