"""How many days a medicine is ordered for (headache.md HD-MOH-012, spine.md NRM-05)."""

from __future__ import annotations

import math
from datetime import date

from cds.facts.medicines import validity
from cds.facts.medicines.dispensing import MEASURED, units
from cds.facts.medicines.timing import doses_per_day
from cds.record import Dosage, MedicationEntry


def course_days(entry: MedicationEntry, today: date) -> float | None:
    """Days from its start to its stated end; of an order under review, the days that it is for."""
    if entry.draft:
        return ordered_days(entry, today)
    course = validity.course(entry)
    return None if course.start is None or course.last is None else float((course.last - course.start).days + 1)


def ordered_days(entry: MedicationEntry, today: date) -> float | None:
    """How long the order lasts with its refills, by what it says first: an end, a supply, a quantity."""
    fills = 1 + (entry.repeats or 0)
    if last := validity.last_bound(entry.dosages):
        first = min(dosage.bounds[0] or today for dosage in entry.dosages if dosage.bounds)
        return float((last - first).days + 1)
    if longest := validity.longest_bound(entry.dosages):
        return longest
    counts = [(dosage.count_max or dosage.count, doses_per_day(dosage)) for dosage in entry.dosages]
    if counted := [math.ceil(doses / a_day) for doses, a_day in counts if doses and a_day]:
        return float(max(counted))
    if entry.days_supply:
        return entry.days_supply * fills
    return _days_of_quantity(entry, fills)


def _days_of_quantity(entry: MedicationEntry, fills: int) -> float | None:
    """A quantity that a schedule uses up: 60 tablets, one twice a day, are 30 days."""
    pieces = units(entry)
    a_day = [_pieces_per_day(dosage) for dosage in entry.dosages if not dosage.as_needed]
    if pieces is None or not a_day or any(each is None for each in a_day):
        return None
    return math.floor(pieces * fills / sum(each or 0.0 for each in a_day) + 1e-9)


def _pieces_per_day(dosage: Dosage) -> float | None:
    times = doses_per_day(dosage)
    if not times:
        return None
    pieces = 1.0 if dosage.dose_unit in MEASURED else dosage.dose_high or dosage.dose or 1.0
    return times * pieces
