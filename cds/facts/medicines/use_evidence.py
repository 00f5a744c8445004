"""What is shown to the clinician of the evidence on use: one line for a diary, one for each other resource."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from cds.clinical import Evidence
from cds.facts.dates import words
from cds.facts.medicines import days, validity
from cds.facts.medicines.days import NO_DAYS, WINDOWS, Days
from cds.facts.medicines.intended import by_patient
from cds.facts.medicines.use_sources import Classed, Report, Sources
from cds.record import MedicationEntry, ObservationEntry

DiaryEntry = tuple[Days, ObservationEntry]

_BEST_FIRST = (
    "administration",
    "patient's statement",
    "dispensing",
    "scheduled order",
    "as-needed order",
    "statement",
)


def kind_of(entry: MedicationEntry) -> str:
    """What a resource on a medicine is, in a clinician's words."""
    match entry.type:
        case "MedicationStatement":
            return "patient's statement" if by_patient(entry) else "statement"
        case "MedicationDispense":
            return "dispensing"
        case "MedicationAdministration":
            return "administration"
    return "as-needed order" if any(dosage.as_needed for dosage in entry.dosages) else "scheduled order"


def medicine_evidence(entry: MedicationEntry) -> Evidence:
    first, last = entry.effective or (None, None)
    when = words(entry.authored or entry.handed_over) or " to ".join(words(each) for each in (first, last) if each)
    return Evidence(entry.reference, validity.name(entry), kind_of(entry), when or words(entry.asserted))


def known_from(sources: Iterable[Sources], taken: Iterable[Classed]) -> str:
    """What the record has on it, best source first: "diary, as-needed order"."""
    sources = tuple(sources)
    found = ["diary"] if any(each.documented or each.diary for each in sources) else []
    found += ["patient's total"] if any(each.reports for each in sources) else []
    kinds = {each.kind for each in taken}
    return ", ".join([*found, *(kind for kind in _BEST_FIRST if kind in kinds)])


def use_evidence(
    sources: Sequence[Sources], taken: Iterable[Classed], diary: Iterable[DiaryEntry], now: datetime
) -> tuple[Evidence, ...]:
    """The diary first, then totals, then resources about medicines. ``diary``: its entries, newest first."""
    yes = documented = NO_DAYS
    for each in sources:
        yes, documented = yes | each.diary, documented | each.documented
    reports = {id(report.entry): report for each in sources for report in each.reports}
    return (
        *diary_evidence(diary, yes, documented, now),
        *(report_evidence(report, now) for report in reports.values()),
        *(each.evidence for each in taken),
    )


def newest_first(entries: Iterable[DiaryEntry]) -> tuple[DiaryEntry, ...]:
    """The entries that are about some day, sorted."""
    return tuple(sorted((each for each in entries if each[0]), key=lambda each: each[0] & -each[0]))


def diary_evidence(diary: Iterable[DiaryEntry], yes: Days, documented: Days, now: datetime) -> Iterable[Evidence]:
    """One line for the whole diary, told of the last 30 days; it refers to its newest entry."""
    entry = next((entry for dates, entry in diary if dates & documented), None)
    first, last = days.oldest(documented), days.newest(documented)
    if entry is not None and first is not None and last is not None:
        month = WINDOWS["month"]
        counted = f"{days.count(yes & month)} of {days.count(documented & month)} documented days in the last 30"
        yield Evidence(entry.reference, "Diary", counted, f"{_day(first, now)} to {_day(last, now)}")


def report_evidence(report: Report, now: datetime) -> Evidence:
    unit = "days a week" if report.weekly else "days in 30"
    low, high = f"{report.low:g}", f"{report.high:g}"
    value = f"{low} {unit}" if low == high else f"{low} to {high} {unit}"
    label = report.entry.text or "Patient's total"
    return Evidence(report.entry.reference, label, value, _day(report.ago, now))


def _day(ago: int, now: datetime) -> str:
    day: date = now.date() - timedelta(days=ago)
    return day.isoformat()
