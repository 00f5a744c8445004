"""Conversions that the table of ``cds.ruleset.units`` does not hold, by ucumvert and pint. Half a second to import."""

from __future__ import annotations

import math
import re
from typing import Any

import pint
from lark.exceptions import LarkError
from ucumvert import PintUcumRegistry

_REGISTRY = PintUcumRegistry()
_MONTH = re.compile(r"(?<![\w\[])mo(?![\w\]])")


def linear(source: str, target: str) -> tuple[float, float] | None:
    """Factor and offset between two UCUM codes; None when one is no unit, when they measure different things, or when
    one of them is logarithmic."""
    start, end = _quantity(source), _quantity(target)
    if start is None or end is None or start.dimensionality != end.dimensionality:
        return None
    zero, one, two = (
        _REGISTRY.Quantity(start.magnitude * value, start.units).to(end.units).magnitude / end.magnitude
        for value in (0.0, 1.0, 2.0)
    )
    straight = math.isclose(two - one, one - zero, rel_tol=1e-9)
    return (one - zero, zero) if straight else None


def _quantity(code: str) -> Any:
    """One of the unit, or None. A month counts 30 days, as everywhere in the project."""
    try:
        return _REGISTRY.from_ucum(_MONTH.sub("(30.d)", code))
    except (LarkError, pint.errors.PintError):
        return None
