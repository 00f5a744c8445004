"""The episode clock: since when the present complaint of a region has lasted (spine.md NRM-08)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from cds.clinical import Bounds, Number, Span, State
from cds.facts.dates import age_at, days_since, is_partial, past
from cds.facts.onsets import Dated
from cds.facts.question import Answer, Question
from cds.facts.stated import statements
from cds.facts.statements import Statement, evidence, present_now


class Episode(NamedTuple):
    """``began`` None: nothing dates it."""

    began: Dated | None
    active: tuple[Statement, ...]


class _Stretch(NamedTuple):
    """Days over which the complaint is on record."""

    first: date
    last: date


def episode(question: Question) -> Answer | None:
    """The current episode; None when nothing of it is present now."""
    current = current_episode(question, "in")
    if current is None:
        return None
    shown = tuple(evidence(one, question) for one in current.active)
    if current.began is None:
        return Answer(State.PRESENT, {"uncertain": "yes"}, shown)
    began, assumed = current.began
    uncertain = assumed or is_partial(began)
    attributes: dict[str, Number | str] = {
        "onset_days": days_since(began, question.today),
        "weeks": days_since(began, question.today) // 7,
        "longest_days": float((question.today - began.earliest).days),
        "uncertain": "yes" if uncertain else "no",
    }
    if (born := question.record.patient.born) is not None:
        age = age_at(born, began)
        high = age.high if isinstance(age, Bounds) else age
        attributes["onset_age"] = Bounds(0.0, high) if assumed else age
    return Answer(State.PRESENT, attributes, shown, events={"onset": began})


def current_episode(question: Question, parameter: str) -> Episode | None:
    """The episode of the findings of a code choice: since the last gap without a finding or an encounter for it."""
    key = "episode", question.same(parameter), question.number("current"), question.number("gap")
    return question.once(key, _current_episode, question, parameter)


def _current_episode(question: Question, parameter: str) -> Episode | None:
    stated = statements(question, parameter)
    active = present_now(stated, question, question.number("current"))
    if not active:
        return None
    encounters = tuple(_encounters(question, parameter))
    stretches = sorted([*_stretches(stated.said), *encounters])
    if not stretches:
        return Episode(None, active)
    first_day = _last_start(stretches, question.number("gap") or 0.0)
    onsets = [
        Dated(one.onset, one.assumed) for one in active if one.onset is not None and one.onset.latest >= first_day
    ]
    # An old problem that an encounter takes up again after a gap: the encounter is the first one hears of it.
    fallback = Dated(Span(first_day, first_day), True)
    return Episode(min(onsets, key=lambda found: found.when.latest, default=fallback), active)


def _stretches(said: Iterable[Statement]) -> Iterable[_Stretch]:
    for one in said:
        if one.yes and (began := one.onset or one.when):
            yield _Stretch(began.latest, max(began.latest, one.when.latest if one.when else began.latest))


def _encounters(question: Question, parameter: str) -> Iterable[_Stretch]:
    for encounter in question.record.encounters:
        when = past(encounter.when, question.today)
        if when is not None and question.choice(parameter) in encounter.reasons:
            yield _Stretch(when.latest, when.latest)


def _last_start(stretches: Sequence[_Stretch], gap: float) -> date:
    """The first day after the last gap of so many days; the stretches are in order."""
    start, end = stretches[0]
    for first, last in stretches[1:]:
        if (first - end).days >= gap:
            start = first
        end = max(end, last)
    return start
