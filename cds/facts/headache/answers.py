"""Answers how many headache attacks are on record, and how many of them meet criteria of ICHD-3."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from cds.clinical import Bounds, Evidence, Number, Span, State
from cds.facts.dates import age_at, words
from cds.facts.headache.attack import UNKNOWN_LENGTH, Attack
from cds.facts.headache.attacks import Attacks, attacks_of
from cds.facts.headache.criteria import Judged, judged
from cds.facts.headache.truth import Truth, counted, negated
from cds.facts.headache.wording import described, lacking, value_words
from cds.facts.question import Answer, Question
from cds.record import Entry, ObservationEntry

UNRECORDED = "unrecorded"


def headache_attacks(question: Question) -> Answer | None:
    found = attacks_of(question, question.spec.name)
    if found is None:
        return None
    known = len(found.merged)
    documented = number(Bounds(float(known), float(known + len(found.undated))))
    attributes: dict[str, Number | str] = {"documented": documented, "usual": "yes" if found.usual else "no"}
    told = {
        "lifetime": found.lifetime,
        "lifetime_aura": found.lifetime_aura,
        "usual_minutes": _usual_minutes(found),
    }
    attributes |= {name: number(value) for name, value in told.items() if value is not None}
    missing = tuple(f"the day of {len(found.undated)} of the attacks" for _ in found.undated[:1])
    return Answer(State.PRESENT, attributes, evidence_of(found.entries), missing)


def attack_criteria(question: Question) -> Answer | None:
    """None also when no attack tells of what the criteria are about: an aura, or the pain, that nobody asked for."""
    found = attacks_of(question, question.text("of"))
    if found is None or not _is_told(found, question.text("criteria")):
        return None
    single = [_seen(one.attack, Span(one.start.date(), one.end.date()), question) for one in found.merged]
    undated = [_seen(one, None, question) for one in found.undated]
    known, open_ = [one for one in single if one], [one for one in undated if one]
    usual = _seen(found.usual, None, question) if found.usual else None
    looked_at = usual or (known or open_)[-1]
    name = question.text("criteria")
    attributes: dict[str, Number | str] = {
        "met": _how_many((one.judged.met for one in known), (one.judged.met for one in open_)),
        "one_short": _how_many((one.judged.nearly for one in known), (one.judged.nearly for one in open_)),
        "failed": _how_many((negated(one.judged.met) for one in known), (negated(one.judged.met) for one in open_)),
        "lacking": lacking(name, looked_at.judged),
        "features": described(looked_at.attack, aura=name == "aura"),
    }
    attributes |= _spoken("typical", usual.judged.met) if usual else {"typical": UNRECORDED}
    attributes |= _spoken("typical_one_short", usual.judged.nearly) if usual else {"typical_one_short": UNRECORDED}
    return Answer(State.PRESENT, attributes, evidence_of(found.entries))


def _is_told(found: Attacks, criteria: str) -> bool:
    attacks = (*found.documented, *found.undated, *([found.usual] if found.usual else []))
    with_aura = any(one.aura.is_told for one in attacks)
    with_pain = any(one.tells_pain for one in attacks)
    return with_aura if criteria == "aura" else with_pain or (with_aura and criteria == "migraine or aura")


class _Seen(NamedTuple):
    attack: Attack
    judged: Judged


def _seen(attack: Attack, when: Span | None, question: Question) -> _Seen | None:
    """None of an attack that says nothing of an aura, where that is asked."""
    name = question.text("criteria")
    if name == "aura" and not attack.aura.is_told:
        return None
    return _Seen(attack, judged(name, attack, patient_age(question, when)))


def patient_age(question: Question, when: Span | None = None) -> Bounds:
    """In years, now or when something was."""
    born = question.record.patient.born
    if born is None:
        return Bounds(0.0, inf)
    age = age_at(born, when or Span(question.today, question.today))
    return age if isinstance(age, Bounds) else Bounds(age, age)


def _how_many(dated: Iterable[Truth], undated: Iterable[Truth]) -> Number:
    """An attack without a day may be one of the others: it never adds to what is certain."""
    known, possible = counted(dated), counted(undated)
    return number(Bounds(known.low, known.high + possible.high))


def _spoken(name: str, truth: Truth) -> dict[str, Number | str]:
    return {} if truth is None else {name: "yes" if truth else "no"}


def _usual_minutes(found: Attacks) -> Bounds | None:
    """Of the usual attack or, where that is not told, from the shortest to the longest on record."""
    usual = [found.usual.hours] if found.usual and found.usual.hours != UNKNOWN_LENGTH else []
    lengths = usual or [one.hours for one in found.documented if one.hours != UNKNOWN_LENGTH]
    if not lengths:
        return None
    return Bounds(min(one.low for one in lengths) * 60, max(one.high for one in lengths) * 60)


def number(bounds: Bounds) -> Number:
    return bounds.low if bounds.low == bounds.high else bounds


def evidence_of(entries: Iterable[Entry]) -> tuple[Evidence, ...]:
    """One for each resource."""
    shown: dict[str, Evidence] = {}
    for one in entries:
        observed = one if isinstance(one, ObservationEntry) else None
        when = words(observed.effective) if observed else ""
        shown.setdefault(one.reference, Evidence(one.reference, one.text, value_words(observed), when))
    return tuple(shown.values())
