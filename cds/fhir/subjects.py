"""Whether what was sent is about the patient of the request (and not somebody else who came along)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from cds.fhir.datatypes import Reference
from cds.fhir.decode import Sent
from cds.fhir.patients import identity, patient_entries
from cds.fhir.references import local

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Subjects:
    """Tells the patient's resources from others, and counts those of others and those that name nobody."""

    def __init__(self, patient_id: str, sent: Sequence[Sent]) -> None:
        self.patient_id = patient_id
        self.reference = f"Patient/{patient_id}"
        self.foreign = 0
        self.unattributed = 0
        self._sent = sent
        self._own: dict[str | None, bool] = {self.reference: True}
        if _UUID.fullmatch(patient_id):  # of a Bundle's fullUrl, where the id was made from it and the fullUrl left out
            self._own[f"urn:uuid:{patient_id}"] = True

    @cached_property
    def full_urls(self) -> frozenset[str]:
        """By which Bundles call the patient: ``urn:uuid:…`` or a URL."""
        entries = patient_entries(self._sent)
        own = (entry for entry, patient in entries if identity(entry, patient) == self.patient_id)
        return frozenset(entry.full_url for entry in own if entry.full_url)

    def concerns(self, subject: Reference | None) -> bool:
        """True for the patient's own resources, and for those that name nobody.

        A contained patient has no identity beyond the resource that contains it: it names nobody.
        """
        reference = None if subject is None else subject.reference
        own = self._own.get(reference)
        if own is None:
            own = self._own[reference] = reference is not None and self.is_patient(reference)
        if not own:
            if reference is None or reference[:1] == "#":
                self.unattributed += 1
                return True
            self.foreign += 1
        return own

    def is_patient(self, reference: str) -> bool:
        return local(reference) == self.reference or reference in self.full_urls
