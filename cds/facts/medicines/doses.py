"""How much of a medicine is taken: greatest single and daily dose (spine.md NRM-05)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cds.facts.medicines.timing import DAYS_OF_UNIT, doses_per_day
from cds.record import Dosage
from cds.ruleset.units import UNITS, canonical, convert


def single_dose(dosages: Iterable[Dosage], unit: str) -> float | None:
    """The greatest single dose in a unit; None when none is stated in a unit that fits."""
    doses = [_converted(dosage.dose_high or dosage.dose, dosage.dose_unit, unit) for dosage in dosages]
    return max((dose for dose in doses if dose is not None), default=None)


def daily_dose(dosages: Iterable[Dosage], today: date, unit: str) -> float | None:
    """The greatest dose a day of the dosages that hold today; None when one of them cannot be computed."""
    held = [dosage for dosage in dosages if _holds(dosage, today)]
    doses = [_daily(dosage, unit) for dosage in held]
    known = [dose for dose in doses if dose is not None]
    return sum(known) if known and len(known) == len(doses) else None


def _holds(dosage: Dosage, today: date) -> bool:
    first, last = dosage.bounds or (None, None)
    return (first is None or first <= today) and (last is None or today <= last)


def _daily(dosage: Dosage, unit: str) -> float | None:
    if dosage.as_needed and (limit := _limit(dosage, unit)) is not None:
        return limit
    dose = dosage.dose_high or dosage.dose
    if (rate := _converted(dose, dosage.dose_unit, unit)) is not None:
        return rate  # stated as a rate: 25 ug/h of a patch
    times, amount = doses_per_day(dosage), _converted(dose, dosage.dose_unit, _without_day(unit))
    return None if times is None or amount is None else times * amount


def _limit(dosage: Dosage, unit: str) -> float | None:
    """``maxDosePerPeriod`` as a dose a day."""
    if dosage.max_per_period is None:
        return None
    amount, amount_unit, period, period_unit = dosage.max_per_period
    converted, length = _converted(amount, amount_unit, _without_day(unit)), DAYS_OF_UNIT.get(period_unit or "")
    return None if converted is None or length is None else converted / (period * length)


def _without_day(unit: str) -> str:
    return unit.removesuffix("/d")


def _converted(value: float | None, unit: str | None, to_unit: str) -> float | None:
    """None also for tablets, puffs and whatever else no table of units knows."""
    if value is None or unit is None or (unit != to_unit and canonical(unit) not in UNITS):
        return None
    return convert(value, unit, to_unit)
