"""The checker of responses sees what it is there to see."""

import copy
from typing import Any

import pytest

from tests.ehr.checker import faults

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
CREATE = {"type": "create", "description": "Order it", "resource": {"resourceType": "ServiceRequest"}}
DELETE = {"type": "delete", "description": "Cancel it", "resourceId": "MedicationRequest/m1"}
RIGHT: dict[str, Any] = {
    "cards": [
        {
            "uuid": UUID,
            "summary": "x" * 139,
            "indicator": "warning",
            "source": {"label": "Us", "url": "https://example.org", "topic": {"system": "s", "code": "c"}},
            "suggestions": [{"label": "Do it", "uuid": OTHER, "isRecommended": True, "actions": [CREATE, DELETE]}],
            "selectionBehavior": "at-most-one",
            "overrideReasons": [{"system": "s", "code": "c", "display": "d"}],
            "links": [{"label": "App", "url": "https://example.org/app", "type": "smart", "appContext": "{}"}],
            "extension": {"org.example.x": ["1"]},
        }
    ],
    "systemActions": [{**CREATE, "type": "update", "resource": {"resourceType": "ServiceRequest", "id": "s1"}}],
}


@pytest.mark.parametrize("response", [RIGHT, {"cards": []}])
def test_a_response_as_it_should_be_has_no_faults(response):
    assert [] == faults(response)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("cards",), None),
        (("cards",), {}),
        (("systemActions",), []),
        (("systemActions", 0, "resource"), {"resourceType": "ServiceRequest"}),
        (("message",), "unheard of"),
        (("cards", 0, "uuid"), UUID.upper()),
        (("cards", 0, "uuid"), OTHER),
        (("cards", 0, "summary"), "x" * 140),
        (("cards", 0, "summary"), "one\ntwo"),
        (("cards", 0, "detail"), ""),
        (("cards", 0, "indicator"), "hard-stop"),
        (("cards", 0, "source"), "Us"),
        (("cards", 0, "source", "url"), "/relative"),
        (("cards", 0, "source", "topic"), [{"system": "s", "code": "c"}]),
        (("cards", 0, "source", "topic", "version"), "1"),
        (("cards", 0, "suggestions"), []),
        (("cards", 0, "suggestions", 0, "isRecommended"), "true"),
        (("cards", 0, "suggestions", 0, "actions"), []),
        (("cards", 0, "suggestions", 0, "actions", 0, "type"), "CREATE"),
        (("cards", 0, "suggestions", 0, "actions", 0, "resource"), "{}"),
        (("cards", 0, "suggestions", 0, "actions", 0, "description"), None),
        (("cards", 0, "suggestions", 0, "actions", 1, "resourceId"), "m1"),
        (("cards", 0, "suggestions", 0, "actions", 1, "resource"), {"resourceType": "MedicationRequest"}),
        (("cards", 0, "selectionBehavior"), "all"),
        (("cards", 0, "overrideReasons", 0, "display"), " "),
        (("cards", 0, "links", 0, "type"), "absolute"),
        (("cards", 0, "links", 0, "appContext"), {}),
        (("cards", 0, "extension"), [{"url": "x"}]),
        (("cards", 0, "extension", "x"), 1),
        (("cards", 0, "actionSelectionBehavior"), "any"),
    ],
)
def test_what_is_wrong_is_found(path, value):
    response = copy.deepcopy(RIGHT)
    place: Any = response
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value

    assert [] != faults(response)


@pytest.mark.parametrize(
    "path",
    [
        ("cards",),
        ("cards", 0, "uuid"),
        ("cards", 0, "summary"),
        ("cards", 0, "indicator"),
        ("cards", 0, "source"),
        ("cards", 0, "source", "label"),
        ("cards", 0, "source", "topic", "code"),
        ("cards", 0, "suggestions", 0, "label"),
        ("cards", 0, "suggestions", 0, "uuid"),
        ("cards", 0, "suggestions", 0, "actions", 0, "resource"),
        ("cards", 0, "suggestions", 0, "actions", 1, "resourceId"),
        ("cards", 0, "suggestions", 0, "actions", 1, "description"),
        ("cards", 0, "selectionBehavior"),
        ("cards", 0, "overrideReasons", 0, "display"),
        ("cards", 0, "links", 0, "type"),
    ],
)
def test_what_is_missing_is_found(path):
    response = copy.deepcopy(RIGHT)
    place: Any = response
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]

    assert [] != faults(response)
