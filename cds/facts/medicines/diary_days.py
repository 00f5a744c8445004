"""Answers on how many days there was headache, or migraine: the kind ``diary-days`` (headache.md HD-MOH-004)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgspec import structs

from cds.clinical import Bounds, Number, Quantity, State
from cds.facts.findings import unusable_answer
from cds.facts.headache.attacks import attacks_of
from cds.facts.headache.criteria import migrainous
from cds.facts.medicines import days, reports
from cds.facts.medicines.bounds import UseDays, bounded
from cds.facts.medicines.classes import Policy
from cds.facts.medicines.days import NO_DAYS, WINDOWS, Days, count
from cds.facts.medicines.estimates import Estimate, report_for, scaled
from cds.facts.medicines.use_days import window_attributes
from cds.facts.medicines.use_evidence import DiaryEntry, diary_evidence, newest_first, report_evidence
from cds.facts.medicines.use_sources import Report, Sources
from cds.facts.question import Answer, Question
from cds.facts.statements import Unusable
from cds.record import ObservationEntry
from cds.ruleset.units import convert

_EARLIER = days.span(91, days.HORIZON - 1)  # more than 3 months ago
_MIDAS_DAYS = 14  # a MIDAS item older than this says nothing of the last 30 days


@dataclass(frozen=True, slots=True)
class _Written:
    sources: Sources
    diary: tuple[DiaryEntry, ...]
    attacks: bool
    unusable: tuple[Unusable, ...]  # totals that say nothing


def diary_days(question: Question) -> Answer | None:
    written = _written(question)
    if not written.sources.tells_use:
        return unusable_answer(question, written.unusable) if written.unusable else None
    policy = Policy(
        question.spec.name,
        coverage_high=question.number("coverage_high") or 0.0,
        coverage_min=question.number("coverage_min") or 0.0,
    )
    windows = {key: _counted(written, window, policy) for key, window in WINDOWS.items()}
    attributes = {
        **window_attributes(windows),
        "source": windows["month"].source,
        "known_from": _known_from(written),
        **_doubled(windows),
        "earlier": "yes" if written.sources.dated & _EARLIER else "no",
    }
    sources = written.sources
    evidence = (
        *diary_evidence(written.diary, sources.diary, sources.documented, question.now),
        *(report_evidence(each, question.now) for each in sources.reports),
    )
    return Answer(State.PRESENT, attributes, evidence)


def _doubled(windows: Mapping[str, UseDays]) -> dict[str, str]:
    """Whether there are now at least twice the days of a usual month of the three before (headache.md HD-RF-006)."""
    now, before = windows["month"].estimate, [windows[f"month_{back}"].estimate for back in (2, 3, 4)]
    known = [days for days in before if days is not None]
    if now is None or len(known) < len(before):
        return {}
    return {"doubled": "yes" if now >= 2 * sum(known) / len(known) else "no"}


def _written(question: Question) -> _Written:
    yes = documented = attacks = NO_DAYS
    entries = _observations(question, "days")
    diary = newest_first((reports.diary_days(entry, question.now), entry) for entry in entries)
    for dates, entry in diary:
        if isinstance(entry.value, bool):
            documented |= dates
            yes |= dates if entry.value else NO_DAYS
    for entry in _observations(question, "attacks"):
        attacks |= _attack_days(entry, question)
    attacks |= _migraine_days(question)
    totals = _totals(question)
    reported = tuple(each for each in totals if isinstance(each, Report))
    unusable = tuple(each for each in totals if isinstance(each, Unusable))
    sources = Sources(yes, documented, administered=attacks, reports=reported)
    return _Written(sources, diary, bool(attacks), unusable)


def _observations(question: Question, parameter: str) -> tuple[ObservationEntry, ...]:
    entries = question.entries(parameter)
    return tuple(entry for entry in entries if isinstance(entry, ObservationEntry))


def _totals(question: Question) -> tuple[Report | Unusable, ...]:
    totals = [reports.report(entry, question.now, weekly=False) for entry in _observations(question, "per_month")]
    totals += [_of_midas(entry, question.now) for entry in _observations(question, "per_quarter")]
    return tuple(total for total in totals if total is not None)


def _of_midas(entry: ObservationEntry, now: datetime) -> Report | Unusable | None:
    """Days in three months, as days in one: MIDAS item A divided by three."""
    ago = reports.stated_ago(entry, now)
    if ago is None or ago > _MIDAS_DAYS or not isinstance(entry.value, Quantity):
        return None
    third = structs.replace(entry, value=Quantity(_third(entry.value.value), entry.value.unit))
    total = reports.report(third, now, weekly=False)
    return replace(total, entry=entry) if isinstance(total, Report) else total


def _third(number: Number) -> Number:
    return Bounds(number.low / 3, number.high / 3) if isinstance(number, Bounds) else number / 3


def _attack_days(entry: ObservationEntry, question: Question) -> Days:
    """Every local date an attack touches: from 22:00 to 02:00 it is two."""
    typical = question.choice("typical")
    if any(typical in each.sets and each.value is True for each in entry.components):
        return NO_DAYS
    minutes = _duration(entry, question.choice("attack_duration"))
    if entry.period or entry.instant is None or minutes is None:
        return reports.diary_days(entry, question.now)
    ended = entry.instant + timedelta(minutes=minutes)
    first, last = (each.astimezone(question.now.tzinfo).date() for each in (entry.instant, ended))
    return days.period(first, last, question.today)


def _migraine_days(question: Question) -> Days:
    """The local dates of the attacks that are like migraine."""
    fact = question.asked.texts.get("migraine_of")
    attacks = attacks_of(question, fact) if fact else None
    found = NO_DAYS
    for one in attacks.dated if attacks else ():
        if migrainous(one.attack):
            found |= days.period(one.start.date(), one.end.date(), question.today)
    return found


def _duration(entry: ObservationEntry, choice: str) -> float | None:
    for each in entry.components:
        if choice in each.sets and isinstance(each.value, Quantity) and isinstance(each.value.value, float | int):
            return convert(each.value.value, each.value.unit, "min")
    return None


def _counted(written: _Written, window: Days, policy: Policy) -> UseDays:
    """Nothing is needed to have a headache: every day that is not documented may have been one."""
    sources, length = written.sources, count(window)
    coverage = count(sources.documented & window) / length
    dated = float(count(sources.dated & window))
    reported = report_for(sources, window)
    best = scaled(sources, window, coverage, policy)
    if best is None and reported is not None:
        best = Estimate(reported.estimate, "moderate", "report")
    # Attacks are told one by one; the days of a diary with more gaps than days are only a part of it.
    if best is None and sources.administered & window:
        best = Estimate(dated, "low", "attacks")
    undocumented = count(window & ~sources.documented & ~sources.dated)
    maximum = dated + undocumented
    if best and best.source == "report" and reported:
        maximum = min(maximum, max(dated, reported.high))
    return bounded(best, dated, maximum, coverage, discordant=False)


def _known_from(written: _Written) -> str:
    sources = written.sources
    found = (("diary", sources.documented), ("patient's total", sources.reports), ("attacks", written.attacks))
    return ", ".join(name for name, known in found if known)
