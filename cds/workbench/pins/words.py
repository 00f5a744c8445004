"""Facts as a case gives them, and what a pin is called."""

from __future__ import annotations

import math
import re

from cds.clinical import Bounds, Fact, Number, State
from cds.ruleset.model import FactSpec, Rule
from cds.ruleset.questions import unit_of
from cds.ruleset.ranges import MEASURED_FROM
from cds.workbench.goals import Goal

_PLAIN = re.compile(r"[A-Za-z][\w/ -]*")
_AMOUNT = re.compile(r"(at least |at most |between )?-?\d+(\.\d+)?( [A-Za-z/]+)?")
_MEANT_OTHERWISE = ("true", "false", "null")


def quoted(text: str) -> str:
    """As a scalar of YAML, in quotes where it would mean something else without."""
    if _PLAIN.fullmatch(text) and text.lower() not in _MEANT_OTHERWISE and text == text.strip():
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def fact_words(spec: FactSpec, fact: Fact) -> str:
    """``present``, ``12 a``, ``{value: 12 a, measured_days: 3}``, or a list of these."""
    if fact.items:
        return f"[{', '.join(fact_words(spec, item) for item in fact.items)}]"
    if fact.state is not State.PRESENT or not fact.attributes:
        return fact.state.value
    told = {name: _value(spec, name, value) for name, value in fact.attributes.items()}
    if list(told) == ["value"]:
        return told["value"]
    return f"{{{', '.join(f'{name}: {words}' for name, words in told.items())}}}"


def _value(spec: FactSpec, attribute: str, value: Number | str) -> str:
    if isinstance(value, str):
        return quoted(value)
    unit = "" if MEASURED_FROM in attribute else unit_of(spec, attribute)
    unit = "" if unit in ("1", "d") or unit.startswith("{") else unit
    words = f"{_number(value)} {unit}".strip()
    return words if _AMOUNT.fullmatch(words) else quoted(words)


def _number(value: Number) -> str:
    match value:
        case Bounds(low, high) if low == -math.inf:
            return f"at most {_digits(high)}"
        case Bounds(low, high) if high == math.inf:
            return f"at least {_digits(low)}"
        case Bounds(low, high):
            return f"between {_digits(low)} and {_digits(high)}"
    return _digits(value)


def _digits(value: float) -> str:
    """In plain decimals, exactly."""
    return f"{value:.0f}" if value == int(value) else f"{value!r}" if "e" not in repr(value) else f"{value:.15f}"


def name_of(goal: Goal, rule: Rule, *, fires: bool) -> str:
    """What a pin shows of the rule it was made for."""
    match goal.what:
        case "fires":
            return f"{rule.id}: fires"
        case "silences":
            return f"{rule.id}: silent, only `{goal.words}` does not hold"
        case "is unknown":
            return f"{rule.id}: unanswered, `{goal.words}` is unknown"
        case "decides alone":
            return f"{rule.id}: fires by `{goal.words}` alone"
        case "tips the count":
            return f"{rule.id}: turns on `{goal.words}`, which is counted"
        case "limit":
            return f"{rule.id}: `{goal.words}` {goal.side}, {'fires' if fires else 'silent'}"
