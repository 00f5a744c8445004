"""What is shown to the clinician of the evidence on use: one line for a diary, one for each other resource."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from cds.clinical import Evidence
from cds.facts.dates import words
from cds.facts.medicines import days, validity
from cds.facts.medicines.days import WINDOWS, Days
from cds.facts.medicines.gathering import AcuteUse, Classed
from cds.facts.medicines.intended import by_patient
from cds.facts.medicines.reports import diary_days
from cds.facts.medicines.use_sources import Report, Sources
from cds.record import ObservationEntry

_KINDS = {
    validity.DISPENSE: "dispensing",
    validity.ADMINISTRATION: "administration",
}


def known_from(sources: Iterable[Sources], taken: Iterable[Classed]) -> str:
    """What the record has on it, best source first: "diary, as-needed order"."""
    sources = tuple(sources)
    found = ["diary"] if any(each.documented or each.diary for each in sources) else []
    found += ["patient's total"] if any(each.reports for each in sources) else []
    order = ("administration", "patient's statement", "dispensing", "scheduled order", "as-needed order", "statement")
    kinds = {_kind(each) for each in taken}
    return ", ".join([*found, *(kind for kind in order if kind in kinds)])


def _kind(classed: Classed) -> str:
    entry = classed.entry
    if entry.type == validity.STATEMENT:
        return "patient's statement" if by_patient(entry) else "statement"
    as_needed = any(dosage.as_needed for dosage in entry.dosages)
    return _KINDS.get(entry.type, "as-needed order" if as_needed else "scheduled order")


def use_evidence(
    sources: Sequence[Sources], taken: Iterable[Classed], use: AcuteUse, now: datetime
) -> tuple[Evidence, ...]:
    """The diary first, then totals, then resources about medicines."""
    yes = documented = 0
    for each in sources:
        yes, documented = yes | each.diary, documented | each.documented
    reports = {id(report.entry): report for each in sources for report in each.reports}
    return (
        *diary_evidence(use.diary, yes, documented, now),
        *(report_evidence(report, now) for report in reports.values()),
        *(_medicine(each) for each in taken),
    )


def diary_evidence(
    entries: Iterable[ObservationEntry], yes: Days, documented: Days, now: datetime
) -> Iterable[Evidence]:
    """One line for the whole diary, told of the last 30 days; it refers to its newest entry."""
    dated = [(found, entry) for entry in entries if (found := diary_days(entry, now)) & documented]
    if dated:
        _, entry = min(dated, key=lambda each: days.newest(each[0]) or 0)
        month = WINDOWS["month"]
        counted = f"{days.count(yes & month)} of {days.count(documented & month)} documented days in the last 30"
        first, last = days.oldest(documented), days.newest(documented)
        when = f"{_day(first, now)} to {_day(last, now)}"
        yield Evidence(entry.reference, "Diary", counted, when)


def report_evidence(report: Report, now: datetime) -> Evidence:
    unit = "days a week" if report.weekly else "days in 30"
    low, high = f"{report.low:g}", f"{report.high:g}"
    value = f"{low} {unit}" if low == high else f"{low} to {high} {unit}"
    label = report.entry.text or "Patient's total"
    return Evidence(report.entry.reference, label, value, _day(report.ago, now))


def _medicine(classed: Classed) -> Evidence:
    entry = classed.entry
    first, last = entry.effective or (None, None)
    when = words(entry.authored or entry.handed_over) or " to ".join(each.isoformat() for each in (first, last) if each)
    return Evidence(entry.reference, validity.name(entry), _kind(classed), when or words(entry.asserted))


def _day(ago: int | None, now: datetime) -> str:
    day: date = now.date() - timedelta(days=ago or 0)
    return day.isoformat()
