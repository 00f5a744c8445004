"""The shapes of tests.yaml and of pins.yaml."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from cds.ruleset.hooks import HOOKS
from cds.ruleset.schema.fields import Shape, choice, is_day, is_mapping, is_text, key, named, several, shaped, text
from cds.ruleset.schema.rulesets import is_name


def is_moment(value: Any) -> None:
    """A date and a time of day without a zone: it is the zone of the deployment."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", str(value)):
        raise ValidationError(f'must be a time such as 2026-11-21T10:00, not "{value}"')
    try:
        datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValidationError(f'must be a time such as 2026-11-21T10:00, not "{value}"') from error


class CaseShape(Shape):
    what = "a case"
    name = text()
    today = key(is_day, required=False)
    now = key(is_moment, required=False)
    facts = key(is_mapping, required=False)
    patient = key(is_mapping, required=False)
    record = key(several(is_mapping, empty=True), required=False)
    bundle = text(required=False)
    unsupplied = key(several(is_text), required=False)
    hook = key(choice(*HOOKS), required=False)
    drafts = key(several(is_mapping, empty=True), required=False)
    background = key(several(is_mapping, empty=True), required=False)
    parameters = key(named(is_mapping), required=False)
    conclusions = key(several(is_text, empty=True))
    cards = key(several(is_text, empty=True))
    unanswered = key(several(is_text, empty=True), required=False)
    system = key(several(is_text, empty=True), required=False)


class ShownShape(Shape):
    what = "a card of an answer"
    rules = key(several(is_text, empty=True))  # none: what is said of missing data
    indicator = key(choice("critical", "warning", "info"))
    summary = text()


class CallShape(Shape):
    what = "a case with a request"
    name = text()
    today = key(is_day, required=False)
    now = key(is_moment, required=False)
    request = text()
    parameters = key(named(is_mapping), required=False)
    answer = key(several(shaped(ShownShape), empty=True))


def is_fact(value: Any) -> None:
    """What a fact comes to: its state, a value, attributes, or several of these."""
    if not isinstance(value, str | int | float | dict | list) or isinstance(value, bool):
        raise ValidationError("must be a state, a value, or attributes such as {side: left}")


class SingleFactShape(Shape):
    what = "a case about one fact"
    name = text()
    today = key(is_day, required=False)
    now = key(is_moment, required=False)
    fact = text()
    patient = key(is_mapping, required=False)
    record = key(several(is_mapping, empty=True), required=False)
    unsupplied = key(several(is_text), required=False)
    drafts = key(several(is_mapping, empty=True), required=False)
    background = key(several(is_mapping, empty=True), required=False)
    comes_to = key(is_fact)


_is_call, _is_single, _is_plain = shaped(CallShape), shaped(SingleFactShape), shaped(CaseShape)


def is_case(value: Any) -> None:
    """A case with a request says what has to be answered, one about a fact what that is, others what has to follow."""
    keys = value if isinstance(value, dict) else {}
    judge = _is_call if "request" in keys else _is_single if "fact" in keys else _is_plain
    judge(value)


class TestsShape(Shape):
    what = "tests.yaml"
    ruleset = key(is_name)
    today = key(is_day)
    cases = key(several(is_case))


class GoalShape(Shape):
    what = "a goal that is not met"
    rule = text()
    goal = text()


class PinsShape(Shape):
    what = "pins.yaml"
    ruleset = key(is_name)
    pins = text()
    today = key(is_day)
    cannot_be = key(several(shaped(GoalShape)), required=False)
    not_found = key(several(shaped(GoalShape)), required=False)
    cases = key(several(is_case, empty=True))
