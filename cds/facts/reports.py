"""Reports of examinations that speak against a danger, and so count only as surely recent (spine.md SRF-04)."""

from __future__ import annotations

from typing import NamedTuple

from cds.clinical import Bounds, Evidence, Number, Span, State
from cds.facts.dates import hours_since, past, words
from cds.facts.onsets import Group, things, worsened
from cds.facts.question import Answer, Question
from cds.facts.stated import statements
from cds.facts.statements import Statement, present_now
from cds.record import EventEntry

_REPORTED = frozenset({"final", "amended", "corrected", "appended"})  # DiagnosticReport.status


class Report(NamedTuple):
    entry: EventEntry
    when: Span
    hours: Number


def report(question: Question) -> Answer | None:
    """The newest report; what it shows is known only from a coded conclusion."""
    recent = [
        one
        for entry in question.entries()
        if isinstance(entry, EventEntry) and entry.status in _REPORTED and (one := _report(entry, question))
    ]
    if not recent:
        return None
    last = min(recent, key=lambda one: _most(one.hours))
    attributes: dict[str, Number | str] = {
        "done_days": float((question.today - last.when.earliest).days),
        "done_hours": last.hours,
        "done_on": words(last.when),
    }
    if question.names_codes("features"):
        attributes["features_after"] = "yes" if _has_features_after(last, question) else "no"
    if question.names_codes("shows"):
        attributes["shows"] = "yes" if question.choice("shows") in last.entry.conclusion_sets else "not said"
    shown = Evidence(last.entry.reference, last.entry.text or question.title, "reported", words(last.when))
    return Answer(State.PRESENT, attributes, (shown,), events={"done": last.when})


def _report(entry: EventEntry, question: Question) -> Report | None:
    """None when it has no date, or may be older than the window."""
    when = past(entry.when, question.today)
    if when is None:
        return None
    ago = hours_since(when, entry.instant, question.now)
    days, hours = question.number("within"), question.number("within_hours")
    if days is not None and (question.today - when.earliest).days > days:
        return None
    return Report(entry, when, ago) if hours is None or _most(ago) <= hours else None


def _most(number: Number) -> float:
    return number.high if isinstance(number, Bounds) else number


def _has_features_after(last: Report, question: Question) -> bool:
    """Whether something present began, worsened or may have begun after the report; its own day counts as after."""
    stated = statements(question, "features")
    present = present_now(stated, question, question.number("current"))
    worse = worsened(present, stated.observed, ())
    if worse is not None and worse.latest >= last.when.earliest:
        return True
    return any(not _is_known_before(group, last) for group in things(present, stated.observed))


def _is_known_before(group: Group, last: Report) -> bool:
    stated = [one.onset for one in group if one.onset is not None and not one.assumed]
    if stated:
        return min(span.latest for span in stated) < last.when.earliest
    return any(_was_before(one, last) for one in group)


def _was_before(one: Statement, last: Report) -> bool:
    if one.instant is not None and last.entry.instant is not None:
        return one.instant < last.entry.instant
    return one.onset is not None and one.onset.latest < last.when.earliest
