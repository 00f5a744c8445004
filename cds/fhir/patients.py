"""The Patient of the record: which of those that were sent, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from cds.errors import InputError
from cds.fhir import structs
from cds.fhir.bundles import BundleEntry
from cds.fhir.dates import span
from cds.fhir.decode import Sent
from cds.record import Patient

_GENDERS = frozenset({"male", "female", "other", "unknown"})


def patient_entries(sent: Sequence[Sent]) -> Iterator[tuple[BundleEntry, structs.Patient]]:
    for each in sent:
        for entry in each.entries:
            if entry is not None and isinstance(entry.resource, structs.Patient):
                yield entry, entry.resource


def identity(entry: BundleEntry, patient: structs.Patient) -> str | None:
    """The id, or for a resource without one the last part of its full URL."""
    return patient.id or (entry.full_url or "").replace(":", "/").rsplit("/", 1)[-1] or None


def only_patient(sent: Sequence[Sent]) -> str:
    """The id of the patient that a Bundle is about; raises InputError unless it holds exactly one."""
    ids = {identity(entry, patient) for entry, patient in patient_entries(sent)} - {None}
    if len(ids) != 1:
        raise InputError(f"the Bundle holds {len(ids) or 'no'} patients: say whose record it is")
    return str(ids.pop())


def patient(resource: structs.Patient | None, patient_id: str, zone: tzinfo) -> Patient:
    if resource is None:
        return Patient(id=patient_id)
    return Patient(
        id=patient_id,
        born=span(resource.birth_date, zone),
        gender=resource.gender if resource.gender in _GENDERS else None,
        deceased=bool(resource.deceased_boolean or resource.deceased_date_time),
    )
