"""Problems, symptoms and signs: present, denied or unusable, since when, and on which side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cds.clinical import Bounds, Evidence, Number, Span, State
from cds.facts.dates import age_at, days_since, newest, words
from cds.facts.onsets import Dated, Onset, onset, severity, things, worsened
from cds.facts.question import Answer, Question
from cds.facts.stated import statements
from cds.facts.statements import (
    Statement,
    Statements,
    Unusable,
    evidence,
    in_conflict,
    present_now,
    standing_denials,
    uncontradicted,
)
from cds.facts.windows import is_within
from cds.record import ConditionEntry, ObservationEntry

_SEVERITIES = ("", "mild", "moderate", "severe")


def finding(question: Question) -> Answer | None:
    """Whether it is present: now or, with ``status: ever``, at any time (spine.md NRM-01 to NRM-04)."""
    stated = statements(question).of_side(question.side)
    ever = question.text("status") == "ever"
    now = present_now(stated, question, question.number("current"))
    found = said_yes(stated.said) if ever else (*now, *_lately_over(stated, question))
    if question.flag("reassuring"):
        found = tuple([one for one in found if _is_surely_current(one, question)])
    if present := tuple([one for one in found if _is_within(one, question)]):
        return _present(question, present, stated)
    denials = tuple([one for one in standing_denials(stated.said) if _is_within(one, question)])
    if unanswered := _still_open((*stated.unusable, *_undated(found)), denials, question):
        return unusable_answer(question, unanswered)
    if denials:
        return Answer(State.DENIED, evidence=tuple(evidence(one, question) for one in denials))
    return None


def _lately_over(stated: Statements, question: Question) -> tuple[Statement, ...]:
    """The problems that are over, of what comes in bouts, so soon after they began that they still count."""
    bout = question.number("bouts")
    if bout is None:
        return ()
    over = [one for one in stated.standing if not (one.observed or one.active or one.history)]
    return tuple([one for one in over if one.onset is not None and days_since(one.onset, question.today) <= bout])


def _is_surely_current(one: Statement, question: Question) -> bool:
    """By the earliest day that a partial date may mean."""
    oldest = question.number("current") or 0.0
    return one.when is not None and (question.today - one.when.earliest).days <= oldest


def said_yes(said: Iterable[Statement]) -> tuple[Statement, ...]:
    return tuple([one for one in said if one.yes])


def side_of(present: Iterable[Statement]) -> str | None:
    sides = {one.side for one in present} - {None}
    return "both" if len(sides) > 1 else next(iter(sides), None)


def unusable_answer(question: Question, unusable: Iterable[Unusable]) -> Answer:
    """Something is recorded that cannot be relied on; each entry says why."""
    return Answer(
        State.UNUSABLE,
        missing=tuple(dict.fromkeys(unusable_words(question, one) for one in unusable)),
        evidence=tuple(
            Evidence(one.entry.reference, one.entry.text or question.title, "", words(one.when), f"not used: {one.why}")
            for one in unusable
        ),
    )


def unusable_words(question: Question, one: Unusable) -> str:
    """ "Post-void residual of 2026-11-20 has no unit" """
    when = f" of {words(one.when)}" if one.when else ""
    return f"{question.title}{when} {one.why}"


def _is_within(one: Statement, question: Question) -> bool:
    if question.number("within") is None and question.number("within_hours") is None:
        return True
    return one.when is not None and not one.history and is_within(one.when, one.instant, question)


def _undated(found: Iterable[Statement]) -> tuple[Unusable, ...]:
    """What might lie within the window, had it a date."""
    return tuple(Unusable(one.entry, None, "has no date") for one in found if one.when is None and not one.history)


def _still_open(unusable: Iterable[Unusable], denials: Sequence[Statement], question: Question) -> tuple[Unusable, ...]:
    """The unusable entries within the window that no newer denial has overtaken."""
    last = newest(*(one.when for one in denials))
    return tuple(
        one
        for one in unusable
        if one.when is None or (is_within(one.when, None, question) and (last is None or one.when.latest > last.latest))
    )


class Course(NamedTuple):
    """When it began, worsened and was last stated."""

    ever: bool  # asked at any time rather than now
    onset: Onset
    worsened: Span | None
    stated: Span | None
    abated: Span | None


def _present(question: Question, present: tuple[Statement, ...], stated: Statements) -> Answer:
    course = _course(question, present, stated)
    denied = [one for one in stated.said if not one.yes]
    conflicting = [one for one in present if in_conflict(one, denied)]
    days, last = _days(course, question), course.onset.last
    attributes: dict[str, Number | str | None] = {
        **days,
        "onset_age": _onset_age(course.onset.first, question),
        "side": side_of(present),
        "severity": _SEVERITIES[max(severity(one) for one in present)] or None,
        "certainty": "provisional" if all(_is_provisional(one) for one in present) else "confirmed",
        "preliminary": _yes_no(all(_is_preliminary(one) for one in present)),
        "onset_assumed": _yes_no(last.assumed) if last and days["onset_days"] is not None else None,
        "conflict": _yes_no(bool(conflicting)),
    }
    declared = question.asked.kind.attributes
    return Answer(
        State.PRESENT,
        {name: value for name, value in attributes.items() if value is not None and name in declared},
        tuple(evidence(one, question, _note(one, conflict=one in conflicting)) for one in present),
        events=_events(course),
    )


def _course(question: Question, present: tuple[Statement, ...], stated: Statements) -> Course:
    ever = question.text("status") == "ever"
    groups = things(present, () if ever else stated.observed)
    worse = said_yes(statements(question, "worse").said) if question.names_codes("worse") else ()
    over = ever and not any(one.active for one in present)
    return Course(
        ever=ever,
        onset=onset(groups, occurrences=ever, bouts=question.number("bouts") is not None),
        worsened=worsened(present, said_yes(stated.said), uncontradicted(worse)),
        stated=newest(*[one.when for one in present]),
        abated=newest(*[one.ended for one in present]) if over else None,
    )


def _days(course: Course, question: Question) -> Mapping[str, Number | None]:
    def ago(span: Span | None) -> float | None:
        return None if span is None else days_since(span, question.today)

    last = course.onset.last
    began: Number | None = ago(last.when) if last else None
    if course.onset.undated and isinstance(began, float):
        began = Bounds(0.0, began)
    # Present now and not dated throughout: "onset unknown" has to hold, or an undated sign hides behind a dated one.
    return {
        "onset_days": began if course.ever or not course.onset.undated else None,
        "worsened_days": ago(course.worsened),
        "changed_days": _sooner(began, ago(course.worsened)),
        "stated_days": ago(course.stated),
        "abated_days": ago(course.abated),
    }


def _sooner(began: Number | None, worsened: float | None) -> Number | None:
    """Of an onset that nothing dates it is still known that it was before the worsening."""
    if worsened is None or began is None:
        return began if worsened is None else worsened
    if isinstance(began, Bounds):
        return Bounds(began.low, min(began.high, worsened))
    return min(began, worsened)


def _events(course: Course) -> Mapping[str, Span]:
    last = course.onset.last
    began = last.when if last and not course.onset.undated else None
    changed = newest(began, course.worsened) if not course.onset.undated else None
    events = {"onset": began, "worsened": course.worsened, "changed": changed, "stated": course.stated}
    return {name: span for name, span in {**events, "abated": course.abated}.items() if span is not None}


def _onset_age(first: Dated | None, question: Question) -> Number | None:
    """An assumed onset is the latest it can have been: the age at it is an upper bound."""
    born = question.record.patient.born
    if first is None or born is None:
        return None
    age = age_at(born, first.when)
    if not first.assumed:
        return age
    return Bounds(0.0, age.high if isinstance(age, Bounds) else age)


def _yes_no(truth: bool) -> str:
    return "yes" if truth else "no"


def _is_provisional(one: Statement) -> bool:
    return isinstance(one.entry, ConditionEntry) and one.entry.provisional


def _is_preliminary(one: Statement) -> bool:
    return isinstance(one.entry, ObservationEntry) and one.entry.status == "preliminary"


def _note(one: Statement, *, conflict: bool) -> str:
    notes = (
        ("onset taken from the recorded date", one.assumed and not one.observed and one.onset is not None),
        ("provisional", _is_provisional(one)),
        ("preliminary", _is_preliminary(one)),
        ("also stated as absent within 24 hours", conflict),
    )
    return "; ".join(note for note, holds in notes if holds)
