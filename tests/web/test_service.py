"""Calls of a service, through the application."""

import json
import logging
import uuid

import pytest
from markdown_it import MarkdownIt

from cds.fhir.write import problems
from cds.hooks.schema import check_response
from tests.hooks.messages import (
    MINIMAL,
    USUAL,
    bundle,
    condition,
    data,
    headache,
    ibuprofen,
    nsaid_days,
    pain_score,
    patient,
    request,
    stiff_neck,
    thunderclap,
)
from tests.web.test_discovery import everything


def call(client, message, service="pain", **options):
    return client.post(f"/cds-services/{service}", data=json.dumps(message), content_type="application/json", **options)


def cards(client, *resources, hook="patient-view", context=None, service="pain"):
    response = call(client, request(context or MINIMAL[hook], data(*resources), hook), service)
    assert 200 == response.status_code, response.json
    check_response(response.json)
    return response.json["cards"]


def rules(found):
    return [card["extension"]["org.example.cds.rules"] for card in found]


@pytest.mark.requirement("CH-083", "CH-042", "CH-084")
def test_what_the_record_shows_is_advised_on(client):
    [card] = cards(client, headache(), nsaid_days(4))

    assert "Pain reliever on 4 days a week with headache: check for medication overuse" == card["summary"]
    assert ("warning", "any") == (card["indicator"], card["selectionBehavior"])


@pytest.mark.requirement("CH-085")
@pytest.mark.parametrize("days", [0, 2])
def test_there_may_be_nothing_to_say(client, days):
    assert [] == cards(client, headache(), nsaid_days(days))


@pytest.mark.requirement("CH-191")
@pytest.mark.parametrize("hook", MINIMAL)
def test_every_hook_is_answered(client, hook):
    assert 200 == call(client, request(MINIMAL[hook], data(), hook)).status_code


@pytest.mark.requirement("CH-191", "CH-050")
@pytest.mark.parametrize(("hook", "field"), [(hook, field) for hook, fields in MINIMAL.items() for field in fields])
def test_a_missing_field_of_a_context_is_named(client, hook, field):
    context = {name: value for name, value in MINIMAL[hook].items() if name != field}

    response = call(client, request(context, data(), hook))

    assert (400, f"context.{field} is required") == (response.status_code, response.json["issue"][0]["diagnostics"])


@pytest.mark.requirement("CH-104", "CH-105", "CH-107", "CH-102", "CH-180", "CH-181")
def test_a_card_names_its_source_and_its_rule(client):
    [card] = cards(client, headache(), nsaid_days(4))

    assert {
        "label": "Pain, for tests, after ICHD-3",
        "url": "http://127.0.0.1:8080/rulesets/pain/1.2.0#rule-P-01.card",
        "topic": {
            "system": "https://cds.example.org/rulesets/pain",
            "code": "P-01",
            "display": "Frequent use with headache",
        },
    } == card["source"]
    assert [["P-01.card@1.2.0"]] == rules([card])
    assert {"label": "ICHD-3", "url": "https://ichd-3.org/", "type": "absolute"} in card["links"]


def test_the_detail_says_why_and_on_what_data(client):
    [card] = cards(client, headache(), nsaid_days(4))

    assert [
        "Used on 4 days a week. Cap acute treatment at 2 days a week.",
        "**Why this card**",
        "- Frequent use with headache\n- NSAID on more than two days a week",
        "**Data used**",
    ] == card["detail"].split("\n\n")[:4]
    assert "(Observation/days)" in card["detail"]
    assert "P-01.card@1.2.0" == card["detail"].split("\n\n")[-1]


@pytest.mark.requirement("CH-118", "CH-116", "CH-117", "CH-122", "CH-004")
def test_a_created_resource_is_valid_and_about_the_patient(client):
    [card] = cards(client, headache(), nsaid_days(4), context={**USUAL, "encounterId": "e1"})

    [referral, review] = [action for one in card["suggestions"] for action in one["actions"]]
    assert ("create", "create") == (referral["type"], review["type"])
    assert ((), ()) == (problems(referral["resource"]), problems(review["resource"]))
    assert ("draft", "Patient/1", "Encounter/e1", "Practitioner/a") == (
        referral["resource"]["status"],
        *(referral["resource"][name]["reference"] for name in ("subject", "encounter", "requester")),
    )
    assert [{"reference": "Condition/headache"}, {"reference": "Observation/days"}] == sorted(
        referral["resource"]["supportingInfo"], key=lambda one: one["reference"]
    )


