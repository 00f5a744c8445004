"""Lines of a test's record about conditions, findings and events, as the FHIR resources they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cds.ruleset.names import unknown
from cds.ruleset.systems import SYSTEMS, system_of
from cds.workbench.when import day_before, day_offsets, documented_days, fhir_moment

Resource = dict[str, Any]
Line = Mapping[str, Any]

_QUANTITY = re.compile(r"(<=|>=|<|>)?\s*(-?\d+(?:\.\d+)?)(?:\s+(\S.*))?")
_MOMENT = re.compile(r"today\b|\d{4}-\d\d")
_NUMERIC = re.compile(r"\d[\d.-]*")
_SIDES = {"left": "7771000", "right": "24028007", "both": "51440002"}
_SNOMED = SYSTEMS["snomed"]
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = SYSTEMS["condition-category"]
_RELATIONSHIP = SYSTEMS["role-code"]
_SEVERITY = {"mild": "255604002", "moderate": "6736007", "severe": "24484000"}


def concept(code: object) -> Resource:
    """``{snomed: "23056005"}`` as a CodeableConcept, a coding for each code of each system; a text stands alone.

    Raises ``ValueError`` for a system that has no such name.
    """
    if isinstance(code, Mapping):
        pairs = [(system, one) for system, of in code.items() for one in (of if isinstance(of, list) else [of])]
        return {"coding": [{"system": _system(system), "code": str(one)} for system, one in pairs]}
    if not isinstance(code, str) or _NUMERIC.fullmatch(code):
        raise ValueError(f'{code!r} is not a code; write {{system: "code"}}')
    return {"text": code}


def _system(name: str) -> str:
    if found := system_of(name):
        return found
    raise ValueError(unknown("code system", name, SYSTEMS))


def quantity(words: object) -> Resource:
    """``38.4 Cel``, ``<5 mg/L``, ``3``; without a unit the quantity has none."""
    found = _QUANTITY.fullmatch(str(words))
    if not found:
        raise ValueError(f"{words!r} is not a number with a unit")
    comparator, number, unit = found.groups()
    value: Resource = {"value": float(number) if "." in number else int(number)}
    if comparator:
        value["comparator"] = comparator
    return value | ({"unit": unit, "system": SYSTEMS["ucum"], "code": unit} if unit else {})


def _value(words: object, now: datetime) -> Resource:
    if isinstance(words, bool):
        return {"valueBoolean": words}
    if isinstance(words, Mapping):
        return {"valueCodeableConcept": concept(words)}
    if isinstance(words, (int, float)) or _QUANTITY.fullmatch(str(words)):
        return {"valueQuantity": quantity(words)}
    if _MOMENT.match(str(words)):
        return {"valueDateTime": fhir_moment(words, now)}
    return {"valueString": str(words)}


def condition(line: Line, now: datetime) -> Iterator[Resource]:
    made: Resource = {"resourceType": "Condition", "code": concept(line["condition"])}
    made |= _coded(line, "status", "clinicalStatus", _CLINICAL, "active")
    made |= _coded(line, "verification", "verificationStatus", _VERIFICATION, "confirmed")
    if category := line.get("category"):
        made["category"] = [{"coding": [{"system": _CATEGORY, "code": category}]}]
    if severity := line.get("severity"):
        made["severity"] = {"coding": [{"system": _SNOMED, "code": _SEVERITY[severity]}]}
    if cause := line.get("because"):
        made["evidence"] = [{"code": [concept(cause)]}]
    times = {"onset": "onsetDateTime", "recorded": "recordedDate", "abated": "abatementDateTime"}
    yield made | _dated(line, now, times) | _sited(line, many=True)


def observation(line: Line, now: datetime) -> Iterator[Resource]:
    made: Resource = {"resourceType": "Observation", "status": line.get("status", "final")}
    made["code"] = concept(line["observation"])
    if "value" in line:
        made |= _value(line["value"], now)
    if parts := line.get("components"):
        made["component"] = [{"code": concept(part["code"]), **_value(part["value"], now)} for part in parts]
    if limits := {end: quantity(line[end]) for end in ("low", "high") if end in line}:
        made["referenceRange"] = [limits]
    if "from" in line or "to" in line:
        made["effectivePeriod"] = _dated(line, now, {"from": "start", "to": "end"})
    yield made | _dated(line, now, {"at": "effectiveDateTime"}) | _sited(line, many=False)


def answer(line: Line, now: datetime) -> Iterator[Resource]:
    given = [line["value"]] if "value" in line else []
    yield _form(line, [_item(line["answer"], given, now)], now)


def answers(line: Line, now: datetime) -> Iterator[Resource]:
    """One form with several answers, by linkId."""
    yield _form(line, [_item(link, [value], now) for link, value in line["answers"].items()], now)


def _item(link: str, given: list[Any], now: datetime) -> Resource:
    item: Resource = {"linkId": link}
    for words in given:
        value = _value(words, now)
        coded = value.pop("valueCodeableConcept", None)
        item["answer"] = [{"valueCoding": coded["coding"][0]} if coded else value]
    return item


def _form(line: Line, items: list[Resource], now: datetime) -> Resource:
    made = {"resourceType": "QuestionnaireResponse", "status": line.get("status", "completed"), "item": items}
    return made | _dated(line, now, {"at": "authored"})


def procedure(line: Line, now: datetime) -> Iterator[Resource]:
    made = {"resourceType": "Procedure", "status": line.get("status", "completed"), "code": concept(line["procedure"])}
    yield made | _dated(line, now, {"at": "performedDateTime"})


def report(line: Line, now: datetime) -> Iterator[Resource]:
    made = {"resourceType": "DiagnosticReport", "status": line.get("status", "final"), "code": concept(line["report"])}
    if conclusion := line.get("conclusion"):
        made["conclusionCode"] = [concept(conclusion)]
    yield made | _dated(line, now, {"at": "effectiveDateTime"})


def allergy(line: Line, now: datetime) -> Iterator[Resource]:
    made: Resource = {"resourceType": "AllergyIntolerance", "code": concept(line["allergy"])}
    made |= _coded(line, "status", "clinicalStatus", _ALLERGY_CLINICAL, "active")
    made |= _coded(line, "verification", "verificationStatus", _ALLERGY_VERIFICATION, "confirmed")
    yield made | _dated(line, now, {"recorded": "recordedDate"})


def encounter(line: Line, now: datetime) -> Iterator[Resource]:
    made: Resource = {"resourceType": "Encounter", "status": line.get("status", "finished")}
    made["class"] = {"system": SYSTEMS["act-code"], "code": line.get("class", "AMB")}
    made["reasonCode"] = [concept(line["encounter"])]
    start = fhir_moment(line["at"], now)
    yield made | {"period": {"start": start, "end": start}}


def family(line: Line, _now: datetime) -> Iterator[Resource]:
    relationship = {"coding": [{"system": _RELATIONSHIP, "code": line.get("relationship", "FTH")}]}
    yield {
        "resourceType": "FamilyMemberHistory",
        "status": line.get("status", "completed"),
        "relationship": relationship,
        "condition": [{"code": concept(line["family"])}],
    }


def task(line: Line, now: datetime) -> Iterator[Resource]:
    made = {"resourceType": "Task", "status": line.get("status", "completed"), "intent": "order"}
    made["code"] = concept(line["task"])
    at = fhir_moment(line["at"], now)
    made |= {"authoredOn": at, "lastModified": at}
    if "due" in line:
        made["restriction"] = {"period": {"end": fhir_moment(line["due"], now)}}
    yield made | ({"executionPeriod": {"end": at}} if made["status"] == "completed" else {})


def service_request(line: Line, now: datetime) -> Iterator[Resource]:
    made = {"resourceType": "ServiceRequest", "status": line.get("status", "active"), "intent": "order"}
    made["code"] = concept(line["service_request"])
    if priority := line.get("priority"):
        made["priority"] = priority
    if reason := line.get("reason"):
        made["reasonCode"] = [concept(one) for one in (reason if isinstance(reason, list) else [reason])]
    if site := line.get("site"):
        made["bodySite"] = [concept(site)]
    yield made | _dated(line, now, {"authored": "authoredOn"})


def diary(line: Line, now: datetime) -> Iterator[Resource]:
    """One Observation a day and subject: ``class-…`` of a drug taken, ``none`` taken, ``headache``, ``migraine``."""
    documented = documented_days(line["documented"]) if "documented" in line else ()
    for subject, words in line["diary"].items():
        days = day_offsets(words)
        for offset in sorted({*days, *documented}):
            yield _diary_day(subject, subject != "none" and offset in days, day_before(now, offset).isoformat())


def _diary_day(subject: str, so: bool, day: str) -> Resource:
    local = SYSTEMS["headache-local"]
    code = f"{subject}-day" if subject in ("headache", "migraine") else "acute-med-use-day"
    made: Resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": local, "code": code}]},
        "effectiveDateTime": day,
        "valueBoolean": so,
    }
    if subject.startswith("class-"):
        drug_class = {"coding": [{"system": local, "code": subject}]}
        made["component"] = [
            {"code": {"coding": [{"system": local, "code": "drug-class"}]}, "valueCodeableConcept": drug_class}
        ]
    return made


def resource(line: Line, now: datetime) -> Iterator[Resource]:
    yield _relative(line["resource"], now)


def _relative(part: Any, now: datetime) -> Any:
    """FHIR as written, with the dates that are relative worked out."""
    if isinstance(part, Mapping):
        return {key: _relative(value, now) for key, value in part.items()}
    if isinstance(part, list):
        return [_relative(value, now) for value in part]
    return fhir_moment(part, now) if isinstance(part, str) and part.startswith(("today", "now")) else part


def _coded(line: Line, key: str, element: str, system: str, default: str) -> Resource:
    """A status; written as ``none`` the element is left out."""
    code = line.get(key, default)
    return {} if code == "none" else {element: {"coding": [{"system": system, "code": code}]}}


def _dated(line: Line, now: datetime, elements: Mapping[str, str]) -> Resource:
    return {element: fhir_moment(line[key], now) for key, element in elements.items() if key in line}


def _sited(line: Line, *, many: bool) -> Resource:
    sites = [concept(line["site"])] if "site" in line else []
    if side := line.get("side"):
        sites.append({"coding": [{"system": _SNOMED, "code": _SIDES[side]}]})
    if not sites:
        return {}
    return {"bodySite": sites if many else {"coding": [coding for site in sites for coding in site["coding"]]}}
