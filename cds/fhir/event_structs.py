"""The FHIR resources about what was done or planned, each with only the members that the readers look at."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from cds.fhir.datatypes import ABSENT, CodeableConcept, CodeableReference, Coding, Element, Period, Reference
from cds.fhir.structs import Clinical


class Procedure(Clinical):
    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    performed_date_time: str | None = None
    performed_period: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT
    body_site: Raw = ABSENT
    occurrence_date_time: str | None = None  # R5
    occurrence_period: Raw = ABSENT
    reason: Raw = ABSENT


class ServiceRequest(Clinical):
    status: str | None = None
    intent: str | None = None
    priority: str | None = None
    do_not_perform: bool | None = None
    code: CodeableReference | None = None
    subject: Reference | None = None
    occurrence_date_time: str | None = None
    occurrence_period: Raw = ABSENT
    authored_on: str | None = None
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT
    body_site: Raw = ABSENT
    reason: Raw = ABSENT  # R5


class DiagnosticReport(Clinical):
    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    conclusion_code: Raw = ABSENT


class ImagingStudy(Clinical):
    status: str | None = None
    modality: Raw = ABSENT
    subject: Reference | None = None
    started: str | None = None
    procedure_code: tuple[CodeableConcept, ...] = ()
    series: Raw = ABSENT
    procedure: tuple[CodeableReference, ...] = ()  # R5


class Series(Element):
    """``modality`` is a Coding in R4 and a CodeableConcept in R5: both have their code within reach."""

    modality: Modality | None = None
    body_site: Modality | None = None


class Modality(Element):
    system: str | None = None
    code: str | None = None
    display: str | None = None
    coding: tuple[Coding, ...] = ()
    concept: CodeableConcept | None = None


class Encounter(Clinical):
    status: str | None = None
    encounter_class: Raw = msgspec.field(default=ABSENT, name="class")
    type: Raw = ABSENT
    subject: Reference | None = None
    period: Period | None = None
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT
    diagnosis: Raw = ABSENT
    actual_period: Raw = ABSENT  # R5
    reason: Raw = ABSENT


class Diagnosis(Element):
    condition: Reference | None = None


class Task(Clinical):
    status: str | None = None
    intent: str | None = None
    priority: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = msgspec.field(default=None, name="for")
    execution_period: Raw = ABSENT
    restriction: Raw = ABSENT
    authored_on: str | None = None


class Restriction(Element):
    """``period.end``: by when the task is to be done."""

    period: Raw = ABSENT
