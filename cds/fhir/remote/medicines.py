"""Medicines that resources refer to and that did not come with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cds.fhir.bundles import BundleEntry
from cds.fhir.decode import Sent
from cds.fhir.medication_structs import Medication, MedicationUse
from cds.fhir.references import local
from cds.fhir.remote.urls import is_under

AT_MOST = 50

_MEDICATION = re.compile(r"Medication/[A-Za-z0-9.-]+")


def unresolved(sent: Iterable[Sent], base: str) -> tuple[str, ...]:
    """The ``Medication/id`` that are referred to and missing, each once and ``AT_MOST`` so many, in order.

    ``base``: of the server that is to be asked. What is contained or on another server is not asked for.
    """
    entries = [entry for each in sent for entry in each.entries if entry]
    present = {name for entry in entries for name in _names(entry)}
    missing = (name for entry in entries for name in _referred(entry, base) if not present & {name, local(name)})
    return tuple(dict.fromkeys(filter(_MEDICATION.fullmatch, map(local, missing))))[:AT_MOST]


def _names(entry: BundleEntry) -> Iterator[str]:
    if isinstance(entry.resource, Medication):
        yield f"Medication/{entry.resource.id}"
        if entry.full_url:
            yield entry.full_url


def _referred(entry: BundleEntry, base: str) -> Iterator[str]:
    use = entry.resource
    if isinstance(use, MedicationUse):
        stated = use.medication_reference or (use.medication and use.medication.reference)
        reference = (stated and stated.reference) or ""
        if "://" not in reference or is_under(base, reference):
            yield reference
