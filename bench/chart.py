"""A made-up chart of any size with the mix of a real one, the same on every run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

Resource = dict[str, Any]

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
PATIENT = "bench-patient"
DAY = date(2026, 11, 21)

# Of each hundred resources, after the record lengths of synthetic charts: most are measurements.
MIX = (
    ("Observation", 61),
    ("Encounter", 12),
    ("Condition", 8),
    ("MedicationRequest", 7),
    ("Procedure", 6),
    ("DiagnosticReport", 6),
)

_ANALYTES = (
    ("8302-2", "Body Height", "cm", 171.2),
    ("2085-9", "High Density Lipoprotein Cholesterol", "mg/dL", 52.0),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 14.1),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5.6),
    ("2093-3", "Total Cholesterol", "mg/dL", 181.0),
    ("2571-8", "Triglycerides", "mg/dL", 132.0),
    ("18262-6", "Low Density Lipoprotein Cholesterol", "mg/dL", 92.0),
    ("2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "mmol/L", 24.0),
)
# By whether the rules ask for it: the ninth analyte, and the panel that takes the place of the first.
_LAST_ANALYTE = {
    False: ("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", 94.0),
    True: ("72514-3", "Pain severity - 0-10 verbal numeric rating", "{score}", 2.0),
}
_PANEL = {
    False: (
        ("24356-8", "Urinalysis complete panel - Urine"),
        (("2756-5", "pH of Urine", 6, "[pH]"), ("2965-2", "Specific gravity of Urine", 1, "{ratio}")),
    ),
    True: (
        ("55284-4", "Blood Pressure"),
        (("8462-4", "Diastolic Blood Pressure", 82, "mm[Hg]"), ("8480-6", "Systolic Blood Pressure", 126, "mm[Hg]")),
    ),
}
_CONDITIONS = (
    ("195662009", "Acute viral pharyngitis (disorder)"),
    ("444814009", "Viral sinusitis (disorder)"),
    ("10509002", "Acute bronchitis (disorder)"),
    ("162864005", "Body mass index 30+ - obesity (finding)"),
)
_DRUGS = (
    ("966222", "levothyroxine sodium 0.075 MG Oral Tablet"),
    ("308136", "amlodipine 2.5 MG Oral Tablet"),
    ("860975", "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet"),
)
_PROCEDURES = (
    ("430193006", "Medication Reconciliation (procedure)"),
    ("171207006", "Depression screening (procedure)"),
)


def patient() -> Resource:
    return {
        "resourceType": "Patient",
        "id": PATIENT,
        "name": [{"family": "Bench", "given": ["Sample"]}],
        "gender": "female",
        "birthDate": "1974-03-12",
    }


def chart(size: int, *, relevant: bool, today: date) -> list[Resource]:
    """Resources in the proportions of a chart; the relevant ones replace the first, and lie days before ``today``."""
    pattern = [kind for kind, share in MIX for _ in range(share)]
    # A step that has no factor in common with 100 spreads every type over the whole chart.
    filler = [_resource(pattern[(i * 37) % 100], i, relevant=relevant) for i in range(size)]
    asked = list(_relevant(today))[: size // 2] if relevant else []
    return asked + filler[len(asked) :]


def _resource(kind: str, i: int, *, relevant: bool = False) -> Resource:
    return {
        "resourceType": kind,
        "id": f"{kind.lower()}-{i:08d}-5b47-4786-b672",
        "meta": {"versionId": "1", "lastUpdated": "2026-01-12T10:05:00.000+00:00", "source": f"#{i:016x}"},
        **(_observation(i, relevant=relevant) if kind == "Observation" else _MEMBERS[kind](i)),
    }


def _day(i: int) -> str:
    return f"20{15 + i % 11:02d}-{1 + i % 12:02d}-{1 + i % 28:02d}T09:{i % 60:02d}:00+01:00"


def _coded(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _subject() -> Resource:
    return {"subject": {"reference": f"Patient/{PATIENT}"}}


def _encounter_of(i: int) -> Resource:
    return {"encounter": {"reference": f"Encounter/encounter-{i:08d}-5b47-4786-b672"}}


def _observation(i: int, *, relevant: bool) -> Resource:
    code, display, unit, value = (*_ANALYTES, _LAST_ANALYTE[relevant])[i % 9]
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    members: Resource = {
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "laboratory", "display": "laboratory"}]}],
        "code": _coded(LOINC, code, display),
        **_subject(),
        **_encounter_of(i),
        "effectiveDateTime": _day(i),
        "issued": _day(i),
        "valueQuantity": {"value": value + i % 7, "unit": unit, "system": UCUM, "code": unit},
    }
    if i % 9 == 0:
        panel, parts = _PANEL[relevant]
        del members["valueQuantity"]
        members["code"] = _coded(LOINC, *panel)
        members["component"] = [
            {"code": _coded(LOINC, part, name), "valueQuantity": _quantity(amount, measure)}
            for part, name, amount, measure in parts
        ]
    return members


def _quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _condition(i: int) -> Resource:
    terms = "http://terminology.hl7.org/CodeSystem"
    return {
        "clinicalStatus": {"coding": [{"system": f"{terms}/condition-clinical", "code": "resolved"}]},
        "verificationStatus": {"coding": [{"system": f"{terms}/condition-ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": f"{terms}/condition-category", "code": "encounter-diagnosis"}]}],
        "code": _coded(SNOMED, *_CONDITIONS[i % len(_CONDITIONS)]),
        **_subject(),
        **_encounter_of(i),
        "onsetDateTime": _day(i),
        "abatementDateTime": _day(i + 1),
        "recordedDate": _day(i),
    }


def _encounter(i: int) -> Resource:
    return {
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [_coded(SNOMED, "185345009", "Encounter for symptom")],
        **_subject(),
        "participant": [
            {"individual": {"reference": f"Practitioner/practitioner-{i % 7}", "display": "Dr. Sample Clinician"}}
        ],
        "period": {"start": _day(i), "end": _day(i)},
        "serviceProvider": {"reference": "Organization/organization-1", "display": "Sample Hospital"},
    }


def _medication_request(i: int) -> Resource:
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    return {
        "status": "stopped" if i % 3 else "active",
        "intent": "order",
        "medicationCodeableConcept": _coded(RXNORM, *_DRUGS[i % len(_DRUGS)]),
        **_subject(),
        **_encounter_of(i),
        "authoredOn": _day(i),
        "requester": {"reference": "Practitioner/practitioner-1", "display": "Dr. Sample Clinician"},
        "dosageInstruction": [{"sequence": 1, "text": "One tablet daily", "timing": timing, "asNeededBoolean": False}],
    }


def _procedure(i: int) -> Resource:
    return {
        "status": "completed",
        "code": _coded(SNOMED, *_PROCEDURES[i % len(_PROCEDURES)]),
        **_subject(),
        **_encounter_of(i),
        "performedPeriod": {"start": _day(i), "end": _day(i)},
    }


def _diagnostic_report(i: int) -> Resource:
    results = [{"reference": f"Observation/observation-{i + n:08d}-5b47-4786-b672"} for n in range(6)]
    return {
        "status": "final",
        "code": _coded(LOINC, "51990-0", "Basic Metabolic Panel"),
        **_subject(),
        **_encounter_of(i),
        "effectiveDateTime": _day(i),
        "issued": _day(i),
        "result": [{**each, "display": "Basic Metabolic Panel result"} for each in results],
    }


_MEMBERS = {
    "Encounter": _encounter,
    "Condition": _condition,
    "MedicationRequest": _medication_request,
    "Procedure": _procedure,
    "DiagnosticReport": _diagnostic_report,
}


def _relevant(today: date) -> Iterator[Resource]:
    """Sciatica and headache, an NSAID on three days a week, many headache days."""
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    local = "https://cds.example.org/fhir/CodeSystem/headache-cds-findings"
    for i, (code, display) in enumerate((("M54.31", "Sciatica, right side"), ("R51.9", "Headache, unspecified"))):
        condition = _resource("Condition", 10_000 + i)
        condition["clinicalStatus"]["coding"][0]["code"] = "active"
        del condition["abatementDateTime"]
        yield condition | {"code": _coded(icd, code, display), "onsetDateTime": _ago(today, 19)}
    yield _resource("MedicationRequest", 10_002) | {
        "status": "active",
        "authoredOn": _ago(today, 11),
        "medicationCodeableConcept": _coded(RXNORM, "5640", "ibuprofen"),
    }
    for i, (code, value, unit) in enumerate((("acute-med-days-per-week", 3, "d"), ("headache-days-per-30d", 16, "d"))):
        yield _resource("Observation", 10_010 + i) | {
            "code": _coded(local, code, code),
            "effectiveDateTime": _ago(today, 1),
            "valueQuantity": _quantity(value, unit),
        }


def _ago(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()
