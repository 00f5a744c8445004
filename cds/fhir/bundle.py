"""A patient's record from the bytes of a FHIR Bundle: for the command line, the tests and the population."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import tzinfo

from cds.fhir.decode import Sent, bundle_file, sent
from cds.fhir.patients import only_patient
from cds.fhir.read import read
from cds.record import PatientRecord
from cds.ruleset.codes import CodeIndex


def patient_record(
    content: bytes,
    index: CodeIndex,
    zone: tzinfo,
    *,
    patient_id: str | None = None,
    drafts: bytes | None = None,
    selected: Container[int] | None = None,
    unavailable: Mapping[str, str] | None = None,
) -> PatientRecord:
    """All resource types count as supplied, a file being all there is, but those that are ``unavailable``, with why.

    ``drafts``: a Bundle of orders; ``selected``: the positions of those under review, None for all. Raises RequestError
    when the content is no JSON object, InputError when it must be said whose record it is.
    """
    everything = bundle_file(content)
    orders = Sent("drafts") if drafts is None else sent(drafts, "drafts")
    return read(
        [everything],
        index,
        zone=zone,
        patient_id=patient_id or only_patient([everything]),
        drafts=orders,
        selected=selected,
        unavailable=unavailable,
    )
