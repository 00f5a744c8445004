"""Of which acute-medication class a medicine is, if any (headache.md HD-MOH-001)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

from cds.facts.medicines.routes import is_local
from cds.facts.medicines.timing import doses_per_day
from cds.record import Dosage, MedicationEntry
from cds.ruleset.model import FactSpec
from cds.ruleset.units import UNITS, canonical, convert

NONOPIOID = ("paracetamol", "aspirin", "nsaid", "nonopioid-other")
_COMBINATIONS = ("combination", "opioid_combination", "barbiturate_combination")
_LOCAL = ("topical", "ophthalmic", "otic")
_ONCE_DAILY_MG = 325.0  # scheduled once daily up to this aspirin is antiplatelet (headache.md 9.17)

Held = frozenset[str]  # the parameters of kind acute-medicines whose codes the medicine is in

_SIMPLE = MappingProxyType(
    {"paracetamol": "paracetamol", "aspirin": "aspirin", "nsaid": "nsaid", "nonopioid_other": "nonopioid-other"}
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The parameters of kind ``acute-medicines`` (headache.md 2.5), and the name of the fact that has them."""

    fact: str
    aspirin_analgesic_mg: float = 300.0
    coverage_high: float = 0.8
    coverage_min: float = 0.5
    reports_prove: bool = False
    count_topical: bool = False
    count_gepant: bool = False

    def held(self, sets: frozenset[str]) -> Held:
        prefix = f"{self.fact}."
        return frozenset([choice.removeprefix(prefix) for choice in sets if choice.startswith(prefix)])


def policy(spec: FactSpec) -> Policy:
    return Policy(spec.name, **cast("dict[str, Any]", spec.parameters))


@dataclass(frozen=True, slots=True)
class AcuteClass:
    """The classes a medicine counts for: one, or several for a product of simple analgesics only. None: not counted."""

    names: tuple[str, ...] = ()
    with_opioid: bool = False
    with_barbiturate: bool = False
    substitution: bool = False


NOT_COUNTED = AcuteClass()


def acute_class(entry: MedicationEntry, dosages: tuple[Dosage, ...], policy: Policy) -> AcuteClass:
    """``dosages`` are the entry's own or, where it has none, those of the order it belongs to."""
    held, reasons = policy.held(entry.sets), policy.held(entry.reasons)
    if not policy.count_topical and ("topical" in held or is_local(entry, _LOCAL)):
        return NOT_COUNTED
    found = of_codes(held)
    if "aspirin" in found.names and _is_antiplatelet(held, reasons, dosages, policy):
        return AcuteClass(tuple(name for name in found.names if name != "aspirin"))
    substitution = found.names == ("opioid",) and ("substitution" in held or "opioid_use_disorder" in reasons)
    return AcuteClass(found.names, found.with_opioid, found.with_barbiturate, substitution)


@lru_cache(maxsize=4096)
def of_codes(held: Held) -> AcuteClass:
    """The class by codes alone, first match wins. Remembered: charts repeat the same few products."""
    opioid = "opioid" in held or "opioid_combination" in held
    barbiturate = "barbiturate" in held or "barbiturate_combination" in held
    # ATC files lasmiditan among the triptans: it is asked first
    for name in ("ergot", "ditan", "triptan", "gepant"):
        if name in held:
            return AcuteClass((name,))
    simple = _simple(held)
    families = sum((bool(simple), opioid, barbiturate))
    # butalbital stands among the adjuvants too: it is none to itself
    stated = not held.isdisjoint(_COMBINATIONS)
    if stated or families >= 2 or ("adjuvant" in held and (simple or opioid)):
        return AcuteClass(("combination",), with_opioid=opioid, with_barbiturate=barbiturate)
    if opioid:
        return AcuteClass(("opioid",), with_opioid=True)
    if simple:
        return AcuteClass(simple)
    return AcuteClass(("barbiturate",), with_barbiturate=True) if barbiturate else NOT_COUNTED


def _simple(held: Held) -> tuple[str, ...]:
    found = tuple(name for parameter, name in _SIMPLE.items() if parameter in held)
    if "aspirin" not in found and "antiplatelet" in held:
        found = ("aspirin", *found)
    return tuple(name for name in found if name != "nsaid" or "nsaid_except" not in held)


def _is_antiplatelet(held: Held, reasons: Held, dosages: tuple[Dosage, ...], policy: Policy) -> bool:
    """Step 8 of HD-MOH-001: by code, by a small single dose, or by being taken once daily for no pain."""
    if "antiplatelet" in held:
        return True
    if not dosages:
        return False
    doses = [_milligrams(dosage) for dosage in dosages]
    known = [dose for dose in doses if dose is not None]
    if known and max(known) < policy.aspirin_analgesic_mg:
        return True
    once_daily = len(dosages) == 1 and not dosages[0].as_needed and doses_per_day(dosages[0]) == 1
    if not once_daily:
        return False
    return not known or (known[0] <= _ONCE_DAILY_MG and "pain" not in reasons)


def _milligrams(dosage: Dosage) -> float | None:
    dose, unit = dosage.dose_high or dosage.dose, dosage.dose_unit
    return convert(dose, unit, "mg") if dose and unit and canonical(unit) in UNITS else None


def inherited_dosages(entries: Mapping[str, MedicationEntry], entry: MedicationEntry) -> tuple[Dosage, ...]:
    """The dosages of an entry or, where it states none, those of what it fills or records (DC-5)."""
    if entry.dosages:
        return entry.dosages
    basis = (entries[reference] for reference in entry.based_on if reference in entries)
    return next((order.dosages for order in basis if order.dosages), ())
