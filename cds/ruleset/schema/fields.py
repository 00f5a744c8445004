"""What the keys of a file may hold, with the messages an author reads when they do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, TypeAlias

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates_schema

from cds.ruleset.amounts import quiet_days
from cds.ruleset.names import listed, suggestion

Judge: TypeAlias = Callable[[Any], None]
"""Raises ``ValidationError`` when a value is not what it has to be."""

_ANSWERS: dict[str, str | list[Any] | dict[Any, Any]] = {"required": "is missing", "null": "is empty"}


def key(judge: Judge, *, required: bool = True) -> fields.Field[Any]:
    """A key of a mapping. The values stay as they are: they know their lines."""
    return fields.Raw(required=required, validate=judge, error_messages=_ANSWERS)


def text(*, required: bool = True) -> fields.Field[Any]:
    return key(is_text, required=required)


class Shape(Schema):
    """Keys it does not know are refused, with what was probably meant."""

    what: ClassVar[str]
    open: ClassVar[bool] = False  # further keys are judged elsewhere
    error_messages = {"type": "must be a mapping"}  # noqa: RUF012 - declared so by marshmallow

    class Meta:
        unknown = EXCLUDE

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def refuse_unknown(self, _: object, original: object, **_context: object) -> None:
        strangers = original.keys() - self.fields.keys() if isinstance(original, Mapping) and not self.open else None
        if strangers:
            raise ValidationError({name: [self._stranger(name)] for name in strangers})

    def _stranger(self, name: str) -> str:
        return f"is not a key of {self.what}{suggestion(name, self.fields)}"


def is_text(value: Any) -> None:
    if isinstance(value, bool | int | float):
        raise ValidationError(f"must be a text; put it in quotes if {str(value).lower()} is a text")
    if not isinstance(value, str) or not value.strip():
        raise ValidationError("must be a text")


def like(pattern: str, words: str) -> Judge:
    """A text of a certain form; the words say which."""

    def judge(value: Any) -> None:
        is_text(value)
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ValidationError(f'must be {words}, not "{value}"')

    return judge


def choice(*choices: str) -> Judge:
    def judge(value: Any) -> None:
        if value not in choices:
            right = suggestion(str(value), choices) or f"; it is {listed(choices)}"
            raise ValidationError(f'cannot be "{value}"{right}')

    return judge


def is_day(value: Any) -> None:
    try:
        date.fromisoformat(str(value))
    except ValueError as error:
        raise ValidationError(f'must be a date such as 2026-11-21, not "{value}"') from error


def is_whole(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError("must be a whole number")


def is_some(value: Any) -> None:
    is_whole(value)
    if value < 1:
        raise ValidationError("must be 1 or more")


def is_flag(value: Any) -> None:
    if not isinstance(value, bool):
        raise ValidationError("must be true or false")


def is_quiet(value: Any) -> None:
    is_text(value)
    if quiet_days(value) is None:
        raise ValidationError(f'must be a number of days such as 28 days, or none, not "{value}"')


def is_mapping(value: Any) -> None:
    if not isinstance(value, Mapping):
        raise ValidationError("must be a mapping")


def anything(_: Any) -> None:
    """What is judged elsewhere."""


def shaped(shape: type[Shape]) -> Judge:
    schema = shape()

    def judge(value: Any) -> None:
        _raise(schema.validate(value))

    return judge


def several(one: Judge, *, empty: bool = False) -> Judge:
    """A list of things."""

    def judge(value: Any) -> None:
        if not isinstance(value, list):
            raise ValidationError("must be a list")
        if not value and not empty:
            raise ValidationError("is an empty list")
        _raise(_wrong(enumerate(value), one))

    return judge


def named(one: Judge, *, by: Judge = is_text) -> Judge:
    """A mapping from names to things."""

    def judge(value: Any) -> None:
        is_mapping(value)
        _raise(_wrong(((name, name) for name in value), by) | _wrong(value.items(), one))

    return judge


def one_or_several(one: Judge) -> Judge:
    many = several(one)
    return lambda value: (many if isinstance(value, list) else one)(value)


def told_apart(mark: str, marked: Judge, unmarked: Judge) -> Judge:
    """A thing of one of two shapes: the first when it has the key ``mark``."""
    return lambda value: (marked if isinstance(value, Mapping) and mark in value else unmarked)(value)


def _wrong(things: Iterable[tuple[Any, Any]], judge: Judge) -> dict[str | int | None, Any]:
    """The messages about those that are wrong, by name or index."""
    found: dict[str | int | None, Any] = {}
    for place, thing in things:
        try:
            judge(thing)
        except ValidationError as error:
            found[place] = error.messages
    return found


def _raise(messages: Mapping[Any, Any]) -> None:
    if messages:
        raise ValidationError(dict(messages))
