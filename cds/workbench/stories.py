"""A test's record, told in lines, as a FHIR Bundle: ``{condition: {snomed: "23056005"}, onset: today-30d}``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from cds.errors import Problem
from cds.ruleset.document import Entries
from cds.ruleset.names import listed
from cds.workbench import attack_statements, line_words, statements
from cds.workbench import medicine_statements as medicines
from cds.workbench.statements import Line, Resource
from cds.workbench.when import fhir_moment

PATIENT_ID = "story"
DEFAULT_AGE = 45
_OLDEST = 130  # years
_GENDERS = ("male", "female", "other", "unknown")

_PATIENT = ("age", "born", "gender", "deceased")
_MEDICINE = ("name", "id", "status", "reason", "based_on", "bounds", *medicines.DOSAGE_KEYS)
_SUPPLY = ("quantity", "supply", "repeats", "valid_from", "valid_to")

_ABOUT = {"FamilyMemberHistory": "patient", "AllergyIntolerance": "patient", "Task": "for"}

_Maker = Callable[[Line, datetime], Iterator[Resource]]

# what a line may start with -> who makes its resources, and the other keys it knows
LINES: Mapping[str, tuple[_Maker, tuple[str, ...]]] = {
    "condition": (
        statements.condition,
        ("onset", "recorded", "abated", "status", "verification", "category", "severity", "side", "site", "because"),
    ),
    "observation": (
        statements.observation,
        ("value", "at", "from", "to", "status", "side", "site", "components", "low", "high"),
    ),
    "answer": (statements.answer, ("value", "at", "status")),
    "answers": (statements.answers, ("at", "status")),
    "procedure": (statements.procedure, ("at", "status")),
    "report": (statements.report, ("at", "status", "conclusion")),
    "allergy": (statements.allergy, ("recorded", "status", "verification")),
    "encounter": (statements.encounter, ("at", "status", "class")),
    "family": (statements.family, ("relationship", "status")),
    "task": (statements.task, ("at", "due", "status")),
    "service_request": (statements.service_request, ("authored", "status", "priority", "reason", "site")),
    "diary": (statements.diary, ("documented",)),
    "attack": (attack_statements.attack, attack_statements.KEYS),
    "statement": (medicines.statement, ("from", "to", "asserted", "source", *_MEDICINE)),
    "request": (medicines.request, ("authored", "intent", "do_not_perform", *_SUPPLY, *_MEDICINE)),
    "dispense": (medicines.dispense, ("at", *_SUPPLY, *_MEDICINE)),
    "administration": (medicines.administration, ("at", *_MEDICINE)),
    "resource": (statements.resource, ()),
}


def bundle(patient: Mapping[str, Any], lines: Iterable[Line], now: datetime) -> Resource:
    """The story as a collection Bundle. Raises ``ValueError`` that says which line is wrong, and how."""
    made = [_patient(patient, now), *(resource for line in lines for resource in told(line, now))]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource} for resource in made]}


def told(line: Line, now: datetime) -> Iterator[Resource]:
    """The resources of one line, about the story's patient."""
    start = next(iter(line), "")
    if start not in LINES:
        raise ValueError(f'a line starts with one of {", ".join(LINES)}, not with "{start}"')
    maker, keys = LINES[start]
    if unknown := set(line) - {start, *keys}:
        raise ValueError(f'"{min(unknown)}" is not a key of a line with {start}; it has {", ".join(keys)}')
    line_words.check(start, line)
    try:
        resources = list(maker(line, now))
    except KeyError as error:
        raise ValueError(f"the {start} lacks {error}") from error
    for resource in resources:
        about = _ABOUT.get(resource["resourceType"], "subject")
        yield {about: {"reference": f"Patient/{PATIENT_ID}"}, **resource}


def mistakes(lines: Iterable[Entries], now: datetime) -> Iterator[Problem]:
    """Of the lines that are wrong, where they are and how."""
    for line in lines:
        try:
            list(told(line, now))
        except ValueError as error:
            yield line.spot.problem(str(error))


def drafts(lines: Iterable[Line], now: datetime) -> Resource:
    """Orders under review, as ``context.draftOrders``; each gets an id when it has none."""
    orders = [order for line in lines for order in told({**line, "status": "draft"}, now)]
    named = [{"id": f"draft-{number}", **order} for number, order in enumerate(orders, 1)]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order} for order in named]}


def _patient(patient: Mapping[str, Any], now: datetime) -> Resource:
    if unknown := patient.keys() - set(_PATIENT):
        raise ValueError(f'"{min(unknown)}" is not a key of a patient; it has {", ".join(_PATIENT)}')
    made: Resource = {"resourceType": "Patient", "id": PATIENT_ID}
    if "born" in patient:
        made["birthDate"] = str(patient["born"])
    elif patient.get("age", DEFAULT_AGE) != "unknown":
        made["birthDate"] = _birthday(patient.get("age", DEFAULT_AGE), now.date())
    if "gender" in patient:
        made["gender"] = _gender(patient["gender"])
    if "deceased" in patient:
        made["deceasedDateTime"] = fhir_moment(patient["deceased"], now)
    return made


def _gender(word: object) -> object:
    if word not in _GENDERS:
        raise ValueError(f'"gender" cannot be "{word}"; it is {listed(_GENDERS)}')
    return word


def _birthday(age: object, today: date) -> str:
    """Someone who has had this many birthdays, the last of them on the first of January."""
    if not isinstance(age, int) or not 0 <= age <= _OLDEST:
        raise ValueError(f'"age" must be a whole number of years up to {_OLDEST}, or unknown')
    return date(today.year - age, 1, 1).isoformat()
