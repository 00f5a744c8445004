"""The FHIR data types that the readers use, each with only the members they look at."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta, Raw

ABSENT: Final = Raw(b"")
"""A member that was not sent. Members of type Raw are decoded only once the resource turns out to matter."""


LARGEST: Final = 1e15
"""No measurement is larger; beyond it a float no longer tells neighbouring whole numbers apart."""

Figure: TypeAlias = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]


def stated(member: Raw) -> bool:
    return member is not ABSENT and bytes(member) != b"null"


class Datatype(msgspec.Struct, gc=False, rename="camel"):
    """Understood whole or not at all: a quantity less its unreadable comparator would say something else."""


class Element(msgspec.Struct, gc=False, rename="camel"):
    """Understood member by member."""


class Coding(Datatype):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(Element):
    coding: tuple[Coding, ...] = ()
    text: str | None = None


class Reference(Datatype):
    reference: str | None = None
    type: str | None = None
    display: str | None = None


class CodeableReference(Element):
    """R5's concept or reference; also R4's CodeableConcept, where R5 changed the type of a member but not its name."""

    concept: CodeableConcept | None = None
    reference: Reference | None = None
    coding: tuple[Coding, ...] = ()
    text: str | None = None


class Quantity(Datatype):
    value: Figure | None = None
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Range(Datatype):
    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Datatype):
    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Period(Datatype):
    start: str | None = None
    end: str | None = None


class Identifier(Datatype):
    system: str | None = None
    value: str | None = None


class ReferenceRange(Datatype):
    low: Quantity | None = None
    high: Quantity | None = None
    type: CodeableConcept | None = None


class Repeat(Datatype):
    """``Timing.repeat``. A time pattern that is understood in part is another pattern."""

    bounds_duration: Quantity | None = None
    bounds_range: Range | None = None
    bounds_period: Period | None = None
    count: Count | None = None
    count_max: Count | None = None
    frequency: Count | None = None
    frequency_max: Count | None = None
    period: Figure | None = None
    period_max: Figure | None = None
    period_unit: str | None = None
    day_of_week: tuple[str, ...] = ()
    time_of_day: tuple[str, ...] = ()
    when: tuple[str, ...] = ()


class Timing(Datatype):
    event: tuple[str | None, ...] = ()
    repeat: Repeat | None = None
    code: CodeableConcept | None = None


class DoseAndRate(Datatype):
    dose_quantity: Quantity | None = None
    dose_range: Range | None = None


class Dosage(Datatype):
    """R4, with R5's spelling of "as needed" and STU3's dose beside R4's ``doseAndRate``."""

    text: str | None = None
    timing: Timing | None = None
    as_needed_boolean: bool | None = None
    as_needed_codeable_concept: CodeableConcept | None = None
    as_needed: bool | None = None
    as_needed_for: tuple[CodeableConcept, ...] = ()
    route: CodeableConcept | None = None
    dose_and_rate: tuple[DoseAndRate, ...] = ()
    dose_quantity: Quantity | None = None
    dose_range: Range | None = None
    max_dose_per_period: Ratio | tuple[Ratio, ...] | None = None


class AdministeredDose(Datatype):
    """``MedicationAdministration.dosage``: what was given, once."""

    text: str | None = None
    route: CodeableConcept | None = None
    dose: Quantity | None = None
