"""Resources to send, and the record that is read of them by an index of a few codes."""

import json
from zoneinfo import ZoneInfo

from cds.clinical import Coding
from cds.fhir.bundle import patient_record
from cds.record import PatientRecord
from cds.ruleset.codes import CodeIndex
from cds.ruleset.model import Codes
from cds.ruleset.systems import SYSTEMS

BERLIN = ZoneInfo("Europe/Berlin")
SNOMED, LOINC, ICD, RXNORM = (SYSTEMS[name] for name in ("snomed", "loinc", "icd-10-cm", "rxnorm"))
SPINE, UCUM = SYSTEMS["spine-local"], "http://unitsofmeasure.org"

SUBJECT = {"subject": {"reference": "Patient/p1"}}
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1974-03-12", "gender": "female"}

CHOICES = {
    "sciatica.in": (Coding(SNOMED, "23056005", "Sciatica"), Coding(ICD, "M54.3")),
    "nsaid.in": (Coding(RXNORM, "5640", "ibuprofen"),),
    "opioid.in": (Coding(RXNORM, "7052"),),
    "pvr.in": (Coding(LOINC, "9187-6"),),
    "systolic.in": (Coding(LOINC, "8480-6"),),
    "numbness.in": (Coding(SPINE, "saddle-numbness", "Saddle numbness"),),
    "mri.in": (Coding(LOINC, "30679-5"),),
    "leg.in": (Coding(SNOMED, "61685007"),),
    "cancer.in": (Coding(ICD, "C50", "Malignant neoplasm of breast"), Coding(SNOMED, "254837009")),
}
HISTORY = (Coding(SNOMED, "266987004"), Coding(ICD, "Z85"))
PRODUCTS = {Coding(RXNORM, "310965"): (Coding(RXNORM, "5640"),), Coding(RXNORM, "999"): (Coding(RXNORM, "161"),)}


def index(visits_within: float | None = None) -> CodeIndex:
    choices = {name: Codes(codings=codings) for name, codings in CHOICES.items()}
    choices["history.in"] = Codes(codings=HISTORY, except_codings=(Coding(ICD, "Z85.828"),))
    return CodeIndex(choices, {}, PRODUCTS, visits_within)


def coded(system: str, code: str, display: str = "") -> dict:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def bundle(*resources: dict) -> bytes:
    entries = [{"resource": each} for each in (PATIENT, *resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def record(*resources: dict, visits_within: float | None = None) -> PatientRecord:
    return patient_record(bundle(*resources), index(visits_within), BERLIN, patient_id="p1")


def entries(name: str, *resources: dict) -> tuple:
    """What the record holds under one choice."""
    return record(*resources).entries.get(name, ())


def entry(name: str, *resources: dict):
    """The only entry under a choice."""
    (found,) = entries(name, *resources)
    return found
