"""The FHIR resources about a patient and their findings, each with only the members that the readers look at.

What decides whether a resource matters (its code, its subject) is decoded at once, together with the plain strings.
The other members stay bytes (``Raw``) until the resource matters: most resources of a chart never do. Members stand in
the order of the standard, for the decoder looks for the next one where it found the last.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from cds.fhir.datatypes import ABSENT, CodeableConcept, Element, Figure, Reference

DECISIVE = frozenset(
    {
        "subject",
        "code",
        "status",
        "intent",
        "do_not_perform",
        "medication",
        "medication_codeable_concept",
        "medication_reference",
    }
)
"""Members without which a resource may say something else: when one cannot be read, the resource is not read."""


class Resource(msgspec.Struct, gc=False, rename="camel", tag_field="resourceType", tag=True):
    id: str | None = None


class Clinical(Resource):
    """A resource about a ``subject``. ``modifier_extension`` may turn its meaning around, so none is read past."""

    contained: Raw = ABSENT
    modifier_extension: Raw = ABSENT


class Patient(Resource):
    birth_date: str | None = None
    gender: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None


class Condition(Clinical):
    clinical_status: Raw = ABSENT
    verification_status: Raw = ABSENT
    category: Raw = ABSENT
    severity: Raw = ABSENT
    code: CodeableConcept | None = None
    body_site: Raw = ABSENT
    subject: Reference | None = None
    onset_date_time: str | None = None
    onset_age: Raw = ABSENT
    onset_period: Raw = ABSENT
    onset_range: Raw = ABSENT
    onset_string: Raw = ABSENT
    abatement_date_time: str | None = None
    abatement_age: Raw = ABSENT
    abatement_period: Raw = ABSENT
    abatement_range: Raw = ABSENT
    abatement_string: Raw = ABSENT
    recorded_date: str | None = None
    extension: Raw = ABSENT
    evidence: Raw = ABSENT


class Extension(Element):
    url: str | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_reference: Reference | None = None


class ConditionEvidence(Element):
    code: tuple[CodeableConcept, ...] = ()
    detail: tuple[Reference, ...] = ()


class AllergyIntolerance(Clinical):
    clinical_status: Raw = ABSENT
    verification_status: Raw = ABSENT
    criticality: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = msgspec.field(default=None, name="patient")
    recorded_date: str | None = None
    reaction: Raw = ABSENT


class Reaction(Element):
    manifestation: tuple[CodeableConcept, ...] = ()
    severity: str | None = None


class FamilyMemberHistory(Clinical):
    status: str | None = None
    subject: Reference | None = msgspec.field(default=None, name="patient")
    relationship: CodeableConcept | None = None
    condition: tuple[FamilyCondition, ...] = ()


class FamilyCondition(Element):
    code: CodeableConcept | None = None


class Component(Element):
    """A component of an Observation, or the value of the Observation itself."""

    code: CodeableConcept | None = None
    value_quantity: Raw = ABSENT
    value_codeable_concept: CodeableConcept | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: Figure | None = None
    value_range: Raw = ABSENT
    value_date_time: str | None = None
    data_absent_reason: Raw = ABSENT
    interpretation: Raw = ABSENT
    reference_range: Raw = ABSENT


class Observation(Clinical):
    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    effective_instant: str | None = None
    issued: str | None = None
    value_quantity: Raw = ABSENT
    value_codeable_concept: CodeableConcept | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: Figure | None = None
    value_range: Raw = ABSENT
    value_date_time: str | None = None
    data_absent_reason: Raw = ABSENT
    interpretation: Raw = ABSENT
    body_site: Raw = ABSENT
    reference_range: Raw = ABSENT
    component: tuple[Component, ...] = ()


class QuestionnaireResponse(Clinical):
    questionnaire: str | None = None
    status: str | None = None
    subject: Reference | None = None
    authored: str | None = None
    item: tuple[Item, ...] = ()


class Item(Element):
    link_id: str | None = None
    text: str | None = None
    answer: tuple[Answer, ...] = ()
    item: tuple[Item, ...] = ()


class Answer(Element):
    value_boolean: bool | None = None
    value_decimal: Figure | None = None
    value_integer: Figure | None = None
    value_date: str | None = None
    value_date_time: str | None = None
    value_string: str | None = None
    value_coding: Raw = ABSENT
    value_quantity: Raw = ABSENT
    item: tuple[Item, ...] = ()
