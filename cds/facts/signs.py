"""Reflexes and sensation, of which "absent" is the finding and "present" is normal (spine.md SCI-02, SCI-03)."""

from __future__ import annotations

from dataclasses import replace

from cds.clinical import Bounds, Coding, Number, Quantity, Span, State
from cds.facts.concepts import concepts
from cds.facts.dates import days_since, newest
from cds.facts.findings import side_of, unusable_answer
from cds.facts.measures import in_unit
from cds.facts.question import Answer, Question
from cds.facts.stated import statement_of
from cds.facts.statements import (
    Statement,
    Statements,
    Unusable,
    evidence,
    present_now,
    standing_denials,
    uncontradicted,
)
from cds.facts.yes_no import coded
from cds.record import ObservationEntry
from cds.ruleset.systems import SYSTEMS

_REDUCED_WORDS = frozenset({"reduced", "diminished", "decreased", "impaired", "absent", "lost", "hypoactive"})
_FULL_WORDS = frozenset({"normal", "intact", "present", "brisk", "increased", "exaggerated", "hyperactive"})
_REDUCED = frozenset({(SYSTEMS["snomed"], "1250004"), (SYSTEMS["snomed"], "2667000")})  # Decreased, Absent
_FULL = frozenset({(SYSTEMS["snomed"], "17621005"), (SYSTEMS["snomed"], "35105006")})  # Normal, Increased
_NORMAL_GRADE = 2.0  # of reflexes (0 to 4) and of sensation (0 to 2) alike


def reduced_sign(question: Question) -> Answer | None:
    """Whether a reflex or a sensation is found reduced or absent now.

    That it is "absent" says here that there is a deficit. A bare yes or no does not say of what, and is of no use.
    """
    read = [_read(entry, question) for entry in question.entries() if isinstance(entry, ObservationEntry)]
    said = [one for one in read if isinstance(one, Statement)]
    unusable = tuple(one for one in read if isinstance(one, Unusable))
    stated = Statements(tuple(said), uncontradicted(said), unusable).of_side(question.side)
    if present := present_now(stated, question, question.number("current")):
        return _found(present, question)
    denied = stated._replace(standing=standing_denials(stated.said))
    denials = present_now(denied, question, question.number("current"))
    if denials:
        normal = tuple(replace(evidence(one, question), value="not reduced") for one in denials)
        return Answer(State.DENIED, evidence=normal)
    return unusable_answer(question, stated.unusable) if stated.unusable else None


def _read(entry: ObservationEntry, question: Question) -> Statement | Unusable | None:
    return statement_of(entry, question, _is_reduced(entry), "says neither reduced nor normal")


def _is_reduced(entry: ObservationEntry) -> bool | None:
    match entry.value:
        case str() as text:
            return _by_words(text)
        case Quantity() as quantity:
            grade = in_unit(quantity, "{score}", entry)
            return None if grade is None else _by_grade(grade)
    return _by_codes(coded(entry))


def _by_grade(grade: Number) -> bool | None:
    low, high = grade if isinstance(grade, Bounds) else (grade, grade)
    return True if high < _NORMAL_GRADE else False if low >= _NORMAL_GRADE else None


def _by_words(text: str) -> bool | None:
    word = text.strip().rstrip(".").casefold()
    return True if word in _REDUCED_WORDS else False if word in _FULL_WORDS else None


def _by_codes(codings: tuple[Coding, ...]) -> bool | None:
    codes = concepts(codings)
    local = {_by_words(code) for system, code in codes if system == SYSTEMS["spine-local"]}
    if codes & _REDUCED or True in local:
        return True
    return False if codes & _FULL or False in local else None


def _found(present: tuple[Statement, ...], question: Question) -> Answer:
    shown = tuple(replace(evidence(one, question), value="reduced") for one in present)
    stated = newest(*[one.when for one in present])
    events = {"stated": stated} if stated else {}
    return Answer(State.PRESENT, _attributes(side_of(present), stated, question), shown, events=events)


def _attributes(side: str | None, stated: Span | None, question: Question) -> dict[str, Number | str]:
    known = {"side": side, "stated_days": None if stated is None else days_since(stated, question.today)}
    return {name: value for name, value in known.items() if value is not None}
