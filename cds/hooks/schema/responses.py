"""What goes out with a response: every card is held against the specification before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from cds.errors import InvalidCard
from cds.hooks.contexts import REFERENCE
from cds.hooks.schema.fields import SOME, is_absolute, is_uuid, lines, one_of, text


def _reasons(reasons: Any) -> None:
    """Codings with all three members. By hand: as a nested schema the usual twelve took longer than all else."""
    names = {"system", "code", "display"}
    if not reasons or not all(reason.keys() == names and all(reason.values()) for reason in reasons):
        raise ValidationError("must be codings with system, code and display")


class _Outgoing(Schema):
    """Nothing outside the specification goes out."""

    class Meta:
        unknown = RAISE

    extension = fields.Dict(keys=fields.String(validate=validate.Regexp(r"[^.]+\..+")), validate=SOME)


class TopicSchema(_Outgoing):
    system = text()
    code = text()
    display = text(required=False)


class SourceSchema(_Outgoing):
    label = text()
    url = text(required=False, validate=is_absolute)
    topic = fields.Nested(TopicSchema)


class ActionSchema(_Outgoing):
    type = one_of("create", "update", "delete")
    description = text()
    resource = fields.Dict()
    resourceId = text(required=False, validate=validate.Regexp(rf"{REFERENCE.pattern}\Z"))  # noqa: N815

    @validates_schema
    def _about_one_resource(self, action: Mapping[str, Any], **_: Any) -> None:
        expected = "resourceId" if action["type"] == "delete" else "resource"
        if {"resource", "resourceId"} & action.keys() != {expected}:
            raise ValidationError(f"must be there, and alone, with type {action['type']}", expected)
        if expected == "resource" and not isinstance(action["resource"].get("resourceType"), str):
            raise ValidationError("must be a FHIR resource", expected)


class SystemActionSchema(ActionSchema):
    """Nothing is created or deleted without anybody being asked."""

    type = one_of("update")


class SuggestionSchema(_Outgoing):
    label = text()
    uuid = text(validate=is_uuid)
    isRecommended = fields.Boolean(truthy={True}, falsy={False})  # noqa: N815
    actions = fields.List(fields.Nested(ActionSchema), validate=SOME)


class LinkSchema(_Outgoing):
    label = text()
    url = text(validate=is_absolute)
    type = one_of("absolute", "smart")
    appContext = text(required=False)  # noqa: N815

    @validates_schema
    def _context_for_an_app(self, link: Mapping[str, Any], **_: Any) -> None:
        if "appContext" in link and link["type"] != "smart":
            raise ValidationError("goes with smart links only", "appContext")


class CardSchema(_Outgoing):
    uuid = text(validate=is_uuid)
    summary = text(validate=validate.And(validate.Length(min=1, max=139), validate.ContainsNoneOf("\n\r")))
    detail = text(required=False)
    indicator = one_of("info", "warning", "critical")
    source = fields.Nested(SourceSchema, required=True)
    suggestions = fields.List(fields.Nested(SuggestionSchema), validate=SOME)
    selectionBehavior = fields.String(validate=validate.OneOf(("at-most-one", "any")))  # noqa: N815
    overrideReasons = fields.Raw(validate=_reasons)  # noqa: N815
    links = fields.List(fields.Nested(LinkSchema), validate=SOME)

    @validates_schema
    def _choice_between_suggestions(self, card: Mapping[str, Any], **_: Any) -> None:
        if ("suggestions" in card) != ("selectionBehavior" in card):
            raise ValidationError("goes with suggestions, and they with it", "selectionBehavior")
        recommended = sum(one.get("isRecommended", False) for one in card.get("suggestions", ()))
        if recommended > 1 and card["selectionBehavior"] != "any":
            raise ValidationError("only one suggestion may be recommended", "suggestions")


class ResponseSchema(_Outgoing):
    cards = fields.List(fields.Nested(CardSchema), required=True)
    systemActions = fields.List(fields.Nested(SystemActionSchema), validate=SOME)  # noqa: N815


_RESPONSE = ResponseSchema()


def check_response(response: Mapping[str, Any]) -> None:
    """Raises ``InvalidCard`` naming what is wrong, without its value: nothing that breaks the protocol is sent."""
    if wrong := _RESPONSE.validate(response):
        raise InvalidCard("; ".join(lines(wrong)))
