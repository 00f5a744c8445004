"""What is accepted as an envelope, and what may go out as a card."""

import copy
import uuid

import pytest

from cds.errors import InvalidCard, RequestError
from cds.hooks.overrides import POINT_OF_CARE, SYSTEM
from cds.hooks.schema import check_response, request_members
from tests.hooks.messages import request


@pytest.mark.requirement("CH-044", "CH-045", "CH-049", "CH-050", "CH-048")
@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"hook": None}, "hook is required"),
        ({"hook": ""}, "hook must not be empty"),
        ({"hook": 7}, "hook must be a text"),
        ({"hookInstance": None}, "hookInstance is required"),
        ({"hookInstance": "abc"}, "hookInstance must be a UUID"),
        ({"hookInstance": f"urn:uuid:{uuid.uuid4()}"}, "hookInstance must be a UUID"),
        ({"hookInstance": uuid.uuid4().hex}, "hookInstance must be a UUID"),
        ({"context": None}, "context is required"),
        ({"context": []}, "context must be an object"),
        ({"context": "x"}, "context must be an object"),
        ({"fhirAuthorization": "x"}, "fhirAuthorization must be an object"),
        ({"fhirAuthorization": {"access_token": "x"}}, "fhirServer is required with fhirAuthorization"),
        ({"fhirServer": 7}, "fhirServer must be a text"),
        ({"extension": [1]}, "extension must be an object"),
    ],
)
def test_a_wrong_member_is_named(members, message):
    with pytest.raises(RequestError) as caught:
        request_members(request() | members)

    assert message == str(caught.value)


@pytest.mark.requirement("CH-044", "CH-045", "CH-050")
def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(RequestError) as caught:
        request_members({"hook": "patient-view", "extension": [1]})

    assert {"hookInstance is required", "context is required", "extension must be an object"} == set(
        caught.value.diagnostics
    )


@pytest.mark.requirement("CH-044", "CH-045", "CH-050")
@pytest.mark.parametrize("name", ["hook", "hookInstance", "context"])
def test_a_missing_member_is_named(name):
    without = {key: value for key, value in request().items() if key != name}

    with pytest.raises(RequestError, match=f"^{name} is required$"):
        request_members(without)


@pytest.mark.requirement("CH-008", "CH-009", "CH-048", "CH-052", "CH-184", "CH-045", "CH-182")
@pytest.mark.parametrize(
    "members",
    [
        {"fhirAuthorization": None},
        {"fhirServer": "", "extension": {}},
        {"fhirServer": "https://ehr.example.org/fhir/"},
        {"fhirServer": "https://ehr.example.org/fhir", "fhirAuthorization": {"access_token": "x"}},
        {"x": 1, "extension": {"com.example.x": [1, {"y": None}]}},
        {"hookInstance": str(uuid.uuid4()).upper()},
    ],
)
def test_what_is_optional_may_be_missing_empty_or_more(members):
    assert "patient-view" == request_members(request() | members)["hook"]


ACTION = {"type": "create", "description": "Refer", "resource": {"resourceType": "Task"}}
SUGGESTION = {"label": "Refer", "uuid": str(uuid.uuid4()), "actions": [ACTION]}
CARD = {
    "uuid": str(uuid.uuid4()),
    "summary": "x",
    "indicator": "info",
    "source": {"label": "ICHD-3"},
}
REASON = {"system": "https://x", "code": "y", "display": "z"}
FULL = CARD | {
    "detail": "d",
    "source": {"label": "ICHD-3", "url": "https://ichd-3.org/", "topic": {"system": "https://x", "code": "y"}},
    "suggestions": [SUGGESTION],
    "selectionBehavior": "any",
    "overrideReasons": [REASON],
    "links": [{"label": "l", "url": "https://x.example/?a=b", "type": "smart", "appContext": "c"}],
    "extension": {"org.example.x": ["y"]},
}


@pytest.mark.parametrize(
    "card",
    [
        CARD,
        FULL,
        CARD | {"summary": "x" * 139},
        CARD | {"suggestions": [{**SUGGESTION, "isRecommended": True}], "selectionBehavior": "at-most-one"},
        CARD | {"suggestions": [{**SUGGESTION, "isRecommended": True}] * 2, "selectionBehavior": "any"},
    ],
)
def test_a_right_card_may_go_out(card):
    check_response({"cards": [card]})


@pytest.mark.requirement("CH-084", "CH-085")
def test_no_cards_are_an_answer():
    check_response({"cards": []})


def with_action(**members):
    return FULL | {"suggestions": [{**SUGGESTION, "actions": [{**ACTION, **members}]}]}