def test_what_is_not_known_is_left_out_of_a_created_resource(client):
    [card] = cards(client, headache(), nsaid_days(4), context={**USUAL, "userId": "somebody"})

    resource = card["suggestions"][0]["actions"][0]["resource"]
    assert set() == resource.keys() & {"encounter", "requester"}


@pytest.mark.requirement("CH-093", "CH-110", "CH-149")
def test_cards_and_suggestions_have_ids_that_are_used_once(client):
    seen = [
        ident
        for _ in range(2)
        for card in cards(client, headache(), nsaid_days(4), thunderclap())
        for ident in (card["uuid"], *(one["uuid"] for one in card["suggestions"]))
    ]

    assert len(seen) == len(set(seen))
    assert all(str(uuid.UUID(ident)) == ident for ident in seen)


def masked(text):
    import re

    without_ids = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "-", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+", "-", without_ids)  # a second may pass between two calls


@pytest.mark.requirement("CH-092", "CH-047")
def test_the_same_call_has_the_same_cards(client):
    message = request(prefetch=data(headache(), nsaid_days(4), thunderclap(), pain_score(20)))
    summaries = {
        masked(json.dumps([{**card, "suggestions": []} for card in call(client, message).json["cards"]]))
        for _ in range(20)
    }

    assert 1 == len(summaries)


@pytest.mark.requirement("CH-092")
def test_the_most_urgent_card_comes_first(client):
    found = cards(client, headache(), nsaid_days(4), thunderclap(), pain_score(5))

    assert ["critical", "warning", "info"] == [card["indicator"] for card in found]


@pytest.mark.requirement("CH-111")
def test_cards_of_one_group_become_one(client):
    [card] = cards(client, headache(), thunderclap(), stiff_neck())

    assert (["P-02.card@1.2.0", "P-03.card@1.2.0"], "critical") == (rules([card])[0], card["indicator"])
    assert "**Also**\n\n- T1: Headache with a stiff neck" in card["detail"]
    assert card["detail"].endswith("P-02.card@1.2.0, P-03.card@1.2.0")
    assert "P-02" == card["source"]["topic"]["code"]


def test_of_two_suggestions_of_one_thing_the_more_urgent_stays(client):
    [card] = cards(client, headache(), thunderclap(), stiff_neck())

    assert [("Refer to neurology at once", "stat", True)] == [
        (one["label"], one["actions"][0]["resource"]["priority"], one["isRecommended"]) for one in card["suggestions"]
    ]


@pytest.mark.parametrize(
    ("score", "shown", "dropped"),
    [(4, 0, 0), (5, 1, 0), (30, 6, 0), (35, 6, 1)],
)
def test_there_are_at_most_six_cards_and_the_last_names_the_others(client, score, shown, dropped):
    found = cards(client, pain_score(score))

    assert shown == len(found)
    named = ["Pain score of 35 or more (P-17.card@1.2.0)" in card["detail"] for card in found]
    assert [False] * (shown - 1) + [bool(dropped)] * (shown > 0) == named


@pytest.mark.requirement("CH-100")
def test_a_card_that_warns_offers_reasons_not_to_follow_it(client):
    [warning] = cards(client, headache(), nsaid_days(4))
    [info] = cards(client, pain_score(5))

    assert (12, "overrideReasons" in info) == (len(warning["overrideReasons"]), False)


ORDERS = {**USUAL, "draftOrders": bundle(ibuprofen("one", note=[{"text": "n"}], x_unknown=5), ibuprofen("two"))}


def about_orders(client, context=ORDERS, hook="order-sign"):
    return [
        card
        for card in cards(client, headache(), nsaid_days(4), hook=hook, context=context)
        if "P-04" in rules([card])[0][0]
    ]


