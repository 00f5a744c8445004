"""The messages of CDS Hooks as schemas: the envelope of a request, and every card before it goes out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate, validates_schema

from cds.errors import InvalidCard, RequestError
from cds.hooks.contexts import REFERENCE

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URL = re.compile(r"https?://[^\s\"<>]+")
_SOME = validate.Length(min=1)
_REQUIRED: dict[str, Any] = {"required": "is required", "null": "is required"}
_OBJECT: dict[str, Any] = {"invalid": "must be an object"}


def _text(*, required: bool = True, **checks: Any) -> fields.String:
    messages = {"invalid": "must be a text", **_REQUIRED}
    return fields.String(required=required, error_messages=messages, validate=checks.get("validate", _SOME))


def _one_of(*choices: str) -> fields.String:
    return _text(validate=validate.OneOf(choices))


def _uuid(text: str) -> None:
    if not _UUID.fullmatch(text):
        raise ValidationError("must be a UUID")


def _not_empty(text: str) -> None:
    if not text.strip():
        raise ValidationError("must not be empty")


def _absolute(text: str) -> None:
    if not _URL.fullmatch(text):
        raise ValidationError("must be an absolute http or https URL")


def _reasons(reasons: Any) -> None:
    """Codings with all three members. By hand: as a nested schema the usual twelve took longer than all else."""
    names = {"system", "code", "display"}
    if not reasons or not all(reason.keys() == names and all(reason.values()) for reason in reasons):
        raise ValidationError("must be codings with system, code and display")


class RequestSchema(Schema):
    """What a client sends besides the prefetch. Members not known to CDS Hooks, or not yet, are ignored."""

    class Meta:
        unknown = EXCLUDE

    hook = _text(validate=_not_empty)
    hookInstance = _text(validate=_uuid)  # noqa: N815
    context = fields.Dict(required=True, error_messages={**_OBJECT, **_REQUIRED})
    fhirServer = _text(required=False, validate=_absolute)  # noqa: N815
    fhirAuthorization = fields.Dict(error_messages=_OBJECT)  # noqa: N815
    extension = fields.Dict(error_messages=_OBJECT)

    @validates_schema
    def _authorized_for_something(self, members: Mapping[str, Any], **_: Any) -> None:
        if "fhirAuthorization" in members and "fhirServer" not in members:
            raise ValidationError("is required with fhirAuthorization", "fhirServer")


_REQUEST = RequestSchema()
_OPTIONAL = ("fhirServer", "fhirAuthorization", "extension")


def request_members(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """The members that CDS Hooks knows. Raises ``RequestError`` naming the first that is wrong.

    Optional members that are null or empty, as real clients send them, count as absent.
    """
    given = {
        name: value for name, value in envelope.items() if name not in _OPTIONAL or value not in (None, "", {}, [])
    }
    try:
        members: dict[str, Any] = _REQUEST.load(given)
    except ValidationError as error:
        raise RequestError(next(_lines(error.messages))) from error
    return members


class _Outgoing(Schema):
    """Nothing outside the specification goes out."""

    class Meta:
        unknown = RAISE

    extension = fields.Dict(keys=fields.String(validate=validate.Regexp(r"[^.]+\..+")), validate=_SOME)


class TopicSchema(_Outgoing):
    system = _text()
    code = _text()
    display = _text(required=False)


class SourceSchema(_Outgoing):
    label = _text()
    url = _text(required=False, validate=_absolute)
    topic = fields.Nested(TopicSchema)


class ActionSchema(_Outgoing):
    type = _one_of("create", "update", "delete")
    description = _text()
    resource = fields.Dict()
    resourceId = _text(required=False, validate=validate.Regexp(rf"{REFERENCE.pattern}\Z"))  # noqa: N815

    @validates_schema
    def _about_one_resource(self, action: Mapping[str, Any], **_: Any) -> None:
        expected = "resourceId" if action["type"] == "delete" else "resource"
        if {"resource", "resourceId"} & action.keys() != {expected}:
            raise ValidationError(f"must be there, and alone, with type {action['type']}", expected)
        if expected == "resource" and not isinstance(action["resource"].get("resourceType"), str):
            raise ValidationError("must be a FHIR resource", expected)


class SuggestionSchema(_Outgoing):
    label = _text()
    uuid = _text(validate=_uuid)
    isRecommended = fields.Boolean(truthy={True}, falsy={False})  # noqa: N815
    actions = fields.List(fields.Nested(ActionSchema), validate=_SOME)


class LinkSchema(_Outgoing):
    label = _text()
    url = _text(validate=_absolute)
    type = _one_of("absolute", "smart")
    appContext = _text(required=False)  # noqa: N815

    @validates_schema
    def _context_for_an_app(self, link: Mapping[str, Any], **_: Any) -> None:
        if "appContext" in link and link["type"] != "smart":
            raise ValidationError("goes with smart links only", "appContext")


class CardSchema(_Outgoing):
    uuid = _text(validate=_uuid)
    summary = _text(validate=validate.And(validate.Length(min=1, max=139), validate.ContainsNoneOf("\n\r")))
    detail = _text(required=False)
    indicator = _one_of("info", "warning", "critical")
    source = fields.Nested(SourceSchema, required=True)
    suggestions = fields.List(fields.Nested(SuggestionSchema), validate=_SOME)
    selectionBehavior = fields.String(validate=validate.OneOf(("at-most-one", "any")))  # noqa: N815
    overrideReasons = fields.Raw(validate=_reasons)  # noqa: N815
    links = fields.List(fields.Nested(LinkSchema), validate=_SOME)

    @validates_schema
    def _choice_between_suggestions(self, card: Mapping[str, Any], **_: Any) -> None:
        if ("suggestions" in card) != ("selectionBehavior" in card):
            raise ValidationError("goes with suggestions, and they with it", "selectionBehavior")
        recommended = sum(one.get("isRecommended", False) for one in card.get("suggestions", ()))
        if recommended > 1 and card["selectionBehavior"] != "any":
            raise ValidationError("only one suggestion may be recommended", "suggestions")


class ResponseSchema(_Outgoing):
    cards = fields.List(fields.Nested(CardSchema), required=True)


_RESPONSE = ResponseSchema()


def check_response(response: Mapping[str, Any]) -> None:
    """Raises ``InvalidCard`` naming what is wrong, without its value: nothing that breaks the protocol is sent."""
    if wrong := _RESPONSE.validate(response):
        raise InvalidCard("; ".join(_lines(wrong)))


def _lines(messages: Any, place: str = "") -> Iterator[str]:
    """Marshmallow nests its messages like the message they are about."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            here = f"[{name}]" if isinstance(name, int) else f".{name}" if place else str(name)
            yield from _lines(inner, place if name == "_schema" else place + here)
    else:
        yield from (f"{place} {message}" for message in messages)
