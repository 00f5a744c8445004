"""What was done, is ordered or is to be done, and in whose family something was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.clinical import Evidence, Fact, Span, State
from cds.facts.dates import days_since, past, words
from cds.facts.findings import unusable_answer
from cds.facts.question import Answer, Question
from cds.facts.statements import Unusable
from cds.facts.windows import is_within
from cds.record import EventEntry, FamilyEntry

_BEGUN = frozenset({"arrived", "triaged", "in-progress", "onleave", "finished"})  # Encounter.status
_FAMILY_KNOWN = frozenset({"completed", "partial"})  # FamilyMemberHistory.status
# Parents, siblings and children of HL7's v3 RoleCode 3.0.0, and what it files below them but for half, step, foster,
# adopted and gestational. Its "brother" and "child" may be half or adopted too; they count, as nothing says so.
_FIRST_DEGREE = frozenset(
    {"PRN", "FTH", "MTH", "NPRN", "NFTH", "NMTH"}
    | {"CHILD", "NCHILD", "SON", "SONC", "DAU", "DAUC"}
    | {"SIB", "NSIB", "BRO", "NBRO", "SIS", "NSIS", "TWIN", "TWINBRO", "TWINSIS"}
    | {"FTWIN", "FTWINBRO", "FTWINSIS", "ITWIN", "ITWINBRO", "ITWINSIS"}
)
_ANY_RELATIVE = frozenset({"", "FAMMEMB"})  # the degree is not said


class Event(NamedTuple):
    entry: EventEntry
    when: Span


def procedure(question: Question) -> Answer | None:
    """A procedure or a task that was completed; the newest of several."""
    entries = [one for one in question.entries() if isinstance(one, EventEntry) and one.status == "completed"]
    done = [Event(one, when) for one in entries if (when := _done(one, question))]
    if recent := [one for one in done if is_within(one.when, one.entry.instant, question)]:
        last = max(recent, key=lambda one: one.when.latest)
        ago = days_since(last.when, question.today)
        shown = tuple(_evidence(one.entry, question, "done", one.when) for one in recent)
        return Answer(State.PRESENT, {"done_days": ago}, shown, events={"done": last.when})
    undated = [one for one in entries if one.when is None and one.end is None]
    if not undated:
        return None
    if question.number("within") is not None:
        return unusable_answer(question, [Unusable(one, None, "has no date") for one in undated])
    return Answer(State.PRESENT, evidence=tuple(_evidence(one, question, "done", None) for one in undated))


def _done(entry: EventEntry, question: Question) -> Span | None:
    """When it was done; what speaks against a danger, on the earliest day that it can have been."""
    when = past(entry.end or entry.when, question.today)
    if when is None or "reassuring" not in question.asked.flags:
        return when
    return Span(when.earliest, when.earliest)


def open_task(question: Question) -> Answer | None:
    """The tasks that are still to be done."""
    waiting = [one for one in question.entries() if isinstance(one, EventEntry) and one.status != "completed"]
    if not waiting:
        return None
    due = min((one.due.latest for one in waiting if one.due is not None), default=None)
    return Answer(
        State.PRESENT,
        {} if due is None else {"due_in_days": float((due - question.today).days)},
        tuple(_evidence(one, question, one.status or "", one.due) for one in waiting),
    )


def request(question: Question) -> Answer | None:
    """The orders of the record; one that is yet to take place stands, without a day on which it was."""
    orders = [one for one in question.entries() if isinstance(one, EventEntry) and not one.draft]
    dated = [Event(one, when) for one in orders if (when := past(one.when, question.today))]
    if question.number("within") is not None:
        dated = [one for one in dated if is_within(one.when, one.entry.instant, question)]
        orders = [one.entry for one in dated] + [one for one in orders if one.when is None]
    if not orders:
        return None
    shown = tuple(_evidence(one, question, one.status or "", one.when) for one in orders)
    if not dated:
        return Answer(State.PRESENT, evidence=shown)
    last, first = (pick(dated, key=lambda one: one.when.latest) for pick in (max, min))
    attributes = {
        "ordered_days": days_since(last.when, question.today),
        "first_ordered_days": days_since(first.when, question.today),
    }
    return Answer(State.PRESENT, attributes, shown, events={"ordered": last.when})


def encounter(question: Question) -> Answer | None:
    """The newest encounter that has begun."""
    begun = [one for one in _begun(question) if is_within(one.when, one.entry.instant, question)]
    if not begun:
        return None
    last = max(begun, key=lambda one: one.when.latest)
    first = _first_of_run(last, question)
    shown = _evidence(last.entry, question, last.entry.status or "", last.when)
    return Answer(
        State.PRESENT,
        {"started_days": days_since(last.when, question.today), "began_days": days_since(first, question.today)},
        (shown,),
        events={"started": last.when, "began": first},
    )


def _first_of_run(last: Event, question: Question) -> Span:
    """When the first of those encounters was that lead up to the last one without a longer gap."""
    gap = question.number("gap") or 0.0
    whens = sorted((one.when for one in _begun(question)), key=lambda when: when.latest, reverse=True)
    first = last.when
    for when in whens:
        if (first.latest - when.latest).days <= gap:
            first = min(first, when, key=lambda one: one.latest)
    return first


def _begun(question: Question) -> Iterator[Event]:
    """The encounters asked for that have begun, however long ago."""
    for one in question.record.encounters:
        when = past(one.when, question.today)
        if when and one.status in _BEGUN and _is_asked_for(one, question):
            yield Event(one, when)


def _is_asked_for(encounter: EventEntry, question: Question) -> bool:
    return not question.names_codes("reason") or question.choice("reason") in encounter.reasons


def draft_request(question: Question) -> Answer | None:
    """Each draft order of the choice as an item of its own."""
    drafts = [
        one for one in question.record.drafts if isinstance(one, EventEntry) and question.choice("in") in one.sets
    ]
    if not drafts:
        return None
    items = tuple(_item(one, question) for one in drafts)
    return Answer(State.PRESENT, evidence=tuple(item.evidence[0] for item in items), items=items)


def _item(draft: EventEntry, question: Question) -> Fact:
    attributes = {"priority": draft.priority or "routine", "title": draft.text or question.title}
    if question.names_codes("at"):
        attributes["site"] = _among(question.choice("at") in draft.site_sets, draft.site_stated)
    if question.names_codes("for"):
        reason = question.choice("for")
        attributes["reason"] = _among(reason in draft.reasons, draft.reason_stated)
        attributes["only_reason"] = _yes_no(
            reason in draft.reasons and all(reason in each for each in draft.each_reason)
        )
    return Fact(draft.reference, State.PRESENT, attributes, (_evidence(draft, question, "draft order", draft.when),))


def _among(found: bool, stated: bool) -> str:
    if found:
        return "yes"
    return "other" if stated else "unstated"


def _yes_no(holds: bool) -> str:
    return "yes" if holds else "no"


def family_history(question: Question) -> Answer | None:
    """Whether a relative has or had it."""
    told = [one for one in question.entries() if isinstance(one, FamilyEntry) and one.status in _FAMILY_KNOWN]
    if question.text("degree") == "first":
        close = [one for one in told if one.relationship in _FIRST_DEGREE]
        vague = [one for one in told if one.relationship in _ANY_RELATIVE]
    else:
        close, vague = told, []
    if close:
        shown = tuple(_evidence(one, question, one.relative, None) for one in close)
        return Answer(State.PRESENT, {"relatives": float(len({one.reference for one in close}))}, shown)
    if vague:
        return unusable_answer(question, [Unusable(one, None, "does not say which relative") for one in vague])
    return None


def _evidence(entry: EventEntry | FamilyEntry, question: Question, value: str, when: Span | None) -> Evidence:
    return Evidence(entry.reference, entry.text or question.title, value, words(when))
