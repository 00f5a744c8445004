"""FHIR quantities, ranges and codes as the values of the record."""

from __future__ import annotations

import math

from cds.clinical import Bounds, Coding, Number, Quantity
from cds.fhir import datatypes as fhir

UCUM = "http://unitsofmeasure.org"

_DAYS_PER_UNIT = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.0, "a": 365.0}
_FINEST = 1e-9  # what is left of a difference when units are converted, to ten digits
_YEARS_PER_UNIT = {"a": 1.0, "mo": 1 / 12, "wk": 7 / 365.25, "d": 1 / 365.25}


def unit(quantity: fhir.Quantity) -> str | None:
    """The UCUM code, or the unit in words if the code is of another system or missing."""
    if quantity.code and quantity.system in (UCUM, None):
        return quantity.code
    return quantity.unit or None


def number(quantity: fhir.Quantity) -> Number | None:
    if quantity.value is None:
        return None
    match quantity.comparator:
        case None | "":
            return quantity.value + 0.0  # a zero has no sign
        case "<":
            return Bounds(-math.inf, _beside(quantity.value, -_FINEST))
        case "<=":
            return Bounds(-math.inf, quantity.value)
        case ">":
            return Bounds(_beside(quantity.value, _FINEST), math.inf)
        case ">=":
            return Bounds(quantity.value, math.inf)
    return None  # "ad" (sufficient to achieve this quantity) and the like say nothing about the size


def _beside(value: float, share: float) -> float:
    """The nearest number below or above: "< 30" is below 30, and has to pass "below 30"."""
    return value + abs(value) * share if value else math.copysign(_FINEST, share)


def measured(quantity: fhir.Quantity | None) -> Quantity | None:
    if quantity is None or (value := number(quantity)) is None:
        return None
    return Quantity(value, unit(quantity))


def between(limits: fhir.Range | None) -> Quantity | None:
    """A range as a number of which the limits are known; None if they disagree or are in different units."""
    low, high = (measured(limits.low), measured(limits.high)) if limits else (None, None)
    if low is None and high is None:
        return None
    units = {each.unit for each in (low, high) if each is not None}
    least, most = _low(low), _high(high)
    return Quantity(Bounds(least, most), units.pop()) if len(units) == 1 and least <= most else None


def _low(quantity: Quantity | None) -> float:
    if quantity is None:
        return -math.inf
    return quantity.value.low if isinstance(quantity.value, Bounds) else quantity.value


def _high(quantity: Quantity | None) -> float:
    if quantity is None:
        return math.inf
    return quantity.value.high if isinstance(quantity.value, Bounds) else quantity.value


def days(quantity: fhir.Quantity | None) -> float | None:
    """A duration in days (a month counts 30, a year 365, as in the use-day calculus)."""
    return _exact(quantity, _DAYS_PER_UNIT)


def years(quantity: fhir.Quantity | None) -> float | None:
    """An age in completed years."""
    age = _exact(quantity, _YEARS_PER_UNIT)
    return None if age is None else float(math.floor(age))


def _exact(quantity: fhir.Quantity | None, factors: dict[str, float]) -> float | None:
    if quantity is None or quantity.value is None or quantity.comparator:
        return None
    factor = factors.get(unit(quantity) or "")
    return None if factor is None else quantity.value * factor


def codings(*concepts: fhir.CodeableConcept | fhir.CodeableReference | None) -> tuple[Coding, ...]:
    return tuple(
        [
            Coding(coding.system or "", coding.code, coding.display or "")
            for concept in concepts
            if concept is not None
            for coding in concept.coding
            if coding.code
        ]
    )


def words(concept: fhir.CodeableConcept | fhir.CodeableReference | None) -> str:
    """What a person would call it."""
    if concept is None:
        return ""
    if concept.text:
        return concept.text
    return next((coding.display for coding in concept.coding if coding.display), "")
