"""What was handed over: how many days of use it is enough for (headache.md 4.5)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from statistics import median
from types import MappingProxyType

from msgspec.structs import replace

from cds.clinical import Bounds, Quantity
from cds.facts.medicines import days, validity
from cds.facts.medicines.routes import is_worn
from cds.facts.medicines.use_sources import Drug, Supply
from cds.record import MedicationEntry

# P.unitsPerUseDay of headache.md 2.5: policy, for this estimate only
UNITS_PER_USE_DAY = MappingProxyType(
    {
        "triptan": 1.5,
        "ergot": 2.0,
        "combination": 3.0,
        "nsaid": 2.0,
        "paracetamol": 3.0,
        "aspirin": 2.0,
        "opioid": 3.0,
        "ditan": 1.0,
    }
)
_USUAL_INTERVAL = 30
_EARLY = 0.75
# units of what is not counted in pieces
MEASURED = frozenset({"mL", "L", "g", "mg", "ug", "kg", "[drp]", "ml", "l"})


def supplies(entries: Iterable[MedicationEntry], name: str, today: date) -> tuple[Supply, ...]:
    """The dispensings of one class, each product by itself; ``name`` is the class."""
    by_drug: dict[Drug, dict[date, MedicationEntry]] = {}
    for entry in distinct(entries):
        handed = validity.earliest(entry.handed_over)
        if handed is not None and handed <= today:
            dated = by_drug.setdefault(validity.drug(entry), {})
            dated[handed] = _together(dated[handed], entry) if handed in dated else entry
    return tuple(
        supply for drug, dated in by_drug.items() for supply in _of_product(drug, sorted(dated.items()), name, today)
    )


def distinct(entries: Iterable[MedicationEntry]) -> list[MedicationEntry]:
    """One of each that is equal by identifier, or by drug, date and quantity (DC-6)."""
    kept: dict[object, MedicationEntry] = {}
    for entry in sorted(entries, key=lambda entry: entry.reference):
        same = (validity.drug(entry), entry.handed_over, entry.quantity)
        names = [same, *entry.identifiers]
        if not any(each in kept for each in names):
            kept |= dict.fromkeys(names, entry)
    return list({id(entry): entry for entry in kept.values()}.values())


def units(entry: MedicationEntry) -> float | None:
    """Tablets, suppositories, patches …; None for what is not counted in pieces, or not stated."""
    if entry.quantity is None or entry.quantity.unit in MEASURED or isinstance(entry.quantity.value, Bounds):
        return None
    return entry.quantity.value


def _of_product(drug: Drug, dated: list[tuple[date, MedicationEntry]], name: str, today: date) -> Iterable[Supply]:
    gaps = [(later - earlier).days for (earlier, _), (later, _) in pairwise(dated)]
    for index, (handed, entry) in enumerate(dated):
        last = index == len(dated) - 1
        length = _last_interval(entry, gaps) if last else gaps[index]
        ago, pieces = (today - handed).days, units(entry)
        previous = dated[index - 1][1].days_supply if index else None
        yield Supply(
            drug=drug,
            days=days.span(ago - length + 1, ago),
            since=days.span(0, ago),
            length=length,
            estimate=_use_days(entry, pieces, length, UNITS_PER_USE_DAY.get(name, 1.0)),
            most=_use_days(entry, pieces, length, 1.0),
            covered=days.span(ago - math.ceil(entry.days_supply or length) + 1, ago),
            last=last,
            early=previous is not None and gaps[index - 1] < _EARLY * previous,
            ago=ago,
            entry=entry,
        )


def _last_interval(entry: MedicationEntry, gaps: list[int]) -> int:
    return math.ceil(entry.days_supply or (median(gaps) if gaps else _USUAL_INTERVAL))


def _use_days(entry: MedicationEntry, pieces: float | None, length: int, each_day: float) -> float | None:
    if is_worn(entry):
        return float(length)
    return None if pieces is None else min(float(length), pieces / each_day)


def _together(first: MedicationEntry, second: MedicationEntry) -> MedicationEntry:
    """Two hand-overs of one drug on one day, such as two strengths, as one: they do not make two intervals."""
    some, more = units(first), units(second)
    return replace(first, quantity=None if some is None or more is None else Quantity(some + more, None))
