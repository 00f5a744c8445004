"""Gathers what the record says on acute medicines, once for all the facts that ask (headache.md HD-MOH-001, -002)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cds.facts.medicines import days, reports, validity
from cds.facts.medicines.classes import Policy, acute_class, inherited_dosages
from cds.facts.medicines.days import ALL_DAYS, HORIZON, NO_DAYS, Days
from cds.facts.medicines.denials import Denial, denials
from cds.facts.medicines.dispensing import supplies
from cds.facts.medicines.exposure import CURRENT, exposures
from cds.facts.medicines.intended import intended
from cds.facts.medicines.use_evidence import DiaryEntry, kind_of, medicine_evidence, newest_first
from cds.facts.medicines.use_sources import Classed, Report, Sources, Stretch
from cds.facts.statements import Unusable
from cds.record import Dosage, Entry, MedicationEntry, ObservationEntry, PatientRecord
from cds.ruleset.medicine_kinds import ACUTE_CLASSES, CLASS_CODES
from cds.ruleset.use_kinds import UNNAMED

_READ = (*CLASS_CODES, "diary", "per_month", "per_week", "duration")


@dataclass(frozen=True, slots=True)
class AcuteUse:
    """All that is known of the use of acute medicines; ``sources`` by class, and under "unnamed" what names none."""

    policy: Policy
    sources: Mapping[str, Sources]
    medicines: tuple[Classed, ...] = ()
    diary: tuple[DiaryEntry, ...] = ()  # newest first
    unusable: Mapping[str, tuple[Unusable, ...]] = field(default_factory=dict)  # totals that say nothing, by class


@dataclass(slots=True)
class _Notes:
    """What was found for one class so far; local to one gathering."""

    diary: Days = NO_DAYS
    documented: Days = NO_DAYS
    administered: Days = NO_DAYS
    reports: list[Report] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    statements: list[Stretch] = field(default_factory=list)
    orders: list[Stretch] = field(default_factory=list)
    possible: list[Stretch] = field(default_factory=list)
    dispensed: list[MedicationEntry] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything but a duration was found."""
        told = self.documented or self.administered or self.reports or self.statements
        return bool(told or self.orders or self.possible or self.dispensed)


def acute_use(record: PatientRecord, policy: Policy, now: datetime) -> AcuteUse:
    if not any(f"{policy.fact}.{parameter}" in record.entries for parameter in _READ):
        return AcuteUse(policy, {})
    notes = {name: _Notes() for name in (*ACUTE_CLASSES, UNNAMED)}
    entries = _entries(record, policy, CLASS_CODES)
    medicines = [each for each in entries if isinstance(each, MedicationEntry) and not each.draft]
    classed = _classed(medicines, policy, now)
    denied = denials(medicines)
    by_reference = {entry.reference: entry for entry in medicines}
    for each in classed:
        for name in each.acute.names:
            _note(notes[name], each.entry, inherited_dosages(by_reference, each.entry), denied, now)
    written = (each for each in _entries(record, policy, ("diary",)) if isinstance(each, ObservationEntry))
    diary = newest_first((reports.diary_days(entry, now), entry) for entry in written)
    _note_diary(notes, diary, policy)
    _note_reports(notes, record, policy, now)
    found = {name: _sources(name, each, notes[UNNAMED], now) for name, each in notes.items() if each}
    unusable = {name: tuple(each.unusable) for name, each in notes.items() if each.unusable}
    return AcuteUse(policy, {name: each for name, each in found.items() if each.anything}, classed, diary, unusable)


def _entries(record: PatientRecord, policy: Policy, parameters: Iterable[str]) -> list[Entry]:
    """The entries of some code choices, each once."""
    found = (entry for each in parameters for entry in record.entries.get(f"{policy.fact}.{each}", ()))
    return list({id(entry): entry for entry in found}.values())


