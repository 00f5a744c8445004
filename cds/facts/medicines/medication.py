"""Answers whether a medicine is taken: the kind ``medication`` (spine.md NRM-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import cast

from cds.clinical import Bounds, Evidence, Number, Span, State
from cds.facts.dates import hours_since, words
from cds.facts.measures import observation
from cds.facts.medicines import validity
from cds.facts.medicines.courses import course_days
from cds.facts.medicines.doses import independent, is_per_area, total_doses
from cds.facts.medicines.exposure import CURRENT, ENDED, Exposure, covered_days, exposures, runs
from cds.facts.medicines.raises import last_raise
from cds.facts.medicines.systemic import Systemic, systemic
from cds.facts.medicines.validity import GRACE
from cds.facts.question import Answer, Question
from cds.record import MedicationEntry


def medication(question: Question) -> Answer | None:
    found = systemic(question)
    shown = exposures(found.entries, question.today)
    counted = _counted(shown, question)
    if counted:
        return _present(counted, shown, found, question)
    if any(validity.is_denial(entry) for entry in found.entries):
        denials = (entry for entry in found.entries if validity.is_denial(entry))
        return Answer(State.DENIED, evidence=tuple(_evidence(entry, "stated not to be taken") for entry in denials))
    if found.unstated:
        return Answer(State.UNUSABLE, missing=("route of administration",))
    return None


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


def _present(counted: tuple[Exposure, ...], shown: tuple[Exposure, ...], found: Systemic, question: Question) -> Answer:
    phase, certain = counted[0].phase, counted[0].certain
    names = sorted({validity.name(each.entry) for each in counted})
    attributes: dict[str, Number | str] = {
        "phase": phase,
        "currency": "certain" if certain else "uncertain",
        "ordered": _yes_no(any(each.entry.draft for each in counted)),
        "as_needed": _yes_no(all(_is_as_needed(each.entry) for each in counted)),
        "ingredient": ", ".join(names),
        "ingredients": float(len(_substances(counted, question.choice("in")))),
        "reason": _reason(counted, question),
        "route_unstated": _yes_no(found.unstated),
        "per_area": _yes_no(any(is_per_area(each.entry) for each in counted)),
    }
    attributes |= _times(counted, shown, question)
    attributes |= _amounts(counted, found.entries, question)
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
    if raised := last_raise(shown, question.text("unit")):
        times["raised_days"] = float((today - raised).days)
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
    if counted[0].phase == CURRENT:
        amounts |= total_doses(independent([each.entry for each in counted]), question.today, question.text("unit"))
        amounts |= _by_weight(amounts.get("daily_dose"), question)
    courses = [course_days(each.entry, question.today) for each in counted]
    if all(days is not None for days in courses):
        amounts["course_days"] = max(days for days in courses if days is not None)
    return amounts


def _by_weight(dose: Number | None, question: Question) -> Mapping[str, Number]:
    """Nothing when the weight is not known, or only within bounds."""
    if dose is None or "weight" not in question.asked.texts:
        return {}
    weighed = observation(question._replace(asked=question.facts[question.text("weight")]))
    weight = weighed.attributes.get("value") if weighed else None
    if not isinstance(weight, float) or weight <= 0:
        return {}
    if isinstance(dose, Bounds):
        return {"dose_by_weight": Bounds(dose.low / weight, dose.high / weight)}
    return {"dose_by_weight": dose / weight}


def _substances(counted: Sequence[Exposure], choice: str) -> frozenset[str | frozenset[str]]:
    """The ingredients asked for; a product that is asked for by its own code counts as one."""
    found: set[str | frozenset[str]] = set()
    for entry in (each.entry for each in counted):
        asked = {each.name for each in entry.substances if choice in each.sets}
        found |= asked or {validity.drug(entry)}
    return frozenset(found)


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
        for event in ("started", "raised", "ended")
        if f"{event}_days" in attributes
    }
    return {event: Span(day, day) for event, day in dates.items()}


def _evidence(entry: MedicationEntry, note: str) -> Evidence:
    when = words(entry.authored or entry.handed_over or entry.asserted)
    return Evidence(entry.reference, validity.name(entry), entry.status or "", when, note)


def _yes_no(holds: bool) -> str:
    return "yes" if holds else "no"
