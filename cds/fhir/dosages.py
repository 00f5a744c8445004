"""FHIR dosage instructions as the record's dosages: doses, times, limits."""

from __future__ import annotations

from datetime import date, tzinfo

from cds.clinical import Bounds, Coding, Number
from cds.fhir import datatypes as fhir
from cds.fhir import dates, values
from cds.record import Dosage

_NO_TIMING = fhir.Timing()
_NO_REPEAT = fhir.Repeat()


def dosage(instruction: fhir.Dosage, zone: tzinfo) -> Dosage:
    timing = instruction.timing or _NO_TIMING
    repeat = timing.repeat or _NO_REPEAT
    dose, dose_high, dose_unit = _dose(instruction)
    return Dosage(
        dose=dose,
        dose_high=dose_high,
        dose_unit=dose_unit,
        as_needed=_as_needed(instruction),
        routes=_codings(instruction.route),
        events=tuple(span.earliest for text in timing.event if (span := dates.span(text, zone))),
        days_of_week=repeat.day_of_week,
        times_of_day=len(repeat.time_of_day),
        when=repeat.when,
        frequency=repeat.frequency,
        frequency_max=repeat.frequency_max,
        period=repeat.period,
        period_max=repeat.period_max,
        period_unit=repeat.period_unit,
        count=repeat.count,
        count_max=repeat.count_max,
        bounds=_bounds(repeat, zone),
        bounds_days=_bounds_days(repeat),
        code=next((coding.code for coding in _codings(timing.code)), None),
        max_per_period=_most(instruction),
        text=instruction.text or "",
    )


def administered(given: fhir.AdministeredDose) -> Dosage:
    """What was given, once."""
    low, high, unit = _limits(given.dose)
    return Dosage(dose=low, dose_high=high, dose_unit=unit, routes=_codings(given.route), text=given.text or "")


def _codings(concept: fhir.CodeableConcept | None) -> tuple[Coding, ...]:
    return values.codings(concept)


def _as_needed(instruction: fhir.Dosage) -> bool:
    return bool(
        instruction.as_needed_boolean
        or instruction.as_needed
        or instruction.as_needed_codeable_concept
        or instruction.as_needed_for
    )


def _dose(instruction: fhir.Dosage) -> tuple[float | None, float | None, str | None]:
    """The dose, the highest of a range, and their unit; of several ``doseAndRate`` the first that says a dose."""
    older = fhir.DoseAndRate(dose_quantity=instruction.dose_quantity, dose_range=instruction.dose_range)
    for each in (*instruction.dose_and_rate, older):
        if each.dose_quantity is not None:
            return _limits(each.dose_quantity)
        ranged = values.between(each.dose_range)
        if ranged is not None:
            low, high = _finite(ranged.value)
            return low, high, ranged.unit
    return None, None, None


def _limits(quantity: fhir.Quantity | None) -> tuple[float | None, float | None, str | None]:
    measured = values.measured(quantity)
    if measured is None:
        return None, None, None
    if not isinstance(measured.value, Bounds):
        return measured.value, None, measured.unit
    low, high = _finite(measured.value)
    return low, high, measured.unit


def _finite(number: Number) -> tuple[float | None, float | None]:
    low, high = number if isinstance(number, Bounds) else (number, number)
    return (None if low == float("-inf") else low), (None if high == float("inf") else high)


def _bounds(repeat: fhir.Repeat, zone: tzinfo) -> tuple[date | None, date | None] | None:
    return None if repeat.bounds_period is None else dates.ends(repeat.bounds_period, zone)


def _bounds_days(repeat: fhir.Repeat) -> tuple[float, float] | None:
    """How long it goes on: twice the same number for a duration, least and most for a range."""
    if repeat.bounds_range is not None:
        low, high = values.days(repeat.bounds_range.low), values.days(repeat.bounds_range.high)
        return None if low is None or high is None else (low, high)
    length = values.days(repeat.bounds_duration)
    return None if length is None else (length, length)


def _most(instruction: fhir.Dosage) -> tuple[float, str | None, float, str | None] | None:
    """``maxDosePerPeriod`` as amount, unit, period, unit; R5 allows several, of which one alone is understood."""
    sent = instruction.max_dose_per_period
    ratios = (sent,) if isinstance(sent, fhir.Ratio) else sent or ()
    if len(ratios) != 1:
        return None
    amount, period = values.measured(ratios[0].numerator), values.measured(ratios[0].denominator)
    if amount is None or period is None or isinstance(amount.value, Bounds) or isinstance(period.value, Bounds):
        return None
    return amount.value, amount.unit, period.value, period.unit
