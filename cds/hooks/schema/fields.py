"""The fields that the messages of CDS Hooks share, and what is wrong with a message, place by place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
URL = re.compile(r"https?://[^\s\"<>]+")
SOME = validate.Length(min=1)
REQUIRED: dict[str, Any] = {"required": "is required", "null": "is required"}
OBJECT: dict[str, Any] = {"invalid": "must be an object"}


def text(*, required: bool = True, **checks: Any) -> fields.String:
    messages = {"invalid": "must be a text", **REQUIRED}
    return fields.String(required=required, error_messages=messages, validate=checks.get("validate", SOME))


def one_of(*choices: str) -> fields.String:
    return text(validate=validate.OneOf(choices))


def is_uuid(text: str) -> None:
    if not UUID.fullmatch(text):
        raise ValidationError("must be a UUID")


def is_not_empty(text: str) -> None:
    if not text.strip():
        raise ValidationError("must not be empty")


def is_absolute(text: str) -> None:
    if not URL.fullmatch(text):
        raise ValidationError("must be an absolute http or https URL")


def lines(messages: Any, place: str = "") -> Iterator[str]:
    """Marshmallow nests its messages like the message they are about."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            here = f"[{name}]" if isinstance(name, int) else f".{name}" if place else str(name)
            yield from lines(inner, place if name == "_schema" else place + here)
    else:
        yield from (f"{place} {message}" for message in messages)
