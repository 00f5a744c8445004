"""Messages as an EHR sends them, as plain JSON; a test changes what it is about."""

import uuid
from pathlib import Path

from cds.hooks.catalogue import catalogue
from cds.ruleset.load import load

RULESETS = Path(__file__).with_name("rulesets")

SNOMED = "http://snomed.info/sct"
LOCAL = "https://cds.example.org/fhir/CodeSystem/spine-cds-findings"
USER = {"userId": "Practitioner/a"}
PATIENT = {"patientId": "1"}
USUAL = {**USER, **PATIENT}


def served():
    """The catalogue of the small ruleset of these tests."""
    return catalogue(load(RULESETS))


def request(context=None, prefetch=None, hook="patient-view", **members):
    message = {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": USUAL if context is None else context}
    return message | ({} if prefetch is None else {"prefetch": prefetch}) | members


def bundle(*resources, **members):
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources], **members}


def patient(**members):
    return {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1980-05-17", **members}


def condition(code, display="", ident="c1", **members):
    return {
        "resourceType": "Condition",
        "id": ident,
        "subject": {"reference": "Patient/1"},
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "code": {"coding": [{"system": SNOMED, "code": code, "display": display}]},
        "onsetDateTime": "2026-11-01",
        **members,
    }


def headache(**members):
    return condition("25064002", "Headache", "headache", **members)


def thunderclap(**members):
    return condition("95660002", "Thunderclap headache", "thunderclap", **members)


def stiff_neck(**members):
    return condition("161882006", "Stiff neck", "neck", **members)


def observation(system, code, value, unit, ident, **members):
    return {
        "resourceType": "Observation",
        "id": ident,
        "status": "final",
        "subject": {"reference": "Patient/1"},
        "code": {"coding": [{"system": system, "code": code}]},
        "effectiveDateTime": "2026-11-18",
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
        **members,
    }


def nsaid_days(value=4, **members):
    return observation(LOCAL, "analgesic-days-per-week", value, "d/wk", "days", **members)


def pain_score(value):
    return observation("http://loinc.org", "72514-3", value, "1", "score")


def ibuprofen(ident="order-1", **members):
    return {
        "resourceType": "MedicationRequest",
        "id": ident,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/1"},
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "197806"}],
            "text": "Ibuprofen 600 MG Oral Tablet",
        },
        **members,
    }


def data(*resources):
    """Every prefetch key of the small ruleset, with these resources under the keys of their types."""
    return {
        "patient": next((one for one in resources if one["resourceType"] == "Patient"), patient()),
        "conditions": bundle(*(one for one in resources if one["resourceType"] == "Condition")),
        "observations": bundle(*(one for one in resources if one["resourceType"] == "Observation")),
        "questionnaireResponses": bundle(),
    }


MINIMAL = {
    "patient-view": USUAL,
    "order-select": {**USUAL, "selections": ["MedicationRequest/order-1"], "draftOrders": bundle(ibuprofen())},
    "order-sign": {**USUAL, "draftOrders": bundle(ibuprofen())},
    "order-dispatch": {**PATIENT, "dispatchedOrders": ["ServiceRequest/1"], "performer": "Organization/1"},
    "appointment-book": {**USUAL, "appointments": bundle({"resourceType": "Appointment", "status": "proposed"})},
    "encounter-start": {**USUAL, "encounterId": "e1"},
    "encounter-discharge": {**USUAL, "encounterId": "e1"},
    "medication-refill": {**PATIENT, "medications": bundle(ibuprofen())},
    "medication-verify": {**USUAL, "medication": ibuprofen(status="active")},
    "allergyintolerance-create": {**USUAL, "allergyIntolerance": {"resourceType": "AllergyIntolerance", "id": "a"}},
    "problem-list-item-create": {**USUAL, "conditions": bundle(headache())},
}
"""The context of each hook with its required fields and no others."""
