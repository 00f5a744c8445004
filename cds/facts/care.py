"""Since when the current episode is treated without an operation (spine.md IMG-01)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cds.clinical import Evidence, Span, State
from cds.facts.dates import days_since, past, words
from cds.facts.episodes import current_episode
from cds.facts.findings import unusable_answer
from cds.facts.medicines.exposure import exposures
from cds.facts.question import Answer, Question
from cds.facts.statements import Unusable
from cds.record import PROPOSED, EventEntry, MedicationEntry


class _Begun(NamedTuple):
    entry: EventEntry | MedicationEntry
    when: Span


def care_start(question: Question) -> Answer | None:
    """The earliest treatment since the episode began; what has no date may have been in it or not."""
    current = current_episode(question, "episode")
    if current is None:
        return None
    therapies = tuple(_therapies(question))
    if current.began is None:
        return _undated(therapies, question, "cannot be placed: the episode has no date")
    begins = current.began.when.earliest
    dated = [_Begun(one, when) for one in therapies if (when := past(one.when, question.today))]
    begun = [one for one in (*dated, *_medicines(question)) if one.when.latest >= begins]
    if not begun:
        return _undated([one for one in therapies if one.when is None], question, "has no date")
    first = min(begun, key=lambda one: one.when.latest)
    name = first.entry.text or question.title
    return Answer(
        State.PRESENT,
        {"began_days": days_since(first.when, question.today), "began_with": name},
        (Evidence(first.entry.reference, name, "begun", words(first.when)),),
        events={"began": first.when},
    )


def _undated(therapies: Iterable[EventEntry], question: Question, why: str) -> Answer | None:
    found = [Unusable(one, None, why) for one in therapies]
    return unusable_answer(question, found) if found else None


def _therapies(question: Question) -> Iterator[EventEntry]:
    """Procedures that were done, and orders that stand; withdrawn ones are not in a record."""
    for parameter in ("in", "taught"):
        for entry in question.entries(parameter):
            if isinstance(entry, EventEntry) and _counts(entry, parameter):
                yield entry


def _counts(entry: EventEntry, parameter: str) -> bool:
    return entry.type == "Procedure" or (parameter == "in" and entry.intent not in PROPOSED)


def _medicines(question: Question) -> Iterator[_Begun]:
    """Medicines begun on the day of a visit for the episode, or a few days before or after."""
    known = [one for one in question.entries("medicines") if isinstance(one, MedicationEntry) and not one.draft]
    if not known:
        return
    visits = [
        when
        for one in question.record.encounters
        if question.choice("episode") in one.reasons and (when := past(one.when, question.today))
    ]
    apart = question.number("apart") or 0.0
    for each in exposures(known, question.today):
        start = each.start
        if start and any(abs((start - visit.latest).days) <= apart for visit in visits):
            yield _Begun(each.entry, Span(start, start))
