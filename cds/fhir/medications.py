"""The four resources about the use of a medicine, as entries of the record (spine.md NRM-05)."""

from __future__ import annotations

from msgspec import Raw
from msgspec.structs import replace

from cds.clinical import Quantity
from cds.fhir import datatypes as fhir
from cds.fhir import dates, dosages, values
from cds.fhir.medication_structs import (
    DispenseRequest,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    MedicationUse,
)
from cds.fhir.products import Product, is_explained, is_unasked, product
from cds.fhir.reading import Reading
from cds.fhir.statuses import WITHDRAWN, counts
from cds.record import PROPOSED, Dosage, MedicationEntry

_NO_DISPENSE = DispenseRequest()


def medication_request(resource: MedicationRequest, reading: Reading) -> tuple[MedicationEntry, ...]:
    """An order that stands or stood; proposals and what must not be given are no orders."""
    if resource.do_not_perform or resource.intent in PROPOSED:
        return ()
    found = _asked(resource, reading)
    return () if found is None else (_request(resource, found, reading),)


def draft_medication_request(resource: MedicationRequest, reading: Reading) -> tuple[MedicationEntry, ...]:
    """An order under review, whether or not its medicine is known."""
    if resource.do_not_perform or resource.status in WITHDRAWN:
        return ()
    return (replace(_request(resource, product(resource, reading), reading), draft=True),)


def medication_statement(resource: MedicationStatement, reading: Reading) -> tuple[MedicationEntry, ...]:
    found = _asked(resource, reading)
    if found is None:
        return ()
    begun = reading.date(resource.effective_date_time, "effectiveDateTime")
    period = reading.part(resource.effective_period, fhir.Period, "effectivePeriod")
    return (
        replace(
            _use(resource, found, reading),
            dosages=_dosages(resource.dosage, reading),
            # A single date says when a use was known to go on; it does not say that it ended that day.
            effective=(begun, None) if begun else dates.limits(period, reading.zone) if period else None,
            asserted=reading.date(resource.date_asserted, "dateAsserted"),
            source=_source(resource, reading),
            based_on=_references(reading, resource.based_on, resource.derived_from, resource.part_of),
        ),
    )


def medication_dispense(resource: MedicationDispense, reading: Reading) -> tuple[MedicationEntry, ...]:
    found = _asked(resource, reading)
    if found is None:
        return ()
    handed_over = reading.when(resource.when_handed_over, "whenHandedOver")
    return (
        replace(
            _use(resource, found, reading),
            dosages=_dosages(resource.dosage_instruction, reading),
            handed_over=handed_over.days,
            instant=handed_over.instant,
            quantity=_quantity(resource.quantity, reading),
            days_supply=values.days(reading.part(resource.days_supply, fhir.Quantity, "daysSupply")),
            based_on=_references(reading, resource.authorizing_prescription, resource.part_of),
        ),
    )


def medication_administration(resource: MedicationAdministration, reading: Reading) -> tuple[MedicationEntry, ...]:
    found = _asked(resource, reading)
    if found is None:
        return ()
    moment = resource.effective_date_time or resource.occurence_date_time
    given, instant = reading.when(moment, "effectiveDateTime")
    stated = resource.effective_period if fhir.stated(resource.effective_period) else resource.occurence_period
    period = reading.part(stated, fhir.Period, "effectivePeriod")
    dose = reading.part(resource.dosage, fhir.AdministeredDose, "dosage")
    return (
        replace(
            _use(resource, found, reading),
            dosages=(dosages.administered(dose),) if dose else (),
            effective=(given, given) if given else dates.limits(period, reading.zone) if period else None,
            instant=instant,
            based_on=_references(reading, resource.request, resource.part_of),
        ),
    )


def _asked(resource: MedicationUse, reading: Reading) -> Product | None:
    """The product, if some fact asks for it or an ingredient. One that no code explains is noted by its words."""
    if is_unasked(resource, reading):
        concept = resource.medication_codeable_concept
        if not is_explained(reading, concept) and counts(resource):
            reading.note_unmapped(resource, reading.words(concept))
        return None
    found = product(resource, reading)
    if found.sets:
        return found if counts(resource) else None
    if found.unmapped and counts(resource):
        reading.note_unmapped(resource, found.text)
    return None


def _request(resource: MedicationRequest, found: Product, reading: Reading) -> MedicationEntry:
    dispense = reading.part(resource.dispense_request, DispenseRequest, "dispenseRequest") or _NO_DISPENSE
    authored = reading.when(resource.authored_on, "authoredOn")
    return replace(
        _use(resource, found, reading),
        intent=resource.intent,
        dosages=_dosages(resource.dosage_instruction, reading),
        authored=authored.days,
        instant=authored.instant,
        source=_source(resource, reading),
        quantity=values.measured(dispense.quantity),
        days_supply=values.days(dispense.expected_supply_duration),
        validity=dates.ends(dispense.validity_period, reading.zone) if dispense.validity_period else None,
        repeats=dispense.number_of_repeats_allowed,
        based_on=_references(reading, resource.based_on, resource.prior_prescription),
    )


def _use(resource: MedicationUse, found: Product, reading: Reading) -> MedicationEntry:
    identifiers = reading.parts(resource.identifier, fhir.Identifier, "identifier")
    return MedicationEntry(
        type=type(resource).__name__,
        reference=reading.reference(resource),
        codings=found.codings,
        text=found.text,
        sets=found.sets,
        status=resource.status,
        ingredients=found.ingredients,
        substances=found.substances,
        form=found.form,
        reasons=reading.reasons(resource),
        reason_stated=any(map(fhir.stated, (resource.reason_code, resource.reason_reference, resource.reason))),
        identifiers=tuple(f"{each.system or ''}|{each.value}" for each in identifiers if each.value),
    )


def _dosages(member: Raw, reading: Reading) -> tuple[Dosage, ...]:
    instructions = reading.parts(member, fhir.Dosage, "dosage")
    return tuple(dosages.dosage(each, reading.zone) for each in instructions)


def _quantity(member: Raw, reading: Reading) -> Quantity | None:
    return values.measured(reading.part(member, fhir.Quantity, "quantity"))


def _references(reading: Reading, *members: Raw) -> tuple[str, ...]:
    found = (each for member in members for each in reading.parts(member, fhir.Reference, "reference"))
    return tuple(reading.named(each) for each in found if each.reference)


def _source(resource: MedicationStatement | MedicationRequest, reading: Reading) -> str | None:
    """The type of who said so: ``Patient``, ``RelatedPerson``, ``Practitioner`` …"""
    stated = reading.parts(resource.information_source, fhir.Reference, "informationSource")
    if not stated and isinstance(resource, MedicationRequest):
        stated = reading.parts(resource.reported_reference, fhir.Reference, "reportedReference")
    for each in stated:
        if each.reference and reading.subjects.is_patient(each.reference):
            return "Patient"
        if each.type or "/" in reading.named(each):
            return each.type or reading.named(each).split("/")[0]
    return None
