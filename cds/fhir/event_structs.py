"""The FHIR resources about what was done or planned, each with only the members that the readers look at."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from cds.fhir.datatypes import ABSENT, CodeableConcept, CodeableReference, Coding, Element, Period, Reference
from cds.fhir.structs import Clinical


class Procedure(Clinical):
    code: CodeableConcept | None = None
    status: str | None = None
    performed_date_time: str | None = None
    performed_period: Raw = ABSENT
    occurrence_date_time: str | None = None  # R5
    occurrence_period: Raw = ABSENT
    body_site: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT
    reason: Raw = ABSENT  # R5


class ServiceRequest(Clinical):
    code: CodeableReference | None = None
    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    priority: str | None = None
    occurrence_date_time: str | None = None
    occurrence_period: Raw = ABSENT
    authored_on: str | None = None
    body_site: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT
    reason: Raw = ABSENT  # R5


class DiagnosticReport(Clinical):
    code: CodeableConcept | None = None
    status: str | None = None
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    issued: str | None = None
    conclusion_code: Raw = ABSENT


class ImagingStudy(Clinical):
    status: str | None = None
    started: str | None = None
    modality: Raw = ABSENT
    series: Raw = ABSENT
    procedure_code: tuple[CodeableConcept, ...] = ()
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
    type: tuple[CodeableConcept, ...] = ()
    period: Period | None = None
    actual_period: Raw = ABSENT  # R5
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT
    reason: Raw = ABSENT  # R5
    diagnosis: Raw = ABSENT


class Diagnosis(Element):
    condition: Reference | None = None


class Task(Clinical):
    subject: Reference | None = msgspec.field(default=None, name="for")
    code: CodeableConcept | None = None
    status: str | None = None
    intent: str | None = None
    priority: str | None = None
    execution_period: Raw = ABSENT
    authored_on: str | None = None