@pytest.mark.requirement("CH-119", "CH-120", "CH-121", "CH-193")
def test_an_order_may_be_changed_or_cancelled(client):
    [one, _] = about_orders(client)

    [change, cancel] = one["suggestions"]
    before = ORDERS["draftOrders"]["entry"][0]["resource"]
    after = change["actions"][0]["resource"]
    assert {**before, "note": after["note"]} == after
    assert after["note"][0]["text"].startswith("Pain relievers are used often")
    assert {"type": "delete", "description": "Cancel the order", "resourceId": "MedicationRequest/one"} == cancel[
        "actions"
    ][0]
    assert "Ibuprofen 600 MG Oral Tablet is ordered although pain relievers are used on 4 days a week" == one["summary"]


@pytest.mark.requirement("CH-119")
def test_decimals_of_an_order_keep_their_digits(client):
    text = json.dumps(request(ORDERS, data(headache(), nsaid_days(4)), "order-sign"))
    sent = text.replace('"x_unknown": 5', '"x_unknown": 5.00')

    response = client.post("/cds-services/pain", data=sent, content_type="application/json")

    assert b'"x_unknown":5.00' in response.data


@pytest.mark.requirement("CH-192")
def test_only_selected_orders_are_advised_on(client):
    context = {**ORDERS, "selections": ["MedicationRequest/two"]}

    [card] = about_orders(client, context, "order-select")

    assert "MedicationRequest/two" == card["suggestions"][1]["actions"][0]["resourceId"]


@pytest.mark.requirement("CH-120")
def test_an_order_without_an_id_cannot_be_changed_and_that_is_said(client):
    order = {key: value for key, value in ibuprofen().items() if key != "id"}

    [card] = about_orders(client, {**USUAL, "draftOrders": bundle(order)})

    assert "suggestions" not in card
    assert "**Not offered**" in card["detail"]


@pytest.mark.requirement("CH-193", "CH-058", "CH-057")
@pytest.mark.parametrize(
    "order",
    [
        ibuprofen(intent=None),
        ibuprofen(dosageInstruction="1-0-1"),
        ibuprofen(dosageInstruction=[{"doseAndRate": {"x": 1}}]),
        ibuprofen(medicationCodeableConcept="ibuprofen"),
        ibuprofen(status="active"),
        {"resourceType": "MedicationOrder", "id": "x"},
        {"resourceType": "NutritionOrder", "id": "x"},
        {"resourceType": "Unheard-of"},
    ],
)
@pytest.mark.parametrize("hook", ["order-sign", "order-select"])
def test_an_order_need_not_be_valid_fhir(client, order, hook):
    context = {**USUAL, "draftOrders": bundle(order), "selections": ["MedicationRequest/order-1"]}

    assert 200 == call(client, request(context, data(headache(), nsaid_days(4)), hook)).status_code


@pytest.mark.requirement("CH-202")
def test_a_problem_just_recorded_is_left_alone(client):
    context = {**USUAL, "conditions": bundle(headache())}

    found = cards(client, headache(), nsaid_days(4), hook="problem-list-item-create", context=context)

    assert {"create"} == {action["type"] for card in found for one in card["suggestions"] for action in one["actions"]}


@pytest.mark.requirement("CH-095")
@pytest.mark.parametrize(
    "attack", ["<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "https://evil.example", "\u202egnihton"]
)
def test_a_name_in_the_record_does_nothing_on_the_card(client, attack):
    [card] = cards(client, condition("36349006", attack, "burning"))

    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(card["detail"])
    kinds = {child.type for token in tokens for child in token.children or ()} | {token.type for token in tokens}
    assert set() == kinds & {"html_inline", "html_block", "image", "link_open"}
    assert "\u202e" not in card["detail"] + card["summary"]


@pytest.mark.requirement("CH-067", "CH-068")
@pytest.mark.parametrize(
    "prefetch",
    [
        None,
        {},
        {"unknown": patient()},
        {"patient": "x", "conditions": 7},
        {"patient": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "security"}]}},
    ],
)
def test_without_any_data_there_is_no_answer(client, prefetch):
    response = call(client, request(prefetch=prefetch))

    assert (412, "required") == (response.status_code, response.json["issue"][0]["code"])
    assert any("conditions" in issue["diagnostics"] for issue in response.json["issue"])


@pytest.mark.requirement("CH-069", "CH-064")
@pytest.mark.parametrize("empty", [None, bundle(), {"resourceType": "Bundle", "type": "searchset"}])
def test_known_to_be_empty_is_data(client, empty):
    prefetch = dict.fromkeys(data(), empty) | {"patient": patient()}

    assert (200, []) == ((response := call(client, request(prefetch=prefetch))).status_code, response.json["cards"])


