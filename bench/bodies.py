"""Hook requests of any size, the same on every run, key for key what discovery asks for."""

from __future__ import annotations

import json
from datetime import date

from bench.chart import DAY, MIX, PATIENT, Resource, chart, patient

SIZES = (10, 200, 2000)

# Of these the client says that there are none.
_NONE_OF_THEM = (
    "AllergyIntolerance",
    "FamilyMemberHistory",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationStatement",
    "QuestionnaireResponse",
    "ServiceRequest",
    "Task",
)


def body(size: int, *, relevant: bool, today: date = DAY) -> bytes:
    """A patient-view request with so many resources; ``relevant``: some are what the spine and headache rules ask."""
    return request([patient(), *chart(size - 1, relevant=relevant, today=today)])


def request(resources: list[Resource], hook: str = "patient-view", **context: object) -> bytes:
    """A call with these resources, the patient first; the members of the context are added to the usual ones."""
    prefetch: Resource = {
        "patient": resources[0],
        **dict.fromkeys(map(_key, (*dict(MIX), *_NONE_OF_THEM))),
    }
    for resource in resources[1:]:
        key = _key(resource["resourceType"])
        bundle = prefetch[key] = prefetch.get(key) or {"resourceType": "Bundle", "type": "searchset", "entry": []}
        url = f"https://ehr.example.org/fhir/{resource['resourceType']}/{resource['id']}"
        bundle["entry"].append({"fullUrl": url, "resource": resource, "search": {"mode": "match"}})
    message = {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": "https://ehr.example.org/fhir",
        "context": {"userId": "Practitioner/bench", "patientId": PATIENT, **context},
        "prefetch": prefetch,
    }
    return json.dumps(message).encode()


def _key(kind: str) -> str:
    """As the service names its prefetch keys."""
    name = f"{kind[0].lower()}{kind[1:]}"
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
