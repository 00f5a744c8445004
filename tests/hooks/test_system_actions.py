"""What is added to orders without anybody being asked: only where it is agreed to, and only added."""

import copy
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from cds.errors import InvalidCard
from cds.fhir.templates import added
from cds.hooks.answer import answer
from cds.hooks.catalogue import catalogue
from cds.hooks.schema import check_response
from cds.ruleset.load import load
from cds.workbench.bench import Bench
from cds.workbench.testing import collect, run
from tests.hooks.messages import USUAL, bundle, ibuprofen, patient, request

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ASSESSED = {"url": "https://cds.example.org/assessed", "valueDate": "2026-11-21"}
TAG = {"system": "https://cds.example.org/tags", "code": "assessed"}
NOTE = {"text": "Beside an anticoagulant"}
NOTHING_KNOWN = {
    "patient": patient(),
    **dict.fromkeys(("conditions", "medicationAdministrations", "medicationDispenses", "medicationRequests")),
    **dict.fromkeys(("medicationStatements", "observations", "questionnaireResponses")),
}


def warfarin(ident="warfarin", **members):
    coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "855332"}
    return ibuprofen(ident, medicationCodeableConcept={"coding": [coding], "text": "Warfarin 5 MG"}, **members)


@pytest.fixture(scope="module")
def served():
    return catalogue(load(Path(__file__).with_name("orders")))


def asked(served, *orders, **said):
    return answered(served, *orders, **said).response


def answered(served, *orders, service="orders", hook="order-sign", allowed=True, selections=(), **members):
    context = {**USUAL, "draftOrders": bundle(*orders), **({"selections": list(selections)} if selections else {})}
    body = orjson.dumps(request(context, NOTHING_KNOWN, hook, **members))
    return answer(
        served.offers(service),
        body,
        now=NOW,
        new_id=lambda: str(uuid.uuid4()),
        max_cards=6,
        system_actions=allowed,
    )


def masked(response):
    return [{key: value for key, value in card.items() if key != "uuid"} for card in response["cards"]]


@pytest.mark.requirement("CH-130", "CH-131", "CH-132", "CH-120", "CH-119")
def test_an_order_comes_back_whole_with_what_was_added(served):
    order = ibuprofen(
        extension=[{"url": "https://ehr.example.org/x", "valueString": "y"}],
        meta={"versionId": "3", "tag": [{"system": "https://ehr.example.org/tags", "code": "z"}]},
        _status={"id": "s"},
        priority="routine",
    )
    before = copy.deepcopy(order)

    response = asked(served, order)

    changed = {
        **order,
        "extension": [*order["extension"], ASSESSED],
        "meta": {"versionId": "3", "tag": [*order["meta"]["tag"], TAG]},
    }
    assert [{"type": "update", "description": "Marks the order as assessed", "resource": changed}] == response[
        "systemActions"
    ]
    assert before == order


@pytest.mark.requirement("CH-132")
def test_what_the_order_says_itself_is_not_changed(served):
    """The template says status active; the order is a draft."""
    [action] = asked(served, ibuprofen())["systemActions"]

    assert "draft" == action["resource"]["status"]


@pytest.mark.requirement("CH-113")
def test_what_two_rules_add_to_one_order_is_one_update(served):
    response = asked(served, ibuprofen(), warfarin())

    ours, other = response["systemActions"]
    assert "Marks the order as assessed; Notes the anticoagulant" == ours["description"]
    assert ([ASSESSED], [NOTE]) == (ours["resource"]["extension"], ours["resource"]["note"])
    assert ("warfarin", "Marks the order as assessed") == (other["resource"]["id"], other["description"])


@pytest.mark.requirement("CH-176")
def test_rules_that_added_to_an_order_are_in_the_record(served):
    acted = [answered(served, ibuprofen(), warfarin(), allowed=allowed).decision.acted for allowed in (True, False)]

    assert [("ORD-4.assessed@1.0.0", "ORD-5.note@1.0.0"), ()] == acted


@pytest.mark.requirement("CH-086")
def test_what_is_there_already_is_not_added_again(served):
    order = ibuprofen(extension=[ASSESSED, {"url": "https://ehr.example.org/x"}], meta={"tag": [TAG]})

    assert "systemActions" not in asked(served, order)


@pytest.mark.requirement("CH-086", "CH-084")
def test_without_orders_there_is_no_such_member(served):
    assert {"cards": []} == asked(served)


@pytest.mark.requirement("CH-086", "CH-120")
def test_an_order_without_an_id_gets_nothing(served):
    order = {key: value for key, value in ibuprofen().items() if key != "id"}

    assert "systemActions" not in asked(served, order)


@pytest.mark.requirement("CH-132", "CH-133")
@pytest.mark.parametrize(
    ("service", "allowed", "sent"),
    [("orders", True, True), ("orders", False, False), ("quiet-orders", True, False), ("quiet-orders", False, False)],
)
def test_caller_and_service_both_have_to_agree(served, service, allowed, sent):
    assert sent == ("systemActions" in asked(served, ibuprofen(), service=service, allowed=allowed))


