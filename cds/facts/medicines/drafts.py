"""Answers on draft orders for medicines, one item each: the kind ``draft-medication`` (headache.md HD-MOH-012)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta

from cds.clinical import Bounds, Evidence, Fact, Number, State
from cds.facts.medicines import validity
from cds.facts.medicines.classes import acute_class, policy
from cds.facts.medicines.courses import ordered_days
from cds.facts.medicines.dispensing import units
from cds.facts.medicines.doses import daily_dose, single_dose
from cds.facts.medicines.medication import medication
from cds.facts.medicines.routes import is_local
from cds.facts.medicines.timing import fixed_dates, most_days, pattern
from cds.facts.question import Answer, Question
from cds.record import Dosage, MedicationEntry

_USUAL_SUPPLY = 30.0  # days that a fill is taken to last when the order does not say


def draft_medication(question: Question) -> Answer | None:
    items = tuple(_item(entry, question) for entry in _drafts(question))
    return Answer(State.PRESENT, items=items) if items else None


def _drafts(question: Question) -> tuple[MedicationEntry, ...]:
    drafts = (entry for entry in question.record.drafts if isinstance(entry, MedicationEntry))
    if not question.names_codes("in"):
        return tuple(drafts)
    return tuple(entry for entry in drafts if question.choice("in") in entry.sets)


def _item(entry: MedicationEntry, question: Question) -> Fact:
    name = validity.name(entry)
    attributes: dict[str, Number | str] = {
        "title": name,
        "systemic": _yes_no(not is_local(entry, question.asked.names["local"])),
        "reason": _reason(entry, question),
        **_schedule(entry, question.today),
        **_planned(entry, question),
        **_permitted(entry),
        **_doses(entry, question),
    }
    if "of" in question.asked.texts:
        acute = acute_class(entry, entry.dosages, policy(question.facts[question.text("of")].spec))
        attributes |= {"class": acute.names[0]} if acute.names else {}
        attributes["substitution"] = _yes_no(acute.substitution)
    return Fact(entry.reference, State.PRESENT, attributes, (Evidence(entry.reference, name, "draft order"),))


def _schedule(entry: MedicationEntry, today: date) -> Mapping[str, Number | str]:
    as_needed = any(dosage.as_needed for dosage in entry.dosages)
    scheduled = [dosage for dosage in entry.dosages if not dosage.as_needed and pattern(dosage)]
    limited = any(dosage.max_per_period for dosage in entry.dosages)
    course = ordered_days(entry, today)
    stated: dict[str, Number | str] = {
        "as_needed": _yes_no(as_needed),
        "scheduled": _yes_no(bool(scheduled)),
        "has_timing": _yes_no(limited or any(pattern(dosage) for dosage in entry.dosages)),
        "open_ended": _yes_no(course is None),
    }
    if course is not None:
        stated["course_days"] = course
    if scheduled:
        stated["planned_days_28"] = _planned_days(scheduled, course, today)
    return stated


def _planned(entry: MedicationEntry, question: Question) -> Mapping[str, Number]:
    """With the days that the treatment goes on already; at least those, when the order does not say how long it is."""
    if "after" not in question.asked.texts:
        return {}
    taken = medication(question._replace(asked=question.facts[question.text("after")]))
    days = taken.attributes.get("continuous_days", 0.0) if taken else 0.0
    assert isinstance(days, float)
    more = ordered_days(entry, question.today)
    return {"planned_days": Bounds(days, math.inf) if more is None else days + more}


def _planned_days(dosages: list[Dosage], course: float | None, today: date) -> float:
    """Days of the next 28, today included, on which the schedule has a dose due; rates are rounded down."""
    dates: set[date] = set()
    spread = 0.0
    for dosage in dosages:
        begins, ends = dosage.bounds or (None, None)
        first = max(begins or today, today)
        last = min(each for each in (ends, today + timedelta(days=27)) if each is not None)
        if course is not None:
            last = min(last, (begins or today) + timedelta(days=math.ceil(course) - 1))
        found = pattern(dosage)
        if found is None or last < first:
            continue
        fixed = fixed_dates(found, begins or today, first, last)
        if fixed is None:
            spread = max(spread, found.estimate / 7 * ((last - first).days + 1))
        else:
            dates.update(fixed)
    return float(max(len(dates), math.floor(spread + 1e-9)))


def _permitted(entry: MedicationEntry) -> Mapping[str, Number | str]:
    """Days of use that the quantity allows at one piece a day; refills come as the supply runs out."""
    pieces = units(entry)
    stated: dict[str, Number | str] = {"has_quantity": _yes_no(pieces is not None)}
    if entry.repeats is not None:
        stated["refills"] = float(entry.repeats)
    if pieces is None:
        return stated
    limit = max((most_days(dosage) for dosage in entry.dosages), default=7.0)
    for window in (28, 30):
        fills = max(1.0, min(1.0 + (entry.repeats or 0), window / (entry.days_supply or _USUAL_SUPPLY)))
        days = min(pieces * fills, float(window), limit * window / 7)
        stated[f"permitted_days_{window}"] = float(math.floor(days + 1e-9))
    return stated


def _doses(entry: MedicationEntry, question: Question) -> Mapping[str, Number]:
    doses = {
        "single_dose": single_dose(entry.dosages, "mg"),
        "daily_dose": daily_dose(entry.dosages, question.today, question.text("unit")),
    }
    return {name: dose for name, dose in doses.items() if dose is not None}


def _reason(entry: MedicationEntry, question: Question) -> str:
    if question.choice("for") in entry.reasons:
        return "yes"
    return "other" if entry.reason_stated else "unstated"


def _yes_no(holds: bool) -> str:
    return "yes" if holds else "no"
