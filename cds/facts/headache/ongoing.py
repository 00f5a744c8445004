"""Answers whether an attack goes on now, and since when: the kind ``ongoing-attack`` (headache.md HD-CLS-050)."""

from __future__ import annotations

from collections.abc import Sequence

from cds.clinical import Number, Span, State
from cds.facts.headache.answers import evidence_of
from cds.facts.headache.attack import GRADES, UNKNOWN_GRADE, UNKNOWN_LENGTH, Attack
from cds.facts.headache.attacks import Dated, attacks_of, hours_between
from cds.facts.question import Answer, Question


def ongoing_attack(question: Question) -> Answer | None:
    """By the newest attack: one that began later tells that the one before is over."""
    found = attacks_of(question, question.text("of"))
    if found is None or not found.dated:
        return None
    newest = found.dated[-1]
    if _began_days(newest, question) > (question.number("current") or 0.0):
        return None
    if not newest.open:
        return _seen_today(newest, question)
    first = _first(found.dated, question.number("remission") or 0.0)
    day = first.start.date()
    attributes: dict[str, Number | str] = {
        "hours": hours_between(first.start, question.now),
        "began_days": float((question.today - day).days),
        **_severity(newest.attack),
    }
    return Answer(State.PRESENT, attributes, evidence_of(newest.entries), events={"began": Span(day, day)})


def _began_days(one: Dated, question: Question) -> float:
    return float((question.today - one.start.date()).days)


def _seen_today(newest: Dated, question: Question) -> Answer | None:
    """An attack of today of which neither start, end nor length is recorded may have begun long ago."""
    entry = newest.entries[-1]
    if entry.period or newest.attack.hours != UNKNOWN_LENGTH or newest.start.date() != question.today:
        return None
    missing = ("when the attack began",)
    return Answer(State.PRESENT, _severity(newest.attack), evidence_of(newest.entries), missing)


def _first(dated: Sequence[Dated], remission: float) -> Dated:
    """Where the attack that goes on began: short relief by sleep or a drug does not end it."""
    first = dated[-1]
    for one in reversed(dated[:-1]):
        if not (one.timed and hours_between(one.end, first.start) <= remission):
            break
        first = one
    return first


def _severity(attack: Attack) -> dict[str, Number | str]:
    low, high = attack.severity
    return {} if attack.severity == UNKNOWN_GRADE or low != high else {"severity": GRADES[int(high)]}
