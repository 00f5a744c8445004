"""Allergies and intolerances: to what, how severe, how critical (spine.md MED-12)."""

from __future__ import annotations

from cds.clinical import Evidence, Number, State
from cds.facts.dates import days_since, is_future, newest, past, words
from cds.facts.question import Answer, Question
from cds.facts.stated import ACTIVE
from cds.record import AllergyEntry

_SEVERITIES = ("mild", "moderate", "severe")


def allergy(question: Question) -> Answer | None:
    """Present while any is active, or has no clinical status; denied where all that is recorded was refuted."""
    today = question.today
    known = [one for one in question.entries() if isinstance(one, AllergyEntry) and not is_future(one.recorded, today)]
    active = [one for one in known if not one.refuted and one.clinical_status in (None, *ACTIVE)]
    if active:
        return _present(question, active)
    refuted = [one for one in known if one.refuted]
    if refuted:
        return Answer(State.DENIED, evidence=tuple(_evidence(one, question, "refuted") for one in refuted))
    return None


def _present(question: Question, active: list[AllergyEntry]) -> Answer:
    recorded = newest(*(past(one.recorded, question.today) for one in active))
    attributes: dict[str, Number | str | None] = {
        "severity": _severity(active),
        "criticality": _criticality(active),
        "substance": ", ".join(dict.fromkeys(one.text for one in active if one.text)) or None,
        "recorded_days": days_since(recorded, question.today) if recorded else None,
    }
    return Answer(
        State.PRESENT,
        {name: value for name, value in attributes.items() if value is not None},
        tuple(_evidence(one, question, _value(one)) for one in active),
    )


def _severity(active: list[AllergyEntry]) -> str | None:
    """The greatest that is stated; mild only when all are, as one that nobody describes may be worse."""
    stated = [name for name in _SEVERITIES if any(name in one.severities for one in active)]
    return None if stated == ["mild"] and not all(one.severities for one in active) else next(reversed(stated), None)


def _criticality(active: list[AllergyEntry]) -> str | None:
    """The highest that is stated; low only when all are."""
    stated = {one.criticality for one in active}
    if "high" in stated:
        return "high"
    return "low" if stated == {"low"} else None


def _value(one: AllergyEntry) -> str:
    severity = [name for name in _SEVERITIES if name in one.severities][-1:]
    return ", ".join([*severity, *([f"criticality {one.criticality}"] if one.criticality else [])])


def _evidence(one: AllergyEntry, question: Question, value: str) -> Evidence:
    return Evidence(one.reference, f"Allergy: {one.text or question.title}", value, words(one.recorded))
