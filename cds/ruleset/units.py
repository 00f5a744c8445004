"""Converting values between UCUM units, and the spellings of units that records really hold.

The units of everyday clinical data stand in a table here; all others are left to ucumvert and pint, which cost half a
second to start and are not imported before one is met. Where UCUM alone cannot say it (moles and grams, equivalents),
the analyte decides (``cds.ruleset.analytes``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from cds.ruleset.analytes import ANALYTES


class Linear(NamedTuple):
    """``value * factor + offset``"""

    factor: float
    offset: float = 0.0


class Unit(NamedTuple):
    """How much of the dimension's base unit one of this unit is, and the base value at its zero."""

    dimension: str
    factor: float
    offset: float = 0.0


def _dimension(name: str, **factors: float) -> dict[str, Unit]:
    return {code: Unit(name, factor) for code, factor in factors.items()}


UNITS: Mapping[str, Unit] = {
    "Cel": Unit("temperature", 1.0),
    "[degF]": Unit("temperature", 5 / 9, -160 / 9),
    "K": Unit("temperature", 1.0, -273.15),
    **_dimension("mass", kg=1e3, g=1.0, mg=1e-3, ug=1e-6, ng=1e-9, **{"[lb_av]": 453.59237, "[oz_av]": 28.349523125}),
    **_dimension("length", m=1e3, cm=10.0, mm=1.0, **{"[in_i]": 25.4}),
    **_dimension("volume", L=1e3, dL=1e2, mL=1.0, cm3=1.0),
    # A month is 30 days and a year 365.25 (headache.md 3.2, UCUM).
    **_dimension("time", s=1 / 86400, min=1 / 1440, h=1 / 24, d=1.0, wk=7.0, mo=30.0, a=365.25),
    # Days on which something happens in a stretch of days; `/wk` of a count of days says the same (headache.md 3.2).
    **_dimension("days in 30 days", **{"d/mo": 1.0, "/mo": 1.0, "d/wk": 30 / 7, "/wk": 30 / 7}),
    **_dimension(
        "mass concentration",
        **{"g/L": 1.0, "g/dL": 10.0, "mg/dL": 1e-2, "mg/L": 1e-3, "ug/mL": 1e-3, "ug/L": 1e-6},
    ),
    **_dimension("substance concentration", **{"mol/L": 1e3, "mmol/L": 1.0, "umol/L": 1e-3, "nmol/L": 1e-6}),
    **_dimension("equivalents", **{"eq/L": 1e3, "meq/L": 1.0, "ueq/L": 1e-3}),
    # One international unit of an enzyme is what turns over 1 umol/min (spine.md 0.4: CK `[IU]/L` x 1).
    **_dimension(
        "activity",
        **{"U/L": 1.0, "[IU]/L": 1.0, "[iU]/L": 1.0, "m[IU]/L": 1e-3, "u[IU]/mL": 1e-3, "[IU]/mL": 1e3},
    ),
    **_dimension("cells", **{"10*9/L": 1.0, "10*3/uL": 1.0, "/uL": 1e-3, "10*6/L": 1e-3}),
    **_dimension("pressure", **{"mm[Hg]": 1.0, "kPa": 7.50061683}),
    **_dimension("sedimentation", **{"mm/h": 1.0}),
    **_dimension("filtration per surface", **{"mL/min/{1.73_m2}": 1.0}),
    **_dimension("flow", **{"mL/min": 1.0, "mL/s": 60.0, "L/min": 1e3}),
    **_dimension("dose a day", **{"g/d": 1e3, "mg/d": 1.0, "ug/d": 1e-3, "mg/wk": 1 / 7}),
    **_dimension("dose rate", **{"ug/h": 1.0, "mg/h": 1e3}),
    **_dimension("angle", deg=1.0, rad=57.29577951308232),
    **_dimension("body mass index", **{"kg/m2": 1.0}),
    **_dimension("number", **{"1": 1.0, "%": 0.01}),
    **_dimension("rate", **{"/min": 1.0}),
}  # fmt: skip