@pytest.mark.requirement("CH-062", "CH-065", "CH-068", "CH-070", "CH-038")
@pytest.mark.parametrize("conditions", [..., {"resourceType": "OperationOutcome"}, "x", patient()])
def test_what_could_not_be_checked_is_said(client, conditions):
    prefetch = data(nsaid_days(4))
    if conditions is ...:
        del prefetch["conditions"]
    else:
        prefetch["conditions"] = conditions

    [card] = call(client, request(prefetch=prefetch)).json["cards"]

    indicator = "info" if conditions is ... else "warning"  # the habit of a client, or an emergency nobody could see
    assert (indicator, "data-not-supplied") == (card["indicator"], card["source"]["topic"]["code"])
    assert card["summary"].startswith("Not all data were supplied: ")
    assert "- Thunderclap headache" in card["detail"]


@pytest.mark.requirement("CH-066")
def test_more_pages_that_were_not_sent_are_data_that_is_missing(client):
    prefetch = data(nsaid_days(4))
    prefetch["conditions"] = bundle(link=[{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}])

    [card] = call(client, request(prefetch=prefetch)).json["cards"]

    assert "data-not-supplied" == card["source"]["topic"]["code"]


def test_nothing_is_shown_about_a_patient_who_has_died(client):
    assert [] == cards(client, headache(), nsaid_days(4), thunderclap(), patient(deceasedBoolean=True))
    assert [] == call(client, request(prefetch={"patient": patient(deceasedDateTime="2026-01-01")})).json["cards"]


def test_the_data_of_another_patient_are_not_used(client):
    other = thunderclap(subject={"reference": "Patient/2"})

    assert [["P-01.card@1.2.0"]] == rules(cards(client, headache(), other, nsaid_days(4)))


def test_data_that_are_all_of_another_patient_are_no_data(client):
    [card] = cards(client, headache(subject={"reference": "Patient/2"}), nsaid_days(4))

    assert "- Problems and diagnoses: what was sent is not about this patient" in card["detail"]


@pytest.mark.requirement("CH-056")
def test_the_patient_may_be_named_by_reference(client):
    context = {**USUAL, "patientId": "Patient/1"}

    assert [["P-01.card@1.2.0"]] == rules(cards(client, headache(), nsaid_days(4), context=context))


@pytest.mark.requirement("CH-025", "CH-044")
def test_a_hook_at_which_the_service_is_not_offered_is_refused(client):
    response = call(client, request(prefetch=data()), "order-only")

    assert (400, "hook: this service is offered at order-sign") == (
        response.status_code,
        response.json["issue"][0]["diagnostics"],
    )


@pytest.mark.requirement("CH-005", "CH-006", "CH-007", "CH-086")
def test_nothing_in_a_response_is_null_or_empty(client):
    response = call(client, request(prefetch=data(headache(), nsaid_days(4), thunderclap(), pain_score(35))))

    assert ["cards"] == list(response.json)
    assert [] == [value for value in everything(response.json) if value in (None, "", [], {})]


@pytest.mark.requirement("CH-060", "CH-078", "CH-089")
def test_the_log_holds_nothing_about_the_patient(client, capsys, caplog):
    caplog.set_level(logging.DEBUG)
    person = patient(name=[{"family": "Geheimrat"}])
    message = request(
        {**USUAL, "patientId": "1", "draftOrders": "Geheimrat"},
        data(person, headache(note=[{"text": "Geheimrat"}]), nsaid_days(4)),
        fhirServer="https://ehr.example.org",
        fhirAuthorization={"access_token": "Geheimrat"},
        extension={"com.example": "Geheimrat"},
    )
    responses = [
        call(client, message),
        call(client, message | {"prefetch": {"x": "Geheimrat"}}),
        call(client, message | {"context": {"patientId": "Geheim rat"}}),
        call(client, message | {"hook": "Geheimrat"}),
    ]

    assert [200, 412, 400, 400] == [response.status_code for response in responses]
    assert not any(b"Geheim" in response.data for response in responses)
    assert "Geheim" not in "".join((*capsys.readouterr(), caplog.text))
