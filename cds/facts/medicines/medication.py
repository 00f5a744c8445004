"""Answers whether a medicine is taken: the kind ``medication`` (spine.md NRM-05)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from cds.clinical import Bounds, Evidence, Number, Span, State
from cds.facts.dates import hours_since, words
from cds.facts.medicines import validity
from cds.facts.medicines.doses import daily_dose
from cds.facts.medicines.exposure import CURRENT, ENDED, Exposure, covered_days, exposures, runs
from cds.facts.medicines.routes import is_local, route_groups
from cds.facts.medicines.validity import GRACE
from cds.facts.question import Answer, Question
from cds.record import EventEntry, MedicationEntry


@dataclass(frozen=True, slots=True)
class Systemic:
    """Entries whose route reaches the circulation, and whether any was left out because its route is not stated."""

    entries: tuple[MedicationEntry, ...]
    unstated: bool


def medication(question: Question) -> Answer | None:
    systemic = _systemic(question)
    shown = exposures(systemic.entries, question.today)
    counted = _counted(shown, question)
    if counted:
        return _present(counted, shown, systemic, question)
    if any(validity.is_denial(entry) for entry in systemic.entries):
        denials = (entry for entry in systemic.entries if validity.is_denial(entry))
        return Answer(State.DENIED, evidence=tuple(_evidence(entry, "stated not to be taken") for entry in denials))
    if systemic.unstated:
        return Answer(State.UNUSABLE, missing=("route of administration",))
    return None


def _systemic(question: Question) -> Systemic:
    wanted = question.choice("in")
    record, orders = question.record, list[MedicationEntry | EventEntry]()
    orders += record.drafts if question.flag("drafts") else ()
    orders += record.background if question.flag("background") else ()
    known = [entry for entry in question.entries() if isinstance(entry, MedicationEntry) and not entry.draft]
    known += [entry for entry in orders if isinstance(entry, MedicationEntry) and wanted in entry.sets]
    local = question.asked.names["local"]
    stated = question.text("route") == "any"
    kept = [entry for entry in known if not is_local(entry, local)]
    usable = [entry for entry in kept if stated or route_groups(entry.dosages) or validity.is_denial(entry)]
    return Systemic(tuple(usable), unstated=len(usable) < len(kept))


def _counted(shown: Sequence[Exposure], question: Question) -> tuple[Exposure, ...]:
    """What is current, the certain before the uncertain; where there is none, what ended within the window."""
    current = [each for each in shown if each.phase == CURRENT]
    if certain := tuple(each for each in current if each.certain):
        return certain
    if current:
        return tuple(current)
    within = question.number("within")
    if within is None:
        return ()
    ended = [each for each in shown if each.phase == ENDED]
    recent = tuple(each for each in ended if each.end and (question.today - each.end).days <= within)
    return recent or tuple(each for each in ended if each.end is None)


def _present(
    counted: tuple[Exposure, ...], shown: tuple[Exposure, ...], systemic: Systemic, question: Question
) -> Answer:
    phase, certain = counted[0].phase, counted[0].certain
    names = sorted({validity.name(each.entry) for each in counted})
    attributes: dict[str, Number | str] = {
        "phase": phase,
        "currency": "certain" if certain else "uncertain",
        "as_needed": _yes_no(all(_is_as_needed(each.entry) for each in counted)),
        "ingredient": ", ".join(names),
        "ingredients": float(len({validity.drug(each.entry) for each in counted})),
        "reason": _reason(counted, question),
        "route_unstated": _yes_no(systemic.unstated),
    }
    attributes |= _times(counted, shown, question)
    attributes |= _amounts(counted, systemic.entries, question)
    evidence = tuple(_evidence(each.entry, "" if each.certain else "verify that it is taken") for each in counted)
    return Answer(State.PRESENT, attributes, evidence, events=_events(attributes, question.today))


def _times(counted: Sequence[Exposure], shown: Sequence[Exposure], question: Question) -> Mapping[str, Number]:
    today, times = question.today, dict[str, Number]()
    spells = [each.run for each in shown if each.run]
    window = question.number("window") or 0
    times["covered_days"] = float(covered_days(spells, today - timedelta(days=window - 1)))
    run = next((run for run in runs(spells) if (today - run[1]).days <= GRACE), None)
    starts = [each.start for each in counted if each.start]
    if run and counted[0].phase == CURRENT:
        times["continuous_days"] = float((run[1] - run[0]).days + 1)
        starts = [run[0]]
    if starts:
        times["started_days"] = float((today - min(starts)).days)
    if ends := [each.end for each in counted if each.end]:
        times["ended_days"] = float((today - max(ends)).days)
    return times


def _amounts(
    counted: Sequence[Exposure], entries: Sequence[MedicationEntry], question: Question
) -> Mapping[str, Number]:
    amounts: dict[str, Number] = {}
    taken = [hours for entry in entries if (hours := _hours_since_intake(entry, question)) is not None]
    if taken:
        amounts["taken_hours"] = min(taken, key=lambda hours: hours.low if isinstance(hours, Bounds) else hours)
    sources = _independent([each.entry for each in counted])
    doses = [daily_dose(entry.dosages, question.today, question.text("unit")) for entry in sources]
    known = [dose for dose in doses if dose is not None]
    if known and counted[0].phase == CURRENT:
        amounts["daily_dose"] = sum(known) if len(known) == len(doses) else Bounds(sum(known), math.inf)
    return amounts


def _independent(entries: Sequence[MedicationEntry]) -> list[MedicationEntry]:
    """The entries whose doses add up: not the dispenses, statements and earlier orders that are the same treatment."""
    superseded = {reference for entry in entries if entry.type == validity.REQUEST for reference in entry.based_on}
    orders = [entry for entry in entries if entry.type == validity.REQUEST and entry.reference not in superseded]
    ordered = {entry.reference for entry in orders} | superseded
    stated = [entry for entry in entries if entry.type == validity.STATEMENT and ordered.isdisjoint(entry.based_on)]
    drugs = {validity.drug(entry) for entry in (*orders, *stated)}
    handed = {validity.drug(entry): entry for entry in entries if entry.type == validity.DISPENSE}
    return [*orders, *stated, *(entry for drug, entry in handed.items() if drug not in drugs)]


def _hours_since_intake(entry: MedicationEntry, question: Question) -> Number | None:
    _, last = validity.effective(entry)
    if entry.type != validity.ADMINISTRATION or last is None or last > question.today:
        return None
    return hours_since(Span(last, last), entry.instant, question.now)


def _reason(counted: Sequence[Exposure], question: Question) -> str:
    wanted = question.choice("for")
    if any(wanted in each.entry.reasons for each in counted):
        return "yes"
    return "other" if any(each.entry.reason_stated for each in counted) else "unstated"


def _is_as_needed(entry: MedicationEntry) -> bool:
    return bool(entry.dosages) and all(dosage.as_needed for dosage in entry.dosages)


def _events(attributes: Mapping[str, Number | str], today: date) -> Mapping[str, Span]:
    dates = {
        event: today - timedelta(days=cast("float", attributes[f"{event}_days"]))
        for event in ("started", "ended")
        if f"{event}_days" in attributes
    }
    return {event: Span(day, day) for event, day in dates.items()}


def _evidence(entry: MedicationEntry, note: str) -> Evidence:
    when = words(entry.authored or entry.handed_over or entry.asserted)
    return Evidence(entry.reference, validity.name(entry), entry.status or "", when, note)


def _yes_no(holds: bool) -> str:
    return "yes" if holds else "no"
