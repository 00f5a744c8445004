"""How many days a medicine was used: proven, estimated, not to be excluded (headache.md 4.3, 4.6, HD-MOH-003)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from cds.facts.medicines.classes import Policy
from cds.facts.medicines.days import Days, begun_by, count, oldest
from cds.facts.medicines.estimates import (
    Estimate,
    confirmed_order,
    of_stretches,
    of_supplies,
    report_for,
    scaled,
    together,
)
from cds.facts.medicines.use_sources import Report, Sources, Supply

CONFIDENCE = ("none", "low", "moderate", "high")
_DISCORDANT = 5  # two sources of rank 3 or better that differ by more days than this disagree


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


def use_days(sources: Sources, window: Days, policy: Policy) -> UseDays:
    """One class in one window."""
    length, dated = count(window), float(count(sources.dated & window))
    coverage = count(sources.documented & window) / length
    diary = scaled(sources, window, coverage, policy)
    if not sources.is_accessible:
        return bounded(diary, 0.0, 0.0 if coverage == 1 else None, coverage, discordant=False)
    reported = report_for(sources, window)
    told = [
        diary,
        None if reported is None else Estimate(reported.estimate, "moderate", "report"),
        of_stretches(sources.statements, window, "moderate", "statement"),
    ]
    best = next((each for each in told if each), None) or _supposed(sources, window)
    proven = max(dated, math.floor(reported.low)) if reported and policy.reports_prove else dated
    answered = reported if best and best.source == "report" else None
    maximum = _maximum(sources, window, coverage, answered)
    return bounded(best, proven, maximum, coverage, discordant=_differ(told))


def _supposed(sources: Sources, window: Days) -> Estimate | None:
    """What nobody said to have been taken: a confirmed schedule, what was handed over, a schedule."""
    return (
        confirmed_order(sources, window)
        or of_supplies(sources.supplies, window)
        or of_stretches(sources.orders, window, "low", "order")
    )


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


def _differ(told: Sequence[Estimate | None]) -> bool:
    known = [each.days for each in told if each]
    return any(abs(one - other) > _DISCORDANT for one, other in combinations(known, 2))


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
        return None
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
    dated = float(count(whole.dated & window))
    coverage = count(whole.documented & window) / count(window)
    reported = report_for(whole, window)
    best = scaled(whole, window, coverage, policy) or _combined(parts, reported, window)
    minimum = max([dated, *(each.minimum for each in parts)])
    maximum = _union_maximum(parts, whole, window, reported)
    return bounded(best, minimum, maximum, coverage, discordant=any(each.discordant for each in parts))


def _combined(parts: Sequence[UseDays], reported: Report | None, window: Days) -> Estimate | None:
    """A total of all classes, but no less than that of one of them; else their chance overlap."""
    known = [Estimate(each.estimate, each.confidence, each.source) for each in parts if each.estimate is not None]
    if reported is not None:
        return Estimate(max([reported.estimate, *(each.days for each in known)]), "moderate", "report")
    used = [each for each in known if each.days] or known[:1]
    if len(used) > 1:
        return Estimate(together([each.days for each in used], window), "low", "combined")
    return used[0] if used else None


def _union_maximum(parts: Sequence[UseDays], whole: Sources, window: Days, reported: Report | None) -> float | None:
    limits = [each.maximum for each in parts if each.maximum is not None]
    if not limits:
        return None if reported is None else min(float(count(window)), _rounded_up(reported.high))
    undocumented = count(window & ~whole.documented & ~whole.dated)
    return min(sum(limits), float(count(whole.dated & window) + undocumented))
