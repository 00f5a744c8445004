"""How many days a medicine was used: proven, estimated, not to be excluded (headache.md 4.3, 4.6, HD-MOH-003)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from cds.facts.medicines.classes import Policy
from cds.facts.medicines.days import Days, begun_by, count, newest, oldest
from cds.facts.medicines.use_sources import Drug, Report, Sources, Stretch, Supply

CONFIDENCE = ("none", "low", "moderate", "high")
_BLOCK = 30
_DISCORDANT = 5  # two sources of rank 3 or better that differ by more days than this disagree
_CONFIRMED = 0.8  # share of a scheduled order's days that dispensing has to cover


@dataclass(frozen=True, slots=True)
class UseDays:
    """Days of use in one window. ``maximum`` None: no sign of access to the medicine at all."""

    minimum: float
    estimate: float | None
    maximum: float | None
    confidence: str = "none"
    source: str = "none"
    discordant: bool = False
    coverage: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """The best number a source has, before it is held against what is proven and what is possible."""

    days: float
    confidence: str
    source: str


def use_days(sources: Sources, window: Days, policy: Policy) -> UseDays:
    """One class in one window."""
    length, dated = count(window), float(count(sources.dated & window))
    coverage = count(sources.documented & window) / length
    reported = report_for(sources, window)
    told = [
        scaled(sources, window, coverage, policy),
        None if reported is None else Estimate(reported.estimate, "moderate", "report"),
        _of_stretches(sources.statements, window, "moderate", "statement"),
    ]
    supposed = [
        _confirmed_order(sources, window),
        _of_supplies(sources.supplies, window),
        _of_stretches(sources.orders, window, "low", "order"),
    ]
    best = next((each for each in (*told, *supposed) if each), None)
    proven = dated
    if reported and policy.reports_prove:
        proven = max(dated, math.floor(reported.low))
    answered = reported if best and best.source == "report" else None
    maximum = _maximum(sources, window, coverage, answered)
    return bounded(best, proven, maximum, coverage, discordant=_differ(told))


def bounded(
    best: Estimate | None, minimum: float, maximum: float | None, coverage: float, *, discordant: bool
) -> UseDays:
    if maximum is not None:
        maximum = max(maximum, minimum)
    if best is None:
        return UseDays(minimum, None, maximum, coverage=coverage)
    estimate = max(best.days, minimum)
    estimate = estimate if maximum is None else min(estimate, maximum)
    confidence = lower(best.confidence) if discordant else best.confidence
    return UseDays(minimum, estimate, maximum, confidence, best.source, discordant, coverage)


def lower(confidence: str) -> str:
    return CONFIDENCE[max(CONFIDENCE.index(confidence) - 1, 0)]


def weakest(confidences: Iterable[str]) -> str:
    return min(confidences, key=CONFIDENCE.index)


def scaled(sources: Sources, window: Days, coverage: float, policy: Policy) -> Estimate | None:
    """The diary, scaled up from the days it documents (4.3): to one decimal, only from a coverage of a half."""
    if coverage < policy.coverage_min:
        return None
    days = round(count(sources.diary & window) / coverage, 1)
    return Estimate(days, "high" if coverage >= policy.coverage_high else "moderate", "diary")


def report_for(sources: Sources, window: Days) -> Report | None:
    """The newest total that tells of the window: stated within it, or on the day after it ended.

    With use reported to have been so for more than 90 days, a total of the last 30 days tells of three months (4.7).
    """
    start, length = newest(window) or 0, count(window)
    reports = [each for each in sources.reports if _tells_of(each, start)]
    if not reports and sources.duration is not None and sources.duration > 90 and start < 3 * _BLOCK:
        reports = [each for each in sources.reports if _tells_of(each, 0)]
    if not reports:
        return None
    same_period = length < _BLOCK
    best = min(reports, key=lambda each: (each.ago, each.weekly is not same_period, -each.estimate))
    return best.in_days(length)


def _tells_of(report: Report, start: int) -> bool:
    """A total of 30 days ago still tells of the last 30 days, one of 31 days ago of those before."""
    return max(report.ago - 1, 0) // _BLOCK * _BLOCK == start


def _differ(told: Sequence[Estimate | None]) -> bool:
    known = [each.days for each in told if each]
    return any(abs(one - other) > _DISCORDANT for one, other in combinations(known, 2))


def _of_stretches(stretches: Iterable[Stretch], window: Days, confidence: str, source: str) -> Estimate | None:
    by_drug: dict[Drug, list[Stretch]] = {}
    for stretch in stretches:
        if stretch.days & window:
            by_drug.setdefault(stretch.drug, []).append(stretch)
    if not by_drug:
        return None
    return Estimate(together([_of_drug(each, window) for each in by_drug.values()], window), confidence, source)


def _of_drug(stretches: Sequence[Stretch], window: Days) -> float:
    """Overlapping records of one drug are one exposure (DC-5): on each day the one with more use counts."""
    fixed, counted = 0, 0
    for stretch in stretches:
        if stretch.fixed is not None:
            fixed, counted = fixed | stretch.fixed, counted | stretch.days
    days = float(count(fixed & window))
    for stretch in sorted(stretches, key=lambda each: -each.rate):
        if stretch.fixed is None:
            days += stretch.rate / 7 * count(stretch.days & window & ~counted)
            counted |= stretch.days
    return days


def _of_supplies(supplies: Iterable[Supply], window: Days) -> Estimate | None:
    by_drug: dict[Drug, float] = {}
    for supply in supplies:
        if supply.estimate is not None and supply.days & window:
            share = supply.estimate * count(supply.days & window) / supply.length
            by_drug[supply.drug] = by_drug.get(supply.drug, 0.0) + share
    return Estimate(together(list(by_drug.values()), window), "low", "dispensing") if by_drug else None


def _confirmed_order(sources: Sources, window: Days) -> Estimate | None:
    """A schedule that dispensing of the same drugs covers by 0.8 or more (4.2)."""
    due, covered = 0, 0
    for stretch in sources.orders:
        handed_over = 0
        for supply in sources.supplies:
            handed_over |= supply.covered if supply.drug == stretch.drug else 0
        due |= stretch.days & window
        covered |= stretch.days & window & handed_over
    if not due or count(covered) < _CONFIRMED * count(due):
        return None
    return _of_stretches(sources.orders, window, "moderate", "confirmed-order")


def together(days: Sequence[float], window: Days) -> float:
    """Days on which any of several undated uses falls, taken as independent of each other (DC-4)."""
    if len(days) == 1:
        return days[0]
    length = count(window)
    return length * (1 - math.prod(1 - min(each, length) / length for each in days))


def _maximum(sources: Sources, window: Days, coverage: float, answered: Report | None) -> float | None:
    """What cannot be excluded. The patient's own total, where it decides, answers the question (4.9)."""
    dated, length = count(sources.dated & window), count(window)
    if coverage == 1:
        return float(dated)
    if answered is not None:
        return max(float(dated), min(float(length), _rounded_up(answered.high)))
    allowed = _allowed(sources, window)
    undocumented = count(window & ~sources.documented & ~sources.dated)
    if allowed is None:
        return float(dated) if dated else None
    return max(float(dated), min(float(dated + undocumented), _rounded_up(allowed)))


