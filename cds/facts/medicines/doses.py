"""How much of a medicine is taken: greatest single and daily dose (spine.md NRM-05)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from cds.clinical import Bounds, Number
from cds.facts.medicines import validity
from cds.facts.medicines.timing import DAYS_OF_UNIT, doses_per_day
from cds.record import Dosage, MedicationEntry
from cds.ruleset.units import UNITS, canonical, convert


def single_dose(dosages: Iterable[Dosage], unit: str) -> float | None:
    """The greatest single dose in a unit; None when none is stated in a unit that fits."""
    doses = [_converted(dosage.dose_high or dosage.dose, dosage.dose_unit, unit) for dosage in dosages]
    return max((dose for dose in doses if dose is not None), default=None)


def daily_dose(dosages: Iterable[Dosage], today: date, unit: str) -> float | None:
    """The greatest dose a day of the dosages that hold today; None when one of them cannot be computed."""
    return _whole_sum(_daily(dosage, unit) for dosage in dosages if _holds(dosage, today))


def _whole_sum(doses: Iterable[float | None]) -> float | None:
    """None when one of them is not known, or there are none."""
    stated = list(doses)
    known = [dose for dose in stated if dose is not None]
    return sum(known) if known and len(known) == len(stated) else None


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


def total_doses(sources: Sequence[MedicationEntry], today: date, unit: str) -> Mapping[str, Number]:
    """The greatest single dose, and what sources whose doses add up give a day and a week.

    ``sources`` is their number. A total is only a lower bound when a dose cannot be computed.
    """
    singles = [dose for entry in sources if (dose := single_dose(entry.dosages, "mg")) is not None]
    totals: dict[str, Number | None] = {
        "sources": float(len(sources)),
        "single_dose": max(singles, default=None),
        "daily_dose": total([daily_dose(entry.dosages, today, unit) for entry in sources]),
        "weekly_dose": total([_weekly_dose(entry.dosages, today) for entry in sources]),
    }
    return {name: dose for name, dose in totals.items() if dose is not None}


def total(doses: Sequence[float | None]) -> Number | None:
    """The sum of the known doses, a lower bound when some are not; None when none is."""
    known = [dose for dose in doses if dose is not None]
    if not known:
        return None
    return sum(known) if len(known) == len(doses) else Bounds(sum(known), math.inf)


def _weekly_dose(dosages: Iterable[Dosage], today: date) -> float | None:
    return _whole_sum(_weekly(dosage) for dosage in dosages if _holds(dosage, today))


def _weekly(dosage: Dosage) -> float | None:
    """A dose "once a day" on stated weekdays is taken on these only."""
    daily = _daily(dosage, "mg/d")
    if daily is not None and dosage.days_of_week and DAYS_OF_UNIT.get(dosage.period_unit or "", 7.0) <= 1:
        return daily * len(dosage.days_of_week)
    return None if daily is None else convert(daily, "mg/d", "mg/wk")


def independent(entries: Sequence[MedicationEntry]) -> list[MedicationEntry]:
    """The entries whose doses add up: not the dispenses, statements and earlier orders that are the same treatment."""
    superseded = {reference for entry in entries if entry.type == validity.REQUEST for reference in entry.based_on}
    orders = [entry for entry in entries if entry.type == validity.REQUEST and entry.reference not in superseded]
    ordered = {entry.reference for entry in orders} | superseded
    stated = [entry for entry in entries if entry.type == validity.STATEMENT and ordered.isdisjoint(entry.based_on)]
    drugs = {validity.drug(entry) for entry in (*orders, *stated)}
    handed = {validity.drug(entry): entry for entry in entries if entry.type == validity.DISPENSE}
    return [*orders, *stated, *(entry for drug, entry in handed.items() if drug not in drugs)]


def is_per_area(entry: MedicationEntry) -> bool:
    """A dose is stated by body surface: 90 mg/m2."""
    return any((dosage.dose_unit or "").partition("/")[2].startswith("m2") for dosage in entry.dosages)


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
