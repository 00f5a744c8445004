"""What an EHR loads before it can ask our questions: questionnaires, code systems of the findings, lists of answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any, TypeAlias

from cds.clinical import Coding
from cds.ruleset.forms import AnswerList, Form, FormItem
from cds.ruleset.local_codes import in_use
from cds.ruleset.model import Knowledge
from cds.ruleset.systems import BASE, LOCAL_SYSTEMS, SYSTEMS

Resource: TypeAlias = dict[str, Any]

TYPES = ("Questionnaire", "CodeSystem", "ValueSet")

_EXTENSION = "http://hl7.org/fhir/StructureDefinition"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
_HELP = {
    "url": f"{_EXTENSION}/questionnaire-itemControl",
    "valueCodeableConcept": {
        "coding": [
            {"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "help", "display": "Help-Button"}
        ]
    },
}
_NONE_OF_THESE = "N"
_TITLES = {
    SYSTEMS["spine-local"]: "Findings, tasks and answers for spine, leg and knee",
    SYSTEMS["headache-local"]: "Findings, tasks and answers for headache",
}
_UNREVIEWED = "No clinician has reviewed this content: a site has to review and approve it before clinical use."


def definitions(knowledge: Knowledge) -> Mapping[str, Mapping[str, Resource]]:
    """By type and id, all of them with the version that their content has."""
    made = [
        *(_questionnaire(form) for form in knowledge.forms.questionnaires.values()),
        *_code_systems(knowledge),
        *(_value_set(answers) for answers in knowledge.forms.answers.values()),
    ]
    return {kind: {one["id"]: one for one in made if one["resourceType"] == kind} for kind in TYPES}


def load_all(made: Mapping[str, Mapping[str, Resource]]) -> Resource:
    """One transaction that brings all of them into a FHIR server, or up to date there."""
    entries = [
        {"fullUrl": one["url"], "resource": one, "request": {"method": "PUT", "url": f"{kind}/{name}"}}
        for kind, resources in made.items()
        for name, one in resources.items()
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def found(resources: Mapping[str, Resource], url: str | None) -> Resource:
    """The answer to a search for one canonical URL, or with None for all."""
    matches = [one for one in resources.values() if url in (None, one["url"])]
    entries = [{"fullUrl": one["url"], "resource": one, "search": {"mode": "match"}} for one in matches]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(matches)}
    return {**bundle, "entry": entries} if entries else bundle


def canonical(kind: str, name: str) -> str:
    return f"{BASE}/{kind}/{name}"


def _head(kind: str, name: str, title: str, description: str) -> Resource:
    return {
        "resourceType": kind,
        "id": name,
        "url": canonical(kind, name),
        "name": "".join(part.capitalize() for part in name.split("-")),
        "title": title,
        "status": "draft",
        "experimental": True,
        "publisher": "The authors of this project",
        "description": f"{description.strip()} {_UNREVIEWED}",
    }


# Questionnaires


def _questionnaire(form: Form) -> Resource:
    return {
        **_head("Questionnaire", form.id, form.title, form.purpose),
        "version": form.version,
        "subjectType": ["Patient"],
        "item": [
            _item(item, {one.link_id for one in form.all_items() if one.type == "boolean"}) for item in form.items
        ],
    }


def _item(item: FormItem, yes_no: Set[str]) -> Resource:
    """``yes_no``: the linkIds of the questions to answer with yes or no."""
    made: Resource = {"linkId": item.link_id}
    if extensions := list(_limits(item)):
        made["extension"] = extensions
    if item.coding:
        made["code"] = [_coding(item.coding)]
    made |= {"text": item.text, "type": item.type}
    if item.enabled_by:
        operator = "=" if item.enabled_by in yes_no else "exists"
        made["enableWhen"] = [{"question": item.enabled_by, "operator": operator, "answerBoolean": True}]
    if item.type != "group":
        made["required"] = False  # what is not known stays unknown
    if item.repeats:
        made["repeats"] = True
    if item.answers:
        made["answerOption"] = [{"valueCoding": _coding(one)} for one in _options(item.answers)]
    below = [*([_help(item)] if item.help else []), *(_item(one, yes_no) for one in item.items)]
    return {**made, "item": below} if below else made


def _coding(coding: Coding) -> Resource:
    return {"system": coding.system, "code": coding.code, "display": coding.display}


def _help(item: FormItem) -> Resource:
    return {"linkId": f"{item.link_id}.help", "extension": [_HELP], "text": item.help, "type": "display"}


def _limits(item: FormItem) -> Iterator[Resource]:
    """The unit of a quantity, and between which numbers it makes sense."""
    if item.unit:
        unit = {"system": SYSTEMS["ucum"], "code": item.unit, "display": item.unit}
        yield {"url": f"{_EXTENSION}/questionnaire-unit", "valueCoding": unit}
    for end, number in zip(("min", "max"), item.limits or (), strict=False):
        if item.type == "quantity":
            value = {"value": number, "unit": item.unit, "system": SYSTEMS["ucum"], "code": item.unit}
            yield {"url": f"{_SDC}/sdc-questionnaire-{end}Quantity", "valueQuantity": value}
        else:
            member = {"valueInteger": int(number)} if item.type == "integer" else {"valueDecimal": number}
            yield {"url": f"{_EXTENSION}/{end}Value", **member}


def _options(answers: AnswerList) -> tuple[Coding, ...]:
    none = (Coding(SYSTEMS["yes-no"], _NONE_OF_THESE, answers.none),) if answers.none else ()
    return (*answers.codings, *none)


# Codes


def _code_systems(knowledge: Knowledge) -> Iterator[Resource]:
    codes = in_use(knowledge)
    for system in LOCAL_SYSTEMS:
        concepts = [{"code": one.code, "display": one.display} for one in codes if one.system == system]
        name = system.rpartition("/")[2]
        yield {
            **_head("CodeSystem", name, _TITLES[system], "Concepts for which no standard code could be verified."),
            "url": system,
            "caseSensitive": True,
            "content": "complete",
            "count": len(concepts),
            "concept": concepts,
        }


def _value_set(answers: AnswerList) -> Resource:
    systems = dict.fromkeys(one.system for one in _options(answers))
    includes = [
        {
            "system": system,
            "concept": [
                {"code": one.code, "display": one.display} for one in _options(answers) if one.system == system
            ],
        }
        for system in systems
    ]
    return {
        **_head("ValueSet", answers.id, answers.title, "Answers of a questionnaire."),
        "compose": {"include": includes},
    }
