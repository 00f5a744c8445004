"""What a client sends to tell what became of cards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate, validates_schema

from cds.errors import RequestError
from cds.hooks.schema.fields import REQUIRED, is_not_empty, lines

MOST = 1_000
"""Entries in one message."""

MOST_SUGGESTIONS = 50
"""That one entry may say were accepted; a card has a handful."""

MOST_TOLD = 20
"""Faults of one message that are named; a client that writes one entry wrong writes all of them so."""

_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:)([0-5]\d|60)(\.\d{1,6})?\d*(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII | re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LONGEST = 1_000  # characters of a code or an id


def is_line(text: str) -> None:
    """Codes and ids are one line of text; a database may not even bear the other characters."""
    is_not_empty(text)
    if _CONTROL.search(text) or len(text) > LONGEST:
        raise ValidationError(f"must be one line of at most {LONGEST} characters")


def _plain(*, required: bool = False) -> fields.String:
    return fields.String(required=required, error_messages={"invalid": "must be a text", **REQUIRED}, validate=is_line)


class _Moment(fields.Field[datetime]):
    """RFC 3339, section 5.6. Another offset than Z is converted."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        match = _RFC_3339.fullmatch(value) if isinstance(value, str) else None
        if not match:
            raise ValidationError("must be a date-time such as 2026-11-21T10:05:31Z")
        day, time, second, fraction, offset = match.groups("")
        leapless = min(second, "59")  # a leap second is taken for the one before it
        try:
            return datetime.fromisoformat(f"{day}T{time}{leapless}{fraction}{offset.upper()}").astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValidationError("is not a day of the calendar") from error


class Listed(fields.List[Any]):
    """A list that is too long is not looked at: judging each of its members takes longer than reading them all."""

    def __init__(self, members: type[Schema], *, most: int, **options: Any) -> None:
        super().__init__(fields.Nested(members), **options)
        self.most = most

    def _deserialize(self, value: Any, *context: Any, **options: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(f"must have at most {self.most} entries")
        return super()._deserialize(value, *context, **options)


class _Lenient(Schema):
    """Members that are null or empty count as absent; others than those of the specification are ignored."""

    class Meta:
        unknown = EXCLUDE

    error_messages = {"type": "must be an object"}  # noqa: RUF012 - declared so by marshmallow

    @pre_load
    def _without_nothing(self, given: Any, **_: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in given.items() if value not in (None, "", {}, [])}


class ReasonSchema(_Lenient):
    code = _plain(required=True)
    system = _plain()
    display = _plain()


class OverrideSchema(_Lenient):
    reason = fields.Nested(ReasonSchema)
    userComment = fields.String(error_messages={"invalid": "must be a text"})  # noqa: N815


class SuggestionSchema(_Lenient):
    id = _plain(required=True)


class EntrySchema(_Lenient):
    card = _plain(required=True)
    outcome = fields.String(
        required=True,
        error_messages={"invalid": "must be a text", **REQUIRED},
        validate=validate.OneOf(("accepted", "overridden"), error="must be accepted or overridden"),
    )
    acceptedSuggestions = Listed(  # noqa: N815
        SuggestionSchema, most=MOST_SUGGESTIONS, error_messages={"invalid": "must be an array"}
    )
    overrideReason = fields.Nested(OverrideSchema)  # noqa: N815
    outcomeTimestamp = _Moment(required=True, error_messages=REQUIRED)  # noqa: N815

    @validates_schema
    def _accepted_what(self, entry: Mapping[str, Any], **_: Any) -> None:
        if entry["outcome"] == "accepted" and "acceptedSuggestions" not in entry:
            raise ValidationError("is required with outcome accepted", "acceptedSuggestions")


class FeedbackSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    feedback = Listed(EntrySchema, most=MOST, required=True, error_messages={"invalid": "must be an array", **REQUIRED})


_FEEDBACK = FeedbackSchema()


def feedback_entries(members: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries, all or none. Raises ``RequestError`` naming the first faults, without their values."""
    try:
        entries: list[dict[str, Any]] = _FEEDBACK.load(members)["feedback"]
    except ValidationError as error:
        raise RequestError(*islice(lines(error.messages), MOST_TOLD)) from error
    return entries
