"""Laboratory values held against a range, or against what they were before (spine.md NRM-06, SPM-03, SPM-04)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

from cds.clinical import Bounds, Number, Quantity
from cds.facts.findings import unusable_answer
from cds.facts.measures import Measure, in_unit, latest, lowest, measured, measures, newer_than, readings, shown
from cds.facts.question import Answer, Question


def ranged_value(question: Question) -> Answer | None:
    """The latest value, and whether it lies below, within or above its range."""
    usable, unusable = measures(question)
    if not usable:
        return unusable_answer(question, unusable) if unusable else None
    measure = latest(usable)
    low = _limit(measure.entry.low, measure, question, "low")
    high = _limit(measure.entry.high, measure, question, "high")
    answer = measured(question, measure, newer_than(measure.when, unusable))
    limits: Mapping[str, Number | str] = {"low_limit": low, "high_limit": high}
    return answer._replace(attributes={**answer.attributes, **limits, **level(measure, low, high)})


def level(measure: Measure, low: float, high: float) -> Mapping[str, str]:
    """The attribute of this name; none when the value is known only within bounds that reach across a limit."""
    if measure.high < low:
        return {"level": "low"}
    if measure.low > high:
        return {"level": "high"}
    return {"level": "normal"} if low <= measure.low and measure.high <= high else {}


def _limit(stated: Quantity | None, measure: Measure, question: Question, default: str) -> float:
    """The limit that the result states, when it can be converted to the fact's unit, otherwise the default."""
    limit = None if stated is None else in_unit(stated, question.text("unit"), measure.entry)
    return limit if isinstance(limit, float) else question.number(default) or 0.0


def rise(question: Question) -> Answer | None:
    """The latest value against the lowest of those before it; None when there is nothing to compare."""
    recent, unusable = measures(question)
    if not recent:
        return unusable_answer(question, unusable) if unusable else None
    newest = latest(recent)
    oldest = question.today - timedelta(days=question.number("baseline") or 0.0)
    earlier = [one for one in readings(question).usable if one.moment < newest.moment and one.when.latest >= oldest]
    if not earlier:
        return None
    before = lowest(earlier)
    if before.high <= 0:
        return None
    answer = measured(question, newest, newer_than(newest.when, unusable))
    compared: Mapping[str, Number | str] = {"baseline": before.value, "percent": _percent(newest, before)}
    return answer._replace(
        attributes={**answer.attributes, **compared}, evidence=(shown(before, question), *answer.evidence)
    )


def _percent(newest: Measure, before: Measure) -> Number:
    """From a baseline such as "below 44" it has risen by at least so much, and nobody knows how much more."""
    least = _change(newest.low, before.high)
    most = _change(newest.high, before.low) if before.low > 0 else math.inf
    return least if least == most else Bounds(least, most)


def _change(after: float, before: float) -> float:
    """In percent, and never a fall by more than all there was."""
    return -100.0 if math.isinf(before) else max(-100.0, round((after - before) / before * 100, 9))
