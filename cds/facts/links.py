"""Which problems the record links to another as their cause: the kind ``linked-condition`` (headache.md HD-SCI-011)."""

from __future__ import annotations

from cds.clinical import State
from cds.facts.dates import days_since, newest
from cds.facts.question import Answer, Question
from cds.facts.stated import statements
from cds.facts.statements import evidence
from cds.record import ConditionEntry


def linked_condition(question: Question) -> Answer | None:
    """Problems present now; what is refuted or over links nothing any more."""
    linked = [one for one in statements(question).said if one.yes and one.active and _is_linked(one.entry, question)]
    if not linked:
        return None
    stated = newest(*(one.when for one in linked))
    attributes = {} if stated is None else {"stated_days": days_since(stated, question.today)}
    return Answer(State.PRESENT, attributes, tuple(evidence(one, question) for one in linked))


def _is_linked(entry: object, question: Question) -> bool:
    return isinstance(entry, ConditionEntry) and question.choice("to") in entry.cause_sets
