"""The FHIR resources about medicines, each with only the members that the readers look at."""

from __future__ import annotations

from msgspec import Raw

from cds.fhir.datatypes import ABSENT, CodeableConcept, CodeableReference, Count, Element, Period, Quantity, Reference
from cds.fhir.structs import Clinical, Resource


class Medication(Resource):
    modifier_extension: Raw = ABSENT
    code: CodeableConcept | None = None
    form: Raw = ABSENT
    dose_form: Raw = ABSENT  # R5
    ingredient: Raw = ABSENT


class Ingredient(Element):
    item_codeable_concept: CodeableConcept | None = None
    item_reference: Reference | None = None
    item: CodeableReference | None = None  # R5


class MedicationUse(Clinical):
    """What the four resources about the use of a medicine have in common."""

    identifier: Raw = ABSENT
    status: str | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT
    medication: CodeableReference | None = None  # R5
    reason: Raw = ABSENT


class MedicationRequest(MedicationUse):
    intent: str | None = None
    do_not_perform: bool | None = None
    authored_on: str | None = None
    dosage_instruction: Raw = ABSENT
    dispense_request: Raw = ABSENT
    prior_prescription: Raw = ABSENT
    based_on: Raw = ABSENT
    information_source: Raw = ABSENT  # R5
    reported_reference: Raw = ABSENT


class MedicationStatement(MedicationUse):
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    date_asserted: str | None = None
    information_source: Raw = ABSENT
    dosage: Raw = ABSENT
    based_on: Raw = ABSENT
    derived_from: Raw = ABSENT
    part_of: Raw = ABSENT


class MedicationDispense(MedicationUse):
    when_handed_over: str | None = None
    quantity: Raw = ABSENT
    days_supply: Raw = ABSENT
    dosage_instruction: Raw = ABSENT
    authorizing_prescription: Raw = ABSENT
    part_of: Raw = ABSENT


class MedicationAdministration(MedicationUse):
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    occurence_date_time: str | None = None  # R5's own spelling
    occurence_period: Raw = ABSENT
    dosage: Raw = ABSENT
    request: Raw = ABSENT
    part_of: Raw = ABSENT


class DispenseRequest(Element):
    validity_period: Period | None = None
    number_of_repeats_allowed: Count | None = None
    quantity: Quantity | None = None
    expected_supply_duration: Quantity | None = None
