"""Filling in our questionnaires as an EHR would: answers of the types that the exported items have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st

from cds.clinical import Fact
from cds.facts import Plan, derive, plan
from cds.fhir.bundle import patient_record
from cds.fhir.definitions import definitions
from cds.record import PatientRecord
from cds.ruleset.codes import CodeIndex
from cds.ruleset.model import FactSpec
from tests.shipped import knowledge

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
AUTHORED = "2026-11-21T09:00:00Z"
PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1980-05-17", "gender": "female"}

Item = Mapping[str, Any]


@cache
def specs() -> dict[str, FactSpec]:
    return {name: spec for ruleset in knowledge().rulesets.values() for name, spec in ruleset.facts.items()}


@cache
def index() -> CodeIndex:
    return CodeIndex.of(specs().values(), knowledge())


@cache
def planned() -> Plan:
    return plan(specs())


@cache
def exported() -> Mapping[str, Mapping[str, dict[str, Any]]]:
    return definitions(knowledge())


def questions(item: Item) -> Iterator[Item]:
    """All that may be answered in and under an item of a Questionnaire or a group of it."""
    if item.get("type") not in (None, "group", "display"):
        yield item
    for below in item.get("item", ()):
        yield from questions(below)


def extension(item: Item, name: str) -> Any:
    """The value of an extension of the item, by the end of its URL."""
    found = (one for one in item.get("extension", ()) if one["url"].endswith(name))
    return next((value for one in found for key, value in one.items() if key.startswith("value")), None)


def limits(item: Item) -> tuple[Any, Any]:
    ends = ("Quantity", "Value")["type" not in item or item["type"] != "quantity"]
    low, high = (extension(item, f"{end}{ends}") for end in ("min", "max"))
    return (low["value"], high["value"]) if isinstance(low, dict) else (low, high)


def values(item: Item) -> st.SearchStrategy[dict[str, Any]]:
    """An answer of the item's own type."""
    low, high = limits(item)
    match item["type"]:
        case "boolean":
            return st.booleans().map(lambda yes: {"valueBoolean": yes})
        case "choice":
            return st.sampled_from([dict(option) for option in item["answerOption"]])
        case "integer":
            return st.integers(low, high).map(lambda number: {"valueInteger": number})
        case "decimal":
            return st.integers(int(low) * 10, int(high) * 10).map(lambda tenths: {"valueDecimal": tenths / 10})
        case "quantity":
            unit = extension(item, "questionnaire-unit")["code"]
            return st.integers(int(low), int(high)).map(lambda number: {"valueQuantity": measured(number, unit)})
        case "date":
            return st.dates(NOW.date().replace(year=2025), NOW.date()).map(lambda day: {"valueDate": str(day)})
        case "dateTime":
            return st.integers(0, 23).map(lambda hour: {"valueDateTime": f"2026-11-20T{hour:02}:00:00Z"})
    raise AssertionError(item["type"])


def measured(number: int, unit: str) -> dict[str, Any]:
    return {"value": number, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


@st.composite
def filled(draw: st.DrawFn, item: Item, whole: bool = True) -> dict[str, Any]:
    """The item with answers; when not ``whole``, some questions are left out."""
    made: dict[str, Any] = {"linkId": item["linkId"]}
    below = [one for one in item.get("item", ()) if one["type"] != "display"]
    if item["type"] == "group":
        return {**made, "item": [draw(filled(one, whole)) for one in below]}
    if not whole and draw(st.booleans()):
        return made
    answer = draw(values(item))
    if below:
        answer["item"] = [draw(filled(one, whole)) for one in below]
    return {**made, "answer": [answer]}


def response(name: str, *items: Item) -> dict[str, Any]:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "r",
        "questionnaire": exported()["Questionnaire"][name]["url"],
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "authored": AUTHORED,
        "item": list(items),
    }


def record_of(answered: Mapping[str, Any]) -> PatientRecord:
    entries = [{"resource": one} for one in (PATIENT, answered)]
    content = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    return patient_record(content, index(), UTC, patient_id="p")


def facts_of(answered: Mapping[str, Any]) -> Mapping[str, Fact]:
    return derive(planned(), record_of(answered), NOW)


def readers(code: str) -> set[str]:
    """The facts that read a local code, by themselves or in what they are built upon."""
    return {fact for choice in index().local(code)[1] for fact in (choice.partition(".")[0], *asking(choice))}


def asking(choice: str) -> tuple[str, ...]:
    return planned().asked_by.get(choice, ())