# Plain words and habits of laboratories, which are not UCUM.
SPELLINGS: Mapping[str, str] = {
    "{days}": "d", "{day}": "d", "days": "d", "day": "d", "weeks": "wk", "week": "wk", "months": "mo", "month": "mo",
    "years": "a", "year": "a", "yr": "a", "hours": "h", "hour": "h", "hr": "h", "minutes": "min",
    "{days}/wk": "d/wk", "{days}/mo": "d/mo", "days/week": "d/wk", "days/month": "d/mo", "d/(30.d)": "d/mo",
    "mmHg": "mm[Hg]", "degF": "[degF]", "°F": "[degF]", "degC": "Cel", "°C": "Cel", "lb": "[lb_av]", "lbs": "[lb_av]",
    "mcg": "ug", "µg": "ug", "μg": "ug", "cc": "mL", "ml": "mL", "l": "L",
    "mEq/L": "meq/L", "mEq/l": "meq/L", "meq/l": "meq/L", "mmol/l": "mmol/L", "umol/l": "umol/L", "µmol/L": "umol/L",
    "μmol/L": "umol/L", "mg/dl": "mg/dL", "g/dl": "g/dL", "mg/l": "mg/L", "g/l": "g/L",
    "IU/L": "[IU]/L", "mIU/L": "m[IU]/L", "m[iU]/L": "m[IU]/L", "uIU/mL": "u[IU]/mL", "u[iU]/mL": "u[IU]/mL",
    "10^9/L": "10*9/L", "x10^9/L": "10*9/L", "K/uL": "10*3/uL", "10^3/uL": "10*3/uL", "mm/hr": "mm/h",
    "ml/min": "mL/min",
}  # fmt: skip

_GFR = re.compile(r"m[lL]/min[/ ]*[({]?1\.73[ _.]?(?:m2|m²|m\^2|sq\.? ?m|sqm)[)}]?")
_ANNOTATION = re.compile(r"\{[^{}]*\}")
# What pint is asked: short, and no number so long that its power is a burden.
_ASKABLE = re.compile(r"(?!.*\d{4})[\x21-\x7e]{1,40}")


def convert(value: float, from_unit: str | None, to_unit: str, analyte: str | None = None) -> float | None:
    """The value in the other unit to ten digits, or None when the units do not fit each other.

    Ten digits, because 100.4 [degF] is 38 Cel and has to pass "at least 38 Cel". A missing unit (None, "") fits only
    a number that has none, such as a score.
    """
    linear = conversion(from_unit or "", to_unit, analyte)
    return None if linear is None else float(f"{value * linear.factor + linear.offset:.10g}")


@lru_cache(maxsize=4096)
def conversion(from_unit: str, to_unit: str, analyte: str | None = None) -> Linear | None:
    """How values of one unit become values of the other. Remembered: records ask for the same few pairs again."""
    source, target = canonical(from_unit), canonical(to_unit)
    if source == target:
        return Linear(1.0)
    if source in UNITS and target in UNITS:
        return _between(_of_analyte(source, analyte), _of_analyte(target, analyte))
    return _asked(source, target)


def canonical(unit: str) -> str:
    """The spelling that ``UNITS`` knows, where there is one. A unit that is only an annotation (``{score}``) is 1."""
    unit = unit.strip()
    unit = SPELLINGS.get(unit, unit)
    if _GFR.fullmatch(unit):
        return "mL/min/{1.73_m2}"
    return "1" if not unit or _ANNOTATION.fullmatch(unit) else unit


@lru_cache(maxsize=1024)
def is_unit(text: str) -> bool:
    """Whether this is a unit at all."""
    return canonical(text) in UNITS or _asked(canonical(text), canonical(text)) is not None


def _of_analyte(code: str, name: str | None) -> Unit:
    unit = UNITS[code]
    if not (analyte := ANALYTES.get(name or "")):
        return unit
    if unit.dimension == "mass concentration" and analyte.mmol_per_mg:
        return Unit("substance concentration", unit.factor / UNITS["mg/dL"].factor * analyte.mmol_per_mg)
    if unit.dimension == "equivalents" and analyte.mmol_per_meq:
        return Unit("substance concentration", unit.factor * analyte.mmol_per_meq)
    if code == "mL/min" and analyte.flow_is_per_surface:
        return UNITS["mL/min/{1.73_m2}"]
    return unit


def _between(source: Unit, target: Unit) -> Linear | None:
    if source.dimension != target.dimension:
        return None
    return Linear(source.factor / target.factor, (source.offset - target.offset) / target.factor)


def _asked(source: str, target: str) -> Linear | None:
    """What pint says. A month stands for 30 days there too."""
    if not (_ASKABLE.fullmatch(source) and _ASKABLE.fullmatch(target)):
        return None
    from cds.ruleset.ucum import linear  # noqa: PLC0415 - imported late: pint is slow to start and rarely needed

    line = linear(source, target)
    return Linear(*line) if line else None
