"""The sub-populations that a patient is in: by sex and age, by race and ethnicity where US Core tells them.

They only tell apart whom a back-test spoke of: no rule can read race or ethnicity of a Patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from math import inf
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from cds.clinical import Bounds, Span
from cds.facts.dates import age_at, is_future
from cds.record import Patient

By: TypeAlias = Literal["sex", "age", "race", "ethnicity"]


class Subpopulation(NamedTuple):
    by: By
    name: str


NOT_RECORDED: Final = "not recorded"
ANOTHER: Final = "another category"

_BANDS = ((18, "under 18"), (40, "18 to 39"), (65, "40 to 64"), (80, "65 to 79"), (inf, "80 and over"))
"""Years of age, and the band below them."""

AGES: Final = tuple(name for _, name in _BANDS)

_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_CATEGORIES: Mapping[By, Mapping[str, str]] = {
    "race": {
        "1002-5": "American Indian or Alaska Native",
        "2028-9": "Asian",
        "2054-5": "Black or African American",
        "2076-8": "Native Hawaiian or Other Pacific Islander",
        "2106-3": "White",
    },
    "ethnicity": {"2135-2": "Hispanic or Latino", "2186-5": "Not Hispanic or Latino"},
}
"""The categories of the Office of Management and Budget of 1997, as US Core names them."""

_NOT_TOLD = ("UNK", "ASKU")  # asked, and not known


class _Coding(msgspec.Struct, frozen=True):
    code: str = ""


class _Part(msgspec.Struct, frozen=True, rename="camel"):
    url: str = ""
    value_coding: _Coding = _Coding()


class _Extension(msgspec.Struct, frozen=True):
    url: str = ""
    extension: tuple[_Part, ...] = ()


class _Extended(msgspec.Struct, frozen=True):
    extension: tuple[_Extension, ...] = ()


def by_age(born: Span | None, today: date) -> Subpopulation:
    """Not recorded also when a partial birth date leaves the band open."""
    if born is None or is_future(born, today):
        return Subpopulation("age", NOT_RECORDED)
    years = age_at(born, Span(today, today))
    ends = years if isinstance(years, Bounds) else (years, years)
    first, last = (next(name for limit, name in _BANDS if end < limit) for end in ends)
    return Subpopulation("age", first if first == last else NOT_RECORDED)


def by_sex(patient: Patient) -> Subpopulation:
    """Administrative gender."""
    return Subpopulation("sex", patient.gender or NOT_RECORDED)


def by_origin(resources: Iterable[Mapping[str, Any]]) -> tuple[Subpopulation, ...]:
    """Race and ethnicity of the Patient among the resources. Who has several is in each of them."""
    extensions = [one for resource in resources if resource["resourceType"] == "Patient" for one in _read(resource)]
    return tuple(Subpopulation(by, name) for by in _CATEGORIES for name in _names(by, extensions))


def _read(resource: Mapping[str, Any]) -> tuple[_Extension, ...]:
    """Nothing where they are not as FHIR has them."""
    try:
        return msgspec.convert(resource, _Extended).extension
    except msgspec.ValidationError:
        return ()


def _names(by: By, extensions: Iterable[_Extension]) -> Iterator[str]:
    parts = [part for one in extensions if one.url == _US_CORE + by for part in one.extension]
    codes = [part.value_coding.code for part in parts if part.url == "ombCategory"]
    known = [_CATEGORIES[by].get(code, ANOTHER) for code in codes if code not in _NOT_TOLD]
    yield from dict.fromkeys(known) or (NOT_RECORDED,)