def without(card, *names):
    return {key: copy.deepcopy(value) for key, value in card.items() if key not in names}


DELETE = {"type": "delete", "description": "x"}
CARDS_IN_ERROR = {
    "CH-005": CARD | {"detail": None},
    "CH-006": CARD | {"detail": ""},
    "CH-093": CARD | {"uuid": "urn:uuid:1"},
    "CH-094": CARD | {"summary": "x" * 140},
    "CH-096": CARD | {"indicator": "hard-stop"},
    "CH-097": without(CARD, "source"),
    "CH-098": CARD | {"suggestions": []},
    "CH-099": without(FULL, "selectionBehavior"),
    "CH-100": CARD | {"overrideReasons": [without(REASON, "display")]},
    "CH-101": CARD | {"links": []},
    "CH-103": CARD | {"systemActions": [ACTION]},
    "CH-104": CARD | {"source": {"label": ""}},
    "CH-105": CARD | {"source": {"label": "x", "url": "/local"}},
    "CH-107": CARD | {"source": {"label": "x", "topic": [REASON]}},
    "CH-108": CARD | {"source": {"label": "x", "topic": {"code": "y"}}},
    "CH-109": FULL | {"suggestions": [without(SUGGESTION, "label")]},
    "CH-110": FULL | {"suggestions": [{**SUGGESTION, "uuid": ""}]},
    "CH-111": FULL | {"suggestions": [{**SUGGESTION, "isRecommended": True}] * 2, "selectionBehavior": "at-most-one"},
    "CH-112": FULL | {"suggestions": [{**SUGGESTION, "actions": []}]},
    "CH-115": FULL | {"suggestions": [{**SUGGESTION, "actionSelectionBehavior": "any"}]},
    "CH-116": with_action(type="CREATE"),
    "CH-117": with_action(description=""),
    "CH-118": with_action(resource={}),
    "CH-121": FULL | {"suggestions": [{**SUGGESTION, "actions": [{**DELETE, "resource": "Task/1"}]}]},
    "CH-122": with_action(resource='{"resourceType": "Task"}'),
    "CH-123": CARD | {"links": [{"url": "https://x", "type": "absolute"}]},
    "CH-124": CARD | {"links": [{"label": "x", "url": "javascript:alert(1)", "type": "absolute"}]},
    "CH-125": CARD | {"links": [{"label": "x", "url": "https://x", "type": "deep"}]},
    "CH-126": CARD | {"links": [{"label": "x", "url": "https://x", "type": "absolute", "appContext": "c"}]},
    "CH-127": CARD | {"links": [{"label": "x", "url": "https://x", "type": "smart", "autolaunchable": True}]},
    "CH-180": CARD | {"extension": ["x"]},
    "CH-181": CARD | {"extension": {"nodot": 1}},
}


@pytest.mark.parametrize(
    "card",
    [pytest.param(card, marks=pytest.mark.requirement(name), id=name) for name, card in CARDS_IN_ERROR.items()],
)
def test_a_card_that_breaks_a_requirement_does_not_go_out(card):
    with pytest.raises(InvalidCard):
        check_response({"cards": [card]})


@pytest.mark.parametrize(
    "card",
    [
        CARD | {"summary": ""},
        CARD | {"summary": "two\nlines"},
        CARD | {"selectionBehavior": "any"},
        CARD | {"extension": {}},
        with_action(resourceId="Task/1"),
        FULL | {"suggestions": [{**SUGGESTION, "actions": [{**DELETE, "resourceId": "Task"}]}]},
        FULL | {"suggestions": [{**SUGGESTION, "isRecommended": "yes"}]},
    ],
)
def test_nor_does_one_that_is_wrong_otherwise(card):
    with pytest.raises(InvalidCard):
        check_response({"cards": [card]})


@pytest.mark.requirement("CH-086", "CH-130")
@pytest.mark.parametrize("response", [{}, {"cards": None}, {"cards": [], "systemActions": []}, {"cards": {}}])
def test_a_response_has_cards_and_nothing_else(response):
    with pytest.raises(InvalidCard):
        check_response(response)


def test_the_error_names_the_place_and_not_the_value():
    with pytest.raises(InvalidCard) as caught:
        check_response({"cards": [CARD, CARD | {"indicator": "Geheim"}]})

    assert "cards[1].indicator" in str(caught.value)
    assert "Geheim" not in str(caught.value)


@pytest.mark.requirement("CH-100")
def test_the_usual_reasons_are_the_twelve_of_hl7():
    assert 12 == len({reason.code for reason in POINT_OF_CARE})
    assert all(reason.system == SYSTEM and reason.display for reason in POINT_OF_CARE)