def _rounded_up(days: float) -> float:
    """Whole days at most; the sum of a few shares of a whole is not made one more by its last digit."""
    return days if math.isinf(days) else float(math.ceil(days - 1e-9))


def _allowed(sources: Sources, window: Days) -> float | None:
    """Days of use to which the known ways to the medicine limit it: infinite mostly; None when there is no way known.

    An as-needed order that was dispensed is one exposure with what was handed over (DC-5).
    """
    filled = {reference for supply in sources.supplies for reference in supply.entry.based_on}
    ordered = [
        each
        for each in (*sources.statements, *sources.orders, *sources.possible)
        if each.allows(window) and each.entry.reference not in filled
    ]
    handed = [each for each in sources.supplies if begun_by(each.since, window)]
    if begun_by(sources.dated, window) or any(each.limit is None for each in ordered):
        return math.inf
    if not (ordered or handed):
        return None
    weeks = count(window) / 7
    return sum((each.limit or 0) * weeks for each in ordered) + sum(_most(supply, window) for supply in handed)


def _most(supply: Supply, window: Days) -> float:
    """Days of use that a supply allows. What is left of the last one may be taken on any later day."""
    if supply.most is None:
        return math.inf
    if supply.last and supply.length < (oldest(supply.since) or 0) + 1:
        return min(supply.most, float(count(supply.since & window)))
    return supply.most * count(supply.days & window) / supply.length


def union(parts: Sequence[UseDays], whole: Sources, window: Days, policy: Policy) -> UseDays:
    """Several classes together (DC-3, DC-4): exact over dates, otherwise within what the single classes allow.

    ``whole`` holds the united dates and the reports that name no class.
    """
    length, dated = count(window), float(count(whole.dated & window))
    coverage = count(whole.documented & window) / length
    known = [each for each in parts if each.estimate is not None]
    reported = report_for(whole, window)
    best = scaled(whole, window, coverage, policy)
    if best is None and reported is not None:
        best = Estimate(reported.estimate, "moderate", "report")
    if best is None and len(known) == 1:
        best = Estimate(known[0].estimate or 0.0, known[0].confidence, known[0].source)
    if best is None and known:
        best = Estimate(together([each.estimate or 0.0 for each in known], window), "low", "combined")
    minimum = max([dated, *(each.minimum for each in parts)])
    limits = [each.maximum for each in parts if each.maximum is not None]
    maximum = _union_maximum(limits, whole, window, reported)
    discordant = any(each.discordant for each in parts)
    return bounded(best, minimum, maximum, coverage, discordant=discordant and best is not None)


def _union_maximum(limits: Sequence[float], whole: Sources, window: Days, reported: Report | None) -> float | None:
    if not limits:
        return None if reported is None else min(float(count(window)), _rounded_up(reported.high))
    undocumented = count(window & ~whole.documented & ~whole.dated)
    return min(sum(limits), float(count(whole.dated & window) + undocumented))
