"""A patient's record from the bytes of a FHIR Bundle: for the command line, the tests and the population."""

from __future__ import annotations

from datetime import tzinfo

from cds.fhir.decode import bundle_file
from cds.fhir.patients import only_patient
from cds.fhir.read import read
from cds.record import PatientRecord
from cds.ruleset.codes import CodeIndex


def patient_record(content: bytes, index: CodeIndex, zone: tzinfo, patient_id: str | None = None) -> PatientRecord:
    """All resource types count as supplied: a file is all there is.

    Raises RequestError when the content is no JSON object, InputError when it must be said whose record it is.
    """
    sent = bundle_file(content)
    return read([sent], index, zone=zone, patient_id=patient_id or only_patient([sent]))
