"""When something happened, by what was told of it: the kind ``happening`` (headache.md 2.3, 10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.clinical import Evidence, Number, Span, State
from cds.facts.dates import age_at, days_since, newest, past, words
from cds.facts.findings import unusable_answer
from cds.facts.question import Answer, Question
from cds.facts.stated import observed, statements
from cds.facts.statements import Unusable, evidence, standing_denials
from cds.record import ObservationEntry


class Happening(NamedTuple):
    when: Span
    told: Span | None
    assumed: bool  # dated by the day on which it was told
    shown: Evidence


def happening(question: Question) -> Answer | None:
    """The newest time or the earliest; a no counts only while nothing tells of one."""
    found = [*_told(question), *_stated(question)]
    if found:
        pick = min if question.text("take") == "earliest" else max
        return _present(question, pick(found, key=lambda one: one.when.latest), found)
    stated = statements(question)
    if denials := standing_denials(stated.said):
        return Answer(State.DENIED, evidence=tuple(evidence(one, question) for one in denials))
    unusable = tuple(one for one in stated.unusable if not _tells(one))
    return unusable_answer(question, unusable) if unusable else None


def _told(question: Question) -> Iterator[Happening]:
    """By a date as value, or an entry that has parts and no value of its own, as an attack has: on its own day."""
    for entry in question.entries():
        if not isinstance(entry, ObservationEntry):
            continue
        if isinstance(entry.value, Span):
            when, value = past(entry.value, question.today), words(entry.value)
        elif entry.value is None and entry.components:
            when, value = past(observed(entry, question), question.today), ""
        else:
            continue
        if when is not None:
            told = past(observed(entry, question), question.today)
            yield Happening(when, told, False, _shown(entry, value, question))


def _stated(question: Question) -> Iterator[Happening]:
    """By a diagnosis, or a plain yes that nothing takes back."""
    stated = statements(question)
    for one in stated.said if question.text("take") == "earliest" else stated.standing:
        since = _component_date(one.entry, question) if isinstance(one.entry, ObservationEntry) else None
        when = since or one.onset or one.when
        if one.yes and when is not None:
            yield Happening(when, one.when, since is None and one.assumed, evidence(one, question))


def _component_date(entry: ObservationEntry, question: Question) -> Span | None:
    dated = (past(each.value, question.today) for each in entry.components if isinstance(each.value, Span))
    return next((when for when in dated if when is not None), None)


def _tells(one: Unusable) -> bool:
    """A date is no yes or no, and none the worse for it; one in the future has not happened yet."""
    entry = one.entry
    return isinstance(entry, ObservationEntry) and isinstance(entry.value, Span)


def _present(question: Question, chosen: Happening, found: list[Happening]) -> Answer:
    born = question.record.patient.born
    attributes: dict[str, Number | str] = {
        "happened_days": days_since(chosen.when, question.today),
        "happened_on": words(chosen.when),
        "assumed": "yes" if chosen.assumed else "no",
    }
    if born is not None:
        attributes["happened_age"] = age_at(born, chosen.when)
    events = {"happened": chosen.when}
    if (told := newest(*(one.told for one in found if one.when == chosen.when))) is not None:
        attributes["told_days"], events["told"] = days_since(told, question.today), told
    shown = (chosen.shown, *(one.shown for one in found if one is not chosen))
    return Answer(State.PRESENT, attributes, shown, events=events)


def _shown(entry: ObservationEntry, value: str, question: Question) -> Evidence:
    return Evidence(entry.reference, entry.text or question.title, value, words(observed(entry, question)))
