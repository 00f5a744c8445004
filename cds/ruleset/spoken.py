"""Numbers and units as people write them: ``3 days a week``, ``38.4 °C``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cds.clinical import Bounds, Number

_ONE_MANY: Mapping[str, tuple[str, str]] = {
    "min": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "d": ("day", "days"),
    "wk": ("week", "weeks"),
    "mo": ("month", "months"),
    "a": ("year", "years"),
    "d/wk": ("day a week", "days a week"),
    "d/mo": ("day a month", "days a month"),
    "h/d": ("hour a day", "hours a day"),
}
_SHORT: Mapping[str, str] = {
    "1": "",
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "10*3/uL": "×10³/µL",
    "10*9/L": "×10⁹/L",
    "ug": "µg",
    "ug/h": "µg/h",
    "mg/d": "mg a day",
    "mg/wk": "mg a week",
    "umol/L": "µmol/L",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
}
_ANNOTATION = re.compile(r"\{[^}]*\}")


def number(value: float) -> str:
    """At most six digits that matter, never an exponent."""
    text = f"{value:.6g}"
    return f"{value:.0f}" if "e" in text and abs(value) >= 1 else f"{value:.6f}".rstrip("0") if "e" in text else text


def amount(value: Number | str, unit: str) -> str:
    """``3 days a week``, ``350 mL``, ``10 mg or more``."""
    if isinstance(value, str):
        return value
    if isinstance(value, Bounds):
        return _between(value, unit)
    return f"{number(value)} {unit_words(unit, value)}".rstrip()


def _between(value: Bounds, unit: str) -> str:
    low, high = value
    if low == high:
        return amount(low, unit)
    if high == float("inf"):
        return f"{amount(low, unit)} or more"
    if low == float("-inf"):
        return f"{amount(high, unit)} or less"
    return f"{number(low)} to {amount(high, unit)}"


def unit_words(unit: str, value: float) -> str:
    if unit in _ONE_MANY:
        return _ONE_MANY[unit][value != 1]
    return _SHORT.get(unit, _ANNOTATION.sub("", unit).removesuffix("/"))
