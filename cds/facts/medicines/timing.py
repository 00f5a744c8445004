"""What a dosage says about days: FHIR R4 ``Timing`` expanded into dates or a weekly rate (headache.md 4.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from cds.record import Dosage

DAYS_OF_UNIT = MappingProxyType(
    {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.0, "a": 365.0}
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Codes of the timing abbreviations: doses a day where they mean every day, else days a week (4.4, step 5).
_DOSES_OF_CODE = MappingProxyType(
    {
        "QD": 1.0,
        "BID": 2.0,
        "TID": 3.0,
        "QID": 4.0,
        "AM": 1.0,
        "PM": 1.0,
        "BED": 1.0,
        "Q1H": 24.0,
        "Q2H": 12.0,
        "Q3H": 8.0,
        "Q4H": 6.0,
        "Q6H": 4.0,
        "Q8H": 3.0,
    }
)
_RATE_OF_CODE = MappingProxyType({"QOD": 3.5, "WK": 1.0, "MO": 7 / 30})


@dataclass(frozen=True, slots=True)
class Pattern:
    """Days a week on which a dose is due, and the dates or weekdays where these are fixed.

    ``doses`` is the number of doses on a day of use: a stated total of doses is used up so much faster.
    """

    low: float
    estimate: float
    high: float
    doses: float = 1.0
    events: tuple[date, ...] = ()
    weekdays: tuple[int, ...] = ()  # Monday is 0
    every_weeks: int = 1

    @property
    def daily(self) -> bool:
        return self.low == 7


def pattern(dosage: Dosage) -> Pattern | None:
    """The first of the steps of 4.4 that applies; None for a dosage in words only."""
    if dosage.events:
        return Pattern(0, 0, 0, events=dosage.events)
    if dosage.days_of_week:
        return _on_weekdays(dosage)
    if unit := DAYS_OF_UNIT.get(dosage.period_unit or ""):
        return _periodic(dosage, unit)
    if dosage.times_of_day or dosage.when:
        return _every_day(float(max(dosage.times_of_day, len(dosage.when))))
    if doses := _DOSES_OF_CODE.get(dosage.code or ""):
        return _every_day(doses)
    if rate := _RATE_OF_CODE.get(dosage.code or ""):
        return Pattern(rate, rate, rate)
    return None


def _every_day(doses: float) -> Pattern:
    return Pattern(7, 7, 7, doses=max(doses, 1.0))


def _on_weekdays(dosage: Dosage) -> Pattern:
    weekdays = tuple(n for n, name in enumerate(_WEEKDAYS) if name in dosage.days_of_week)
    weeks = int(dosage.period or 1) if dosage.period_unit == "wk" else 1
    rate = len(weekdays) / weeks
    doses = float(dosage.frequency or 1) if dosage.period_unit == "d" else float(max(dosage.times_of_day, 1))
    return Pattern(rate, rate, rate, doses=doses, weekdays=weekdays, every_weeks=weeks)


def _periodic(dosage: Dosage, unit: float) -> Pattern:
    shortest, frequency = (dosage.period or 1) * unit, dosage.frequency or 1
    longest, most = (dosage.period_max or dosage.period or 1) * unit, dosage.frequency_max or frequency
    low, high = _rate(frequency, longest), _rate(most, shortest)
    doses = most / shortest if shortest <= 1 else most / min(most, math.floor(shortest))
    return Pattern(low, (low + high) / 2, high, doses=max(doses, 1.0))


def _rate(frequency: int, period: float) -> float:
    """Days a week of so many doses in a period of so many days: at most one day of use for each whole day."""
    return 7.0 if period <= 1 else min(7.0, 7 * min(frequency, math.floor(period)) / period)


def doses_per_day(dosage: Dosage) -> float | None:
    """The greatest number of doses on one day; spread over the period when that is longer than a day."""
    if unit := DAYS_OF_UNIT.get(dosage.period_unit or ""):
        on_days = len(dosage.days_of_week) if dosage.period_unit == "wk" else 1  # Mondays and Thursdays, each week
        return max(dosage.frequency_max or dosage.frequency or 1, on_days) / ((dosage.period or 1) * unit)
    found = pattern(dosage)
    return None if found is None or found.events else found.doses * min(found.high / 7, 1.0)


def most_days(dosage: Dosage) -> float:
    """Days a week to which ``maxDosePerPeriod`` limits use: its amount over the smallest single dose (4.4, step 9)."""
    if dosage.max_per_period is None:
        return 7.0
    amount, unit, period, period_unit = dosage.max_per_period
    dose, dose_unit = (dosage.dose, dosage.dose_unit) if dosage.dose else (1.0, None)
    length = DAYS_OF_UNIT.get(period_unit or "")
    if length is None or (unit or "1") != (dose_unit or "1"):
        return 7.0
    return _rate(math.floor(amount / dose), period * length)


def fixed_dates(found: Pattern, origin: date, first: date, last: date) -> tuple[date, ...] | None:
    """The very dates between two days, where the pattern fixes them: stated dates, weekdays, or every day.

    "Every two weeks" counts from ``origin``, the start of the dosage.
    """
    if found.events:
        return tuple(each for each in found.events if first <= each <= last)
    if not found.weekdays and not found.daily:
        return None
    all_days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    if not found.weekdays:
        return all_days
    return tuple(
        each
        for each in all_days
        if each.weekday() in found.weekdays and (each - origin).days // 7 % found.every_weeks == 0
    )
