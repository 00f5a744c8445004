"""Whether each resource shows that a medicine is taken now, was taken, or perhaps is (spine.md NRM-05)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cds.facts.medicines import validity
from cds.facts.medicines.denials import Denial, denials
from cds.facts.medicines.validity import GRACE, UNVERIFIED, Course
from cds.record import MedicationEntry

CURRENT = "current"
ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Exposure:
    """``certain`` is false for what nothing shows to be taken still, or when it ended.

    ``end`` of ended treatment is its true end; the 7 days of grace only decide what is current.
    """

    entry: MedicationEntry
    phase: str
    certain: bool
    start: date | None
    end: date | None
    last: date | None  # last day covered

    @property
    def run(self) -> tuple[date, date] | None:
        """The days it covers, when both ends are known."""
        return (self.start, self.last) if self.certain and self.start and self.last else None


def exposures(entries: Iterable[MedicationEntry], today: date) -> tuple[Exposure, ...]:
    """What the entries show, without what a statement that the drug is not taken cancels."""
    known = tuple(entries)
    denied = denials(known)
    stopped = frozenset(
        [entry.reference for entry in known if entry.type == validity.REQUEST and entry.status == "stopped"]
    )
    found = (_exposure(entry, stopped, today) for entry in known if validity.counts(entry) or entry.draft)
    return tuple(kept for each in found if each and (kept := _undenied(each, denied, today)))


def _exposure(entry: MedicationEntry, stopped: frozenset[str], today: date) -> Exposure | None:
    if entry.draft:
        return Exposure(entry, CURRENT, True, None, None, None)
    course = validity.course(entry)
    if entry.type == validity.DISPENSE and not stopped.isdisjoint(entry.based_on):
        course = replace(course, over=True)  # an explicit stop ends the supply at once
    if course.start and course.start > today:
        return None
    if course.over:
        return _ended(entry, course, today)
    if course.end is not None and course.end + timedelta(days=GRACE) < today:
        return _ended(entry, course, today)
    if course.possible or _unverified(entry, course, today):
        return Exposure(entry, CURRENT, False, course.start, None, None)
    return Exposure(entry, CURRENT, True, course.start, None, min(course.last or today, today))


def _ended(entry: MedicationEntry, course: Course, today: date) -> Exposure:
    if course.end is None:
        return Exposure(entry, ENDED, False, course.start, None, None)
    return Exposure(entry, ENDED, True, course.start, min(course.end, today), min(course.last or course.end, today))


def _unverified(entry: MedicationEntry, course: Course, today: date) -> bool:
    """No end is known, and the order is old, undated, or a hand-over that does not say how long it lasts."""
    if course.end is not None:
        return False
    if entry.type == validity.STATEMENT:
        asserted = validity.earliest(entry.asserted)
        return asserted is not None and (today - asserted).days > UNVERIFIED
    if entry.type == validity.DISPENSE or course.start is None:
        return True
    written = validity.said_on(entry) or course.start
    return (today - written).days > UNVERIFIED


def _undenied(exposure: Exposure, denied: Iterable[Denial], today: date) -> Exposure | None:
    """Cut back to before the day on which the drug was stated not to be taken; None when nothing is left."""
    if exposure.entry.type == validity.STATEMENT or exposure.entry.draft:
        return exposure
    for denial in denied:
        if not denial.concerns(exposure.entry) or not denial.covers(exposure.end or today):
            continue
        if denial.first is None or exposure.start is None or exposure.start >= denial.first:
            return None
        before = denial.first - timedelta(days=1)
        return replace(exposure, phase=ENDED, end=denial.first, last=min(exposure.last or before, before))
    return exposure


def runs(spells: Iterable[tuple[date, date]], joining: int = GRACE) -> list[tuple[date, date]]:
    """Spells of days merged into runs, gaps of up to so many days joined; oldest first."""
    merged: list[tuple[date, date]] = []
    for first, last in sorted(spells):
        if merged and (first - merged[-1][1]).days - 1 <= joining:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def covered_days(spells: Iterable[tuple[date, date]], since: date) -> int:
    """Days from ``since`` that some spell covers."""
    within = ((max(first, since), last) for first, last in spells if last >= since)
    return sum((last - first).days + 1 for first, last in runs(within, joining=0))
