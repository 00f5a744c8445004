"""Which preventives of migraine have failed: the kind ``preventive-trials`` (headache.md HD-PREV-030)."""

from __future__ import annotations

from typing import NamedTuple

from cds.clinical import Evidence, Span, State
from cds.facts.dates import is_future, past, words
from cds.facts.headache import items
from cds.facts.question import Answer, Question
from cds.facts.stated import observed
from cds.record import ObservationEntry

_AT_ONCE = frozenset({"not-tolerated", "contraindicated"})
_IN_TIME = "inadequate"


class Trial(NamedTuple):
    entry: ObservationEntry
    outcome: str
    days: int | None  # at least so long; None when its length is not known


def preventive_trials(question: Question) -> Answer | None:
    """A trial that said two things, or none of the outcomes, counts as neither failed nor unclear."""
    trials = [_trial(one, question) for one in question.entries() if isinstance(one, ObservationEntry)]
    told = [one for one in trials if one is not None]
    if not told:
        return None
    needed = question.number("long_enough") or 0.0
    untimed = [one for one in told if one.outcome == _IN_TIME and one.days is None]
    failed = [
        one
        for one in told
        if one.outcome in _AT_ONCE or (one.outcome == _IN_TIME and one.days is not None and one.days >= needed)
    ]
    attributes = {"failed": float(len(failed)), "unclear": float(len(untimed))}
    return Answer(State.PRESENT, attributes, tuple(_shown(one, question) for one in told))


def _trial(entry: ObservationEntry, question: Question) -> Trial | None:
    if is_future(observed(entry, question), question.today):
        return None
    said = set(items.words(entry))
    start, end = _dated(entry, "start", question), _dated(entry, "end", question)
    days = (end.earliest - start.latest).days if start and end else None
    return Trial(entry, said.pop(), days) if len(said) == 1 else None


def _dated(entry: ObservationEntry, parameter: str, question: Question) -> Span | None:
    """The date that a component says; of several the first, none of them in the future."""
    parts = [part for part in entry.components if question.choice(parameter) in part.sets]
    dates = [past(part.value, question.today) for part in parts if isinstance(part.value, Span)]
    return next((one for one in dates if one is not None), None)


def _shown(trial: Trial, question: Question) -> Evidence:
    entry = trial.entry
    return Evidence(entry.reference, entry.text or question.title, trial.outcome, words(observed(entry, question)))