@pytest.mark.requirement("CH-133")
def test_the_cards_are_the_same_with_and_without_them(served):
    orders = (ibuprofen(), warfarin())
    with_them, without = (asked(served, *orders, allowed=allowed) for allowed in (True, False))

    assert masked(with_them) == masked(without)
    assert ["Ibuprofen 600 MG Oral Tablet is ordered beside Warfarin 5 MG"] == [
        card["summary"] for card in with_them["cards"]
    ]


@pytest.mark.requirement("CH-192")
def test_only_selected_orders_get_anything(served):
    response = asked(served, ibuprofen(), warfarin(), hook="order-select", selections=["MedicationRequest/warfarin"])

    assert ["warfarin"] == [action["resource"]["id"] for action in response["systemActions"]]


def test_an_addition_for_another_hook_is_left_out(served):
    """The note is for order-sign."""
    chosen = ["MedicationRequest/order-1"]
    [action] = asked(served, ibuprofen(), warfarin(), hook="order-select", selections=chosen)["systemActions"]

    assert "note" not in action["resource"]


def test_nothing_is_added_for_a_patient_who_has_died(served):
    body = request(
        {**USUAL, "draftOrders": bundle(ibuprofen())},
        {**NOTHING_KNOWN, "patient": patient(deceasedBoolean=True)},
        "order-sign",
    )
    found = answer(
        served.offers("orders"),
        orjson.dumps(body),
        now=NOW,
        new_id=lambda: str(uuid.uuid4()),
        max_cards=6,
        system_actions=True,
    )

    assert {"cards": []} == found.response


@pytest.mark.requirement("CH-119")
def test_decimals_keep_their_digits(served):
    order = ibuprofen(dispenseRequest={"quantity": {"value": Decimal("18.50"), "unit": "tablet"}})
    text = orjson.dumps(order, default=lambda number: orjson.Fragment(str(number))).decode()
    body = orjson.dumps(request({**USUAL, "draftOrders": {"entry": []}}, NOTHING_KNOWN, "order-sign")).decode()
    found = answer(
        served.offers("orders"),
        body.replace('"entry":[]', f'"entry":[{{"resource":{text}}}]').encode(),
        now=NOW,
        new_id=lambda: str(uuid.uuid4()),
        max_cards=6,
        system_actions=True,
    )

    [action] = found.response["systemActions"]
    assert "18.50" == str(action["resource"]["dispenseRequest"]["quantity"]["value"])


UPDATE = {"type": "update", "description": "x", "resource": {"resourceType": "MedicationRequest", "id": "1"}}


@pytest.mark.requirement("CH-130", "CH-131", "CH-132", "CH-086", "CH-117")
@pytest.mark.parametrize(
    "actions",
    [
        [],
        [{**UPDATE, "type": "create"}],
        [{"type": "delete", "description": "x", "resourceId": "MedicationRequest/1"}],
        [{**UPDATE, "description": ""}],
        [{key: value for key, value in UPDATE.items() if key != "description"}],
        [{key: value for key, value in UPDATE.items() if key != "resource"}],
        [{**UPDATE, "resourceId": "MedicationRequest/1"}],
        UPDATE,
        None,
    ],
)
def test_nothing_else_may_go_out_as_a_system_action(actions):
    with pytest.raises(InvalidCard):
        check_response({"cards": [], "systemActions": actions})


def test_an_update_may_go_out():
    check_response({"cards": [], "systemActions": [UPDATE]})


@pytest.mark.parametrize(
    ("resource", "addition", "expected"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, {"a": 1}),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": {"b": 1}}),
        ({"a": [1]}, {"a": [2]}, {"a": [1, 2]}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": [1, 2]}),
        ({"a": []}, {"a": [{"url": "x"}]}, {"a": [{"url": "x"}]}),
        ({"a": [{"url": "x", "v": 1}, {"url": "y"}]}, {"a": [{"url": "x"}]}, {"a": [{"url": "y"}, {"url": "x"}]}),
        ({"a": [{"system": "x", "v": 1}]}, {"a": [{"system": "x", "v": 2}]}, {"a": [{"system": "x", "v": 2}]}),
        ({"a": [{"text": "x"}]}, {"a": [{"text": "y"}]}, {"a": [{"text": "x"}, {"text": "y"}]}),
    ],
)  # fmt: skip
def test_what_an_addition_makes_of_a_resource(resource, addition, expected):
    before = copy.deepcopy(resource)

    assert expected == added(resource, addition)
    assert before == resource


def test_the_cases_beside_the_rules_hold():
    folder = Path(__file__).with_name("orders")

    assert [] == [result.differences for result in run(Bench(folder), collect(folder)) if not result.passed]
