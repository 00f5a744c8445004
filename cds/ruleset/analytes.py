"""Substances whose moles, grams and equivalents may stand for each other, and the laboratory codes that measure them.

Factors: spine.md 0.4. Without a named analyte such units do not fit each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Analyte(NamedTuple):
    """0 where the conversion is not defined."""

    mmol_per_mg: float = 0.0  # mmol/L that 1 mg/dL is
    mmol_per_meq: float = 0.0  # mmol/L that 1 meq/L is
    flow_is_per_surface: bool = False  # `mL/min` was meant per 1.73 m2


ANALYTES: Mapping[str, Analyte] = {
    "calcium": Analyte(mmol_per_mg=0.2495, mmol_per_meq=0.5),
    "creatinine": Analyte(mmol_per_mg=0.08842),
    "egfr": Analyte(flow_is_per_surface=True),
    "lithium": Analyte(mmol_per_meq=1.0),
    "magnesium": Analyte(mmol_per_mg=0.4114, mmol_per_meq=0.5),
    "potassium": Analyte(mmol_per_meq=1.0),
    "sodium": Analyte(mmol_per_meq=1.0),
    "urea": Analyte(mmol_per_mg=0.1665),
    "urea nitrogen": Analyte(mmol_per_mg=0.357),  # moles of nitrogen pairs, that is, of urea
}

_LOINC: Mapping[str, tuple[str, ...]] = {
    "calcium": ("17861-6", "2000-8", "29265-6", "1995-0", "1994-3"),
    "creatinine": ("2160-0", "14682-9"),
    "egfr": ("98979-8", "62238-1", "33914-3", "77147-7", "69405-9", "50210-4"),
    "lithium": ("14334-7",),
    "magnesium": ("19123-9", "2601-3"),
    "potassium": ("2823-3", "6298-4"),
    "sodium": ("2951-2", "2947-0"),
    "urea": ("22664-7",),
    "urea nitrogen": ("3094-0",),
}

ANALYTE_OF_LOINC: Mapping[str, str] = {code: analyte for analyte, codes in _LOINC.items() for code in codes}
"""What a LOINC code measures: the ``analyte`` to convert its value with."""
