"""What values an attribute can have at all: whole numbers or not, and between which limits."""

from __future__ import annotations

import math
from typing import NamedTuple

from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec
from cds.ruleset.questions import unit_of

MEASURED_FROM = "_days_before_"
"""Between the event and the anchor in the name of an attribute that measures from another fact."""


class Range(NamedTuple):
    low: float
    high: float
    whole: bool


_ANY = Range(-math.inf, math.inf, whole=False)
_FROM_NOUGHT = Range(0.0, math.inf, whole=False)
_COUNTED = Range(0.0, math.inf, whole=True)

# Of the units that say what the number is. A rate may be a mean, and is no whole number then.
_OF_UNIT = {
    "d": _COUNTED,
    "wk": _COUNTED,
    "a": _COUNTED,
    "{score}": _COUNTED,
    "d/wk": Range(0.0, 7.0, whole=False),
    "d/mo": Range(0.0, 31.0, whole=False),
    "Cel": _ANY,
    "%": _ANY,
}

# Where the unit says too little.
_OF_ATTRIBUTE = {
    "excess": _ANY,
    "ratio": _FROM_NOUGHT,
    "coverage": Range(0.0, 1.0, whole=False),
    "due_in_days": Range(-math.inf, math.inf, whole=True),
    "heavy_weeks": Range(0.0, 4.0, whole=True),
}
_OF_POWER = Range(0.0, 5.0, whole=False)  # MRC grades; 4+ lies between


def range_of(spec: FactSpec, attribute: str) -> Range:
    """Of a number that the fact offers, or that measures from another fact."""
    if MEASURED_FROM in attribute:
        return Range(-math.inf, math.inf, whole=True)
    if attribute in _OF_ATTRIBUTE:
        return _OF_ATTRIBUTE[attribute]
    unit = unit_of(spec, attribute)
    if unit == "{score}" and spec.kind in ("muscle-power", "power-decline"):
        return _OF_POWER
    if unit == "1":
        return _FROM_NOUGHT if "unit" in KINDS[spec.kind].parameters else _COUNTED
    return _OF_UNIT.get(unit, _FROM_NOUGHT)
