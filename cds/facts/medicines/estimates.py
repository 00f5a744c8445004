"""The best number that each source has for the days of use in a window (headache.md 4.2, 4.3, 4.5)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cds.facts.medicines.classes import Policy
from cds.facts.medicines.days import Days, count, newest
from cds.facts.medicines.use_sources import Drug, Report, Sources, Stretch, Supply

_BLOCK = 30
_CONFIRMED = 0.8  # share of a scheduled order's days that dispensing has to cover


@dataclass(frozen=True, slots=True)
class Estimate:
    """The best number a source has, before it is held against what is proven and what is possible."""

    days: float
    confidence: str
    source: str


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


def of_stretches(stretches: Iterable[Stretch], window: Days, confidence: str, source: str) -> Estimate | None:
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


def of_supplies(supplies: Iterable[Supply], window: Days) -> Estimate | None:
    by_drug: dict[Drug, float] = {}
    for supply in supplies:
        if supply.estimate is not None and supply.days & window:
            share = supply.estimate * count(supply.days & window) / supply.length
            by_drug[supply.drug] = by_drug.get(supply.drug, 0.0) + share
    return Estimate(together(list(by_drug.values()), window), "low", "dispensing") if by_drug else None


def confirmed_order(sources: Sources, window: Days) -> Estimate | None:
    """A schedule that dispensing of the same drugs covers by 0.8 or more (4.2)."""
    due, covered = 0, 0
    for stretch in sources.orders:
        handed_over = 0
        for supply in sources.supplies:
            handed_over |= supply.covered if _fills(supply, stretch) else 0
        due |= stretch.days & window
        covered |= stretch.days & window & handed_over
    if not due or count(covered) < _CONFIRMED * count(due):
        return None
    return of_stretches(sources.orders, window, "moderate", "confirmed-order")


def _fills(supply: Supply, stretch: Stretch) -> bool:
    """An order and its dispensing often carry different codes of one product: the link between them decides too."""
    return bool(supply.drug & stretch.drug) or stretch.entry.reference in supply.entry.based_on


def together(days: Sequence[float], window: Days) -> float:
    """Days on which any of several undated uses falls, taken as independent of each other (DC-4)."""
    if len(days) == 1:
        return days[0]
    length = count(window)
    return length * (1 - math.prod(1 - min(each, length) / length for each in days))
