"""Use that statements and orders say is intended, or leave possible: dosages over their days (headache.md 4.4)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cds.clinical import Span
from cds.facts.medicines import days, validity
from cds.facts.medicines.days import ALL_DAYS, HORIZON, NO_DAYS, Days
from cds.facts.medicines.denials import Denial
from cds.facts.medicines.timing import Pattern, fixed_dates, most_days, pattern
from cds.facts.medicines.use_sources import Stretch
from cds.facts.medicines.validity import Course
from cds.record import Dosage, MedicationEntry

_PATIENT = frozenset({"Patient", "RelatedPerson"})
_RECALL = 29  # an account of current use without a start says something of the last 30 days
_WORDS_ONLY = Dosage()


@dataclass(frozen=True, slots=True)
class Intended:
    """By rank (4.2): ``reported`` by the patient 3, ``ordered`` on a schedule 5, ``possible`` a maximum only 6."""

    reported: tuple[Stretch, ...] = ()
    ordered: tuple[Stretch, ...] = ()
    possible: tuple[Stretch, ...] = ()


def by_patient(entry: MedicationEntry) -> bool:
    return entry.type == validity.STATEMENT and entry.source in _PATIENT


def intended(entry: MedicationEntry, dosages: tuple[Dosage, ...], denied: Iterable[Denial], today: date) -> Intended:
    """The use that a statement or an order speaks of; what a statement denies is taken out of orders."""
    course = _course(entry)
    off = _denied_days(entry, denied, today)
    stretches = [_without(_stretch(entry, dosage, course, today), off) for dosage in dosages or (_WORDS_ONLY,)]
    possible = tuple(each for each in stretches if each.fixed is None and each.rate == 0)
    certain = tuple(each for each in stretches if each not in possible)
    if by_patient(entry):
        return Intended(reported=certain, possible=possible)
    return Intended(ordered=certain, possible=possible)


def _course(entry: MedicationEntry) -> Course:
    """The course, with what a statement without a start or with a single date lets one say."""
    course = validity.course(entry)
    if entry.type != validity.STATEMENT:
        return course
    if entry.effective is None and course.start:
        return replace(course, start=course.start - timedelta(days=_RECALL))
    if course.over and course.end is None:
        return replace(course, end=course.start, last=course.start)  # use on that one day is what it tells
    return course


def begun(stretch: Stretch, today: date) -> int | None:
    """How many days ago its use had surely begun: a partial start counts from its latest day (2.3)."""
    first = days.oldest(stretch.days)
    start, _ = stretch.entry.effective or (None, None)
    said = stretch.entry.asserted
    if first is None or (latest := _latest_start(start, said)) is None:
        return first
    return min(first, max((today - latest).days, 0))


def _latest_start(start: Span | None, said: Span | None) -> date | None:
    if start is not None:
        return start.latest
    return None if said is None else said.latest - timedelta(days=_RECALL)


def _stretch(entry: MedicationEntry, dosage: Dosage, course: Course, today: date) -> Stretch:
    first, last = _interval(dosage, course, today)
    covered = days.period(first, last, today) if first and last else ALL_DAYS
    nothing = Stretch(validity.drug(entry), covered, None, 0.0, entry, _allowed(dosage))
    found = pattern(dosage)
    if first is None or last is None or course.possible or (dosage.as_needed and not by_patient(entry)):
        return nothing
    if found is None:
        return replace(nothing, fixed=covered) if first == last and entry.type == validity.STATEMENT else nothing
    return _expanded(nothing, found, dosage, (first, last), today)


def _interval(dosage: Dosage, course: Course, today: date) -> tuple[date | None, date | None]:
    """Of the days a dosage holds, those until today; no last day when treatment is over and nobody says since when."""
    begins, ends = dosage.bounds or (None, None)
    first = begins or course.start
    if course.over and course.end is None and ends is None:
        return first, None
    last = min(each for each in (ends, course.last, today) if each is not None)
    if first and dosage.bounds_days:
        last = min(last, first + timedelta(days=dosage.bounds_days[0] - 1))
    return first, last


def _expanded(nothing: Stretch, found: Pattern, dosage: Dosage, interval: tuple[date, date], today: date) -> Stretch:
    first, last = interval
    uses = _days_of_doses(found, dosage)
    if uses is not None and (found.daily or not found.weekdays) and found.estimate:
        last = min(last, first + timedelta(days=math.ceil(uses * 7 / found.estimate) - 1))
    start = first if uses is not None and found.weekdays else max(first, today - timedelta(days=HORIZON - 1))
    covered = days.period(first, last, today)
    if found.daily and not found.weekdays:
        return replace(nothing, days=covered, fixed=covered, rate=7.0)
    fixed = fixed_dates(found, first, start, last) if start <= last else ()
    if fixed is None:
        return replace(nothing, days=covered, rate=min(found.estimate, most_days(dosage)))
    return replace(nothing, days=covered, fixed=days.dates(fixed[:uses], today), rate=found.estimate)


def _days_of_doses(found: Pattern, dosage: Dosage) -> int | None:
    """How many days of use a stated number of doses is (4.4, step 7)."""
    doses = dosage.count or dosage.count_max
    return math.ceil(doses / found.doses) if doses else None


def _allowed(dosage: Dosage) -> float | None:
    """Days a week an as-needed dosage allows; None when that is every day."""
    found = pattern(dosage)
    allowed = min(most_days(dosage), found.high if found and not found.events else 7.0)
    return allowed if dosage.as_needed and allowed < 7 else None


def _denied_days(entry: MedicationEntry, denied: Iterable[Denial], today: date) -> Days:
    """The days on which a statement says that an ordered drug was not taken."""
    off = NO_DAYS
    for denial in denied if entry.type != validity.STATEMENT else ():
        if denial.concerns(entry):
            first = denial.first or today - timedelta(days=HORIZON - 1)
            off |= days.period(first, denial.last or today, today)
    return off


def _without(stretch: Stretch, off: Days) -> Stretch:
    if not off:
        return stretch
    fixed = None if stretch.fixed is None else stretch.fixed & ~off
    return replace(stretch, days=stretch.days & ~off, fixed=fixed, denied=off)
