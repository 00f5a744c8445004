"""What a case tells of one number or text of a fact."""

from __future__ import annotations

import math
import re

from cds.clinical import Bounds, Number
from cds.ruleset.document import Value
from cds.ruleset.model import FactSpec
from cds.ruleset.phrases import PhraseError, comparison_of
from cds.ruleset.scope import attributes_of

_BETWEEN = re.compile(r"between (-?\d+) and (-?\d+)")


def days_between(value: Value) -> Number | None:
    """From one fact to another: a number, or ``between 3 and 5`` where a date is known to the month only."""
    if isinstance(value, int | float):
        return float(value)
    between = _BETWEEN.fullmatch(str(value))
    return Bounds(float(between[1]), float(between[2])) if between and int(between[1]) <= int(between[2]) else None


def told_of(spec: FactSpec, name: str, value: Value) -> Number | str:
    """A text, a number, or what is known of one: ``at least 3``, ``between 3 and 5 d/wk``. Raises ``PhraseError``."""
    words = value if isinstance(value, str) else str(value)
    if words in attributes_of(spec)[name].values:  # "not said" is no comparison
        return words
    is_range = words.startswith(("at least ", "at most ", "between "))
    test = comparison_of(spec, "" if name == "value" else name, words if is_range else f"is {words}")
    match test.relation, test.operand:
        case "at least", float(low):
            return Bounds(low, math.inf)
        case "at most", float(high):
            return Bounds(-math.inf, high)
        case "between", (float(low), float(high)):
            return Bounds(low, high)
        case "is", (float() | str()) as known:
            return known
    raise PhraseError(f'"{words}" is not a value of {spec.name}')
