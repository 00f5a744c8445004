"""What is wrong with a response, by the letter of CDS Hooks 2.0.1: made from its text, not from the service."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias
from uuid import UUID

Check: TypeAlias = Callable[[str, Any], Iterator[str]]
Members: TypeAlias = Mapping[str, tuple[bool, Check]]  # whether a member is required, and what it has to be

_FHIR_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]+")


def faults(response: Any) -> list[str]:
    """Each with its place; none for a response as it should be."""
    return [*_hollow("", response, root=True), *_object(RESPONSE, _unique)("", response)]


def _hollow(place: str, value: Any, root: bool = False) -> Iterator[str]:
    """Nothing is null and nothing is empty, but for `cards` itself."""
    if value in (None, "", [], {}) or (isinstance(value, str) and not value.strip()):
        yield f"{place}: null or empty"
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for name, each in inner:
        if not (root and name == "cards" and each == []):
            yield from _hollow(f"{place}.{name}", each)


def _text(place: str, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{place}: no text"


def _summary(place: str, value: Any) -> Iterator[str]:
    yield from _text(place, value)
    if len(str(value)) >= 140 or "\n" in str(value):
        yield f"{place}: not one sentence of fewer than 140 characters"


def _flag(place: str, value: Any) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{place}: neither true nor false"


def _uuid(place: str, value: Any) -> Iterator[str]:
    yield from _text(place, value)
    try:
        right = str(UUID(value)) == value
    except (ValueError, AttributeError):
        right = False
    if not right:
        yield f"{place}: no UUID"


def _url(place: str, value: Any) -> Iterator[str]:
    if not re.fullmatch(r"https?://[^\s/]+\S*", str(value)):
        yield f"{place}: no absolute URL"


def _reference(place: str, value: Any) -> Iterator[str]:
    if not _FHIR_REFERENCE.fullmatch(str(value)):
        yield f"{place}: no relative reference"


def _resource(place: str, value: Any) -> Iterator[str]:
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        yield f"{place}: no FHIR resource"


def _extension(place: str, value: Any) -> Iterator[str]:
    if not isinstance(value, dict) or not all("." in name for name in value):
        yield f"{place}: no object with names that are unique in the world"


def _one_of(*values: str) -> Check:
    def check(place: str, value: Any) -> Iterator[str]:
        if value not in values:
            yield f"{place}: none of {', '.join(values)}"

    return check


def _list_of(each: Check) -> Check:
    def check(place: str, value: Any) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{place}: no array"
            return
        for index, one in enumerate(value):
            yield from each(f"{place}[{index}]", one)

    return check


def _object(members: Members, *together: Check) -> Check:
    """With these members and no others. ``together``: what they have to be to each other."""

    def check(place: str, value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{place}: no object"
            return
        yield from (f"{place}.{name}: unheard of" for name in value.keys() - members.keys())
        for name, (required, right) in members.items():
            if name in value:
                yield from right(f"{place}.{name}", value[name])
            elif required:
                yield f"{place}.{name}: missing"
        for rule in together:
            yield from rule(place, value)

    return check


def _one_subject(place: str, action: Mapping[str, Any]) -> Iterator[str]:
    """What is deleted is named, all else is there whole; what is changed has an id."""
    named = {"resource", "resourceId"} & action.keys()
    if named != {"resourceId" if action.get("type") == "delete" else "resource"}:
        yield f"{place}: a {action.get('type')} with {sorted(named)}"
    if action.get("type") == "update" and not action.get("resource", {}).get("id"):
        yield f"{place}: changes a resource without id"


def _context_for_smart(place: str, link: Mapping[str, Any]) -> Iterator[str]:
    if "appContext" in link and link.get("type") != "smart":
        yield f"{place}: appContext on a link that is not smart"


def _choice(place: str, card: Mapping[str, Any]) -> Iterator[str]:
    offered = card.get("suggestions", [])
    if bool(offered) != ("selectionBehavior" in card):
        yield f"{place}: suggestions and selectionBehavior go together"
    if sum(one.get("isRecommended") is True for one in offered) > 1 and card.get("selectionBehavior") != "any":
        yield f"{place}: several are recommended and one may be chosen"


def _unique(place: str, response: Mapping[str, Any]) -> Iterator[str]:
    cards = response.get("cards") or []
    given = [one.get("uuid") for card in cards for one in (card, *card.get("suggestions", []))]
    if len(set(given)) < len(given):
        yield f"{place}: a uuid twice"


_ANY = (False, _extension)
CODING: Members = {"system": (True, _text), "code": (True, _text), "display": (False, _text)}
REASON: Members = {**CODING, "display": (True, _text)}
ACTION: Members = {
    "type": (True, _one_of("create", "update", "delete")),
    "description": (True, _text),
    "resource": (False, _resource),
    "resourceId": (False, _reference),
    "extension": _ANY,
}
SUGGESTION: Members = {
    "label": (True, _text),
    "uuid": (True, _uuid),  # optional, but without it nobody can say that it was accepted
    "isRecommended": (False, _flag),
    "actions": (False, _list_of(_object(ACTION, _one_subject))),
    "extension": _ANY,
}
LINK: Members = {
    "label": (True, _text),
    "url": (True, _url),
    "type": (True, _one_of("absolute", "smart")),
    "appContext": (False, _text),
    "extension": _ANY,
}
SOURCE: Members = {
    "label": (True, _text),
    "url": (False, _url),
    "icon": (False, _url),
    "topic": (False, _object(CODING)),
    "extension": _ANY,
}
CARD: Members = {
    "uuid": (True, _uuid),  # as in a suggestion
    "summary": (True, _summary),
    "detail": (False, _text),
    "indicator": (True, _one_of("info", "warning", "critical")),
    "source": (True, _object(SOURCE)),
    "suggestions": (False, _list_of(_object(SUGGESTION))),
    "selectionBehavior": (False, _one_of("at-most-one", "any")),
    "overrideReasons": (False, _list_of(_object(REASON))),
    "links": (False, _list_of(_object(LINK, _context_for_smart))),
    "extension": _ANY,
}
RESPONSE: Members = {
    "cards": (True, _list_of(_object(CARD, _choice))),
    "systemActions": (False, _list_of(_object(ACTION, _one_subject))),
    "extension": _ANY,
}
