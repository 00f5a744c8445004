"""The shape of a questionnaire, and of the lists of answers."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from cds.ruleset.schema.fields import (
    Shape,
    choice,
    is_flag,
    is_text,
    key,
    like,
    named,
    several,
    shaped,
    text,
    told_apart,
)
from cds.ruleset.schema.rulesets import is_name, is_version

_is_code = like(r"[A-Za-z0-9][A-Za-z0-9-]*", "a local code")


def is_range(value: Any) -> None:
    two = isinstance(value, list) and len(value) == 2
    if not two or not all(isinstance(end, int | float) and not isinstance(end, bool) for end in value):
        raise ValidationError("must be two numbers, the lowest and the highest: [0, 5]")
    if value[0] > value[1]:
        raise ValidationError("must have the lower number first")


def _is_item(value: Any) -> None:
    _ITEM(value)


class QuestionShape(Shape):
    what = "a question"
    ask = key(_is_code)
    help = text(required=False)
    type = key(choice("group", "integer", "decimal", "date", "dateTime"), required=False)
    unit = text(required=False)
    text = text()  # the last: from here on the name is that of the key
    between = key(is_range, required=False)
    answers = key(is_name, required=False)
    side = key(is_flag, required=False)
    repeats = key(is_flag, required=False)
    after = key(_is_code, required=False)
    items = key(several(_is_item), required=False)


class GroupShape(Shape):
    what = "a group"
    group = key(is_name)
    text = text()
    sides = key(is_flag, required=False)
    items = key(several(_is_item))


_ITEM = told_apart("group", shaped(GroupShape), shaped(QuestionShape))


class QuestionnaireShape(Shape):
    what = "a questionnaire"
    questionnaire = key(is_name)
    version = key(is_version)
    title = text()
    purpose = text()
    items = key(several(_is_item))


class AnswerListShape(Shape):
    what = "a list of answers"
    system = text()
    title = text()
    codes = key(named(is_text, by=_is_code))
    none = text(required=False)


class AnswersShape(Shape):
    what = "answers.yaml"
    answers = key(named(shaped(AnswerListShape), by=is_name))
