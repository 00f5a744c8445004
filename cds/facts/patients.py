"""Who the patient is: age, gender, whether still alive; and what holds at the site, whoever it is."""

from __future__ import annotations

from cds.clinical import Evidence, Span, State
from cds.facts.dates import age_at, is_future, words
from cds.facts.question import Answer, Question


def age(question: Question) -> Answer | None:
    """Completed years today; bounds of them for a partial birth date (spine.md 0.3)."""
    born = question.record.patient.born
    if "Patient" not in question.record.supplied and born is None:
        return None
    if born is None or is_future(born, question.today):
        return Answer(State.UNUSABLE, missing=("birth date",))
    years = age_at(born, Span(question.today, question.today))
    return Answer(State.PRESENT, {"value": years}, (_evidence(question, "Birth date", words(born)),))


def gender(question: Question) -> Answer | None:
    """Administrative gender as recorded."""
    recorded = question.record.patient.gender
    if recorded is not None:
        return Answer(State.PRESENT, {"value": recorded}, (_evidence(question, "Gender", recorded),))
    if "Patient" not in question.record.supplied:
        return None
    return Answer(State.UNUSABLE, missing=("gender",))


def deceased(question: Question) -> Answer | None:
    """Whether the patient is recorded as dead."""
    if not question.record.patient.deceased:
        return None
    return Answer(State.PRESENT, evidence=(_evidence(question, "Deceased", "yes"),))


def setting(question: Question) -> Answer:
    """What the site has set; nothing about the patient."""
    return Answer(State.PRESENT, {"value": question.text("value")})


def _evidence(question: Question, label: str, value: str) -> Evidence:
    return Evidence(f"Patient/{question.record.patient.id}", label, value)