def _classed(medicines: list[MedicationEntry], policy: Policy, now: datetime) -> tuple[Classed, ...]:
    by_reference = {entry.reference: entry for entry in medicines}
    current = {id(each.entry) for each in exposures(medicines, now.date()) if each.phase == CURRENT}
    return tuple(
        Classed(
            entry=entry,
            acute=acute,
            current=id(entry) in current,
            recent=id(entry) in current or _is_recent(entry, now),
            kind=kind_of(entry),
            evidence=medicine_evidence(entry),
        )
        for entry in medicines
        if validity.counts(entry)
        and (acute := acute_class(entry, inherited_dosages(by_reference, entry), policy)).names
    )


def _is_recent(entry: MedicationEntry, now: datetime) -> bool:
    course = validity.course(entry)
    end = course.last or course.start or validity.said_on(entry)
    return end is not None and (now.date() - end).days < HORIZON


def _note(
    notes: _Notes, entry: MedicationEntry, dosages: tuple[Dosage, ...], denied: tuple[Denial, ...], now: datetime
) -> None:
    match entry.type:
        case "MedicationDispense":
            notes.dispensed.append(entry)
        case "MedicationAdministration":
            notes.administered |= _administered(entry, now)
        case _:
            found = intended(entry, dosages, denied, now.date())
            notes.statements += found.reported
            notes.orders += found.ordered
            notes.possible += found.possible


def _administered(entry: MedicationEntry, now: datetime) -> Days:
    """Every local date of an administration: a patch is worn on each of them (DC-7). A month is no date."""
    if entry.instant:
        return days.day((now.date() - entry.instant.astimezone(now.tzinfo).date()).days)
    first, last = entry.effective or (None, None)
    if first is None:
        return NO_DAYS
    return days.period(first.latest, (last or first).earliest, now.date())


def _note_diary(notes: dict[str, _Notes], diary: Iterable[DiaryEntry], policy: Policy) -> None:
    """Yes or no for the classes named; "no acute drug" for every class; a yes without a class for no class."""
    without_any = NO_DAYS
    for dates, entry in diary:
        if not isinstance(entry.value, bool):
            continue
        named = reports.named_classes(entry, policy)
        if named is None and not entry.value:
            without_any |= dates
        for name in (UNNAMED,) if named is None and entry.value else named or ():
            notes[name].documented |= dates
            notes[name].diary |= dates if entry.value else NO_DAYS
    for each in notes.values():
        each.documented |= without_any


def _note_reports(notes: dict[str, _Notes], record: PatientRecord, policy: Policy, now: datetime) -> None:
    for parameter in ("per_month", "per_week", "duration"):
        for entry in _entries(record, policy, (parameter,)):
            if not isinstance(entry, ObservationEntry):
                continue
            named = reports.named_classes(entry, policy)
            for name in (UNNAMED,) if named is None else named:
                if parameter == "duration":
                    notes[name].durations += _known(reports.duration(entry, now))
                    continue
                total = reports.report(entry, now, weekly=parameter == "per_week")
                if isinstance(total, Report):
                    notes[name].reports.append(total)
                elif total is not None:
                    notes[name].unusable.append(total)


def _known(number: float | None) -> list[float]:
    return [] if number is None else [number]


def _sources(name: str, notes: _Notes, unnamed: _Notes, now: datetime) -> Sources:
    """A duration reported without a class holds for whatever class there is use of."""
    used = notes.reports or notes.diary or notes.administered or notes.statements
    durations = notes.durations or (unnamed.durations if used else [])
    return Sources(
        diary=notes.diary & ALL_DAYS,
        documented=notes.documented & ALL_DAYS,
        administered=notes.administered & ALL_DAYS,
        reports=tuple(notes.reports),
        duration=max(durations, default=None),
        statements=tuple(notes.statements),
        orders=tuple(notes.orders),
        supplies=supplies(notes.dispensed, name, now.date()),
        possible=tuple(notes.possible),
    )
