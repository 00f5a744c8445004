"""Lines of a test's record about medicines, as the FHIR resources they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cds.workbench.statements import Line, Resource, concept, quantity
from cds.workbench.when import fhir_moment

_TIMING = ("frequency", "frequencyMax", "periodMax", "dayOfWeek", "timeOfDay", "when", "count")
DOSAGE_KEYS = ("dose", "as_needed", "route", "period", "timing", "dosage", "text", "max", "code", *_TIMING)


def request(line: Line, now: datetime) -> Iterator[Resource]:
    made: Resource = {"resourceType": "MedicationRequest", "status": line.get("status", "active")}
    made |= {"intent": line.get("intent", "order"), **_medicine(line, "request"), **_reason(line)}
    if line.get("do_not_perform"):
        made["doNotPerform"] = True
    if "authored" in line:
        made["authoredOn"] = fhir_moment(line["authored"], now)
    if dosage := _dosage(line, now):
        made["dosageInstruction"] = [dosage]
    if supply := _supply(line, now):
        made["dispenseRequest"] = supply
    yield made | _id(line)


def statement(line: Line, now: datetime) -> Iterator[Resource]:
    made: Resource = {"resourceType": "MedicationStatement", "status": line.get("status", "active")}
    made |= {**_medicine(line, "statement"), **_reason(line)}
    if period := _period(line, now):
        made["effectivePeriod"] = period
    if "asserted" in line:
        made["dateAsserted"] = fhir_moment(line["asserted"], now)
    if source := line.get("source"):
        made["informationSource"] = {"reference": f"{source}/source", "type": source}
    if dosage := _dosage(line, now):
        made["dosage"] = [dosage]
    yield made | _id(line) | _based_on(line, "basedOn")


def dispense(line: Line, now: datetime) -> Iterator[Resource]:
    made: Resource = {"resourceType": "MedicationDispense", "status": line.get("status", "completed")}
    made |= {**_medicine(line, "dispense"), "whenHandedOver": fhir_moment(line["at"], now)}
    if "quantity" in line:
        made["quantity"] = quantity(line["quantity"])
    if "supply" in line:
        made["daysSupply"] = quantity(line["supply"])
    yield made | _id(line) | _based_on(line, "authorizingPrescription")


def administration(line: Line, now: datetime) -> Iterator[Resource]:
    made: Resource = {"resourceType": "MedicationAdministration", "status": line.get("status", "completed")}
    made |= {**_medicine(line, "administration"), "effectiveDateTime": fhir_moment(line["at"], now)}
    if "based_on" in line:
        made["request"] = {"reference": line["based_on"]}
    yield made | _id(line)


def _medicine(line: Line, key: str) -> Resource:
    return {"medicationCodeableConcept": concept(line[key]) | ({"text": line["name"]} if "name" in line else {})}


def _reason(line: Line) -> Resource:
    return {"reasonCode": [concept(line["reason"])]} if "reason" in line else {}


def _id(line: Line) -> Resource:
    return {"id": line["id"]} if "id" in line else {}


def _based_on(line: Line, element: str) -> Resource:
    return {element: [{"reference": line["based_on"]}]} if "based_on" in line else {}


def _period(line: Line, now: datetime) -> Resource:
    return {element: fhir_moment(line[key], now) for key, element in (("from", "start"), ("to", "end")) if key in line}


def _supply(line: Line, now: datetime) -> Resource:
    supply: Resource = {}
    if "quantity" in line:
        supply["quantity"] = quantity(line["quantity"])
    if "supply" in line:
        supply["expectedSupplyDuration"] = quantity(line["supply"])
    if "repeats" in line:
        supply["numberOfRepeatsAllowed"] = line["repeats"]
    if "valid_from" in line or "valid_to" in line:
        pairs = (("valid_from", "start"), ("valid_to", "end"))
        supply["validityPeriod"] = {element: fhir_moment(line[key], now) for key, element in pairs if key in line}
    return supply


def _dosage(line: Line, now: datetime) -> Resource:
    if "dosage" in line:
        return dict(line["dosage"])
    made: Resource = {}
    if "text" in line:
        made["text"] = line["text"]
    if line.get("as_needed"):
        made["asNeededBoolean"] = True
    if timing := _timing(line, now):
        made["timing"] = timing
    if "dose" in line:
        made["doseAndRate"] = [{"doseQuantity": quantity(line["dose"])}]
    if "route" in line:
        made["route"] = concept(line["route"])
    if "max" in line:
        amount, _, period = str(line["max"]).partition(" per ")
        made["maxDosePerPeriod"] = {"numerator": quantity(amount), "denominator": quantity(period)}
    return made


def _timing(line: Line, now: datetime) -> Resource:
    if "timing" in line:
        return dict(line["timing"])
    repeat: dict[str, Any] = {key: line[key] for key in _TIMING if key in line}
    if "period" in line:
        number, _, unit = str(line["period"]).partition(" ")
        repeat |= {"period": float(number) if "." in number else int(number), "periodUnit": unit}
    if "bounds" in line:
        pairs = (("from", "start"), ("to", "end"))
        repeat["boundsPeriod"] = {
            element: fhir_moment(line["bounds"][key], now) for key, element in pairs if key in line["bounds"]
        }
    code = {"code": {"coding": [{"code": line["code"]}]}} if "code" in line else {}
    return ({"repeat": repeat} if repeat else {}) | code
