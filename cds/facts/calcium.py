"""Calcium in serum, corrected for albumin (spine.md 0.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from cds.clinical import Bounds
from cds.facts.findings import unusable_answer
from cds.facts.measures import Measure, latest, measured, measures, newer_than, readings, shown
from cds.facts.question import Answer, Question
from cds.facts.ranges import level
from cds.facts.statements import Unusable

_CALCIUM, _ALBUMIN = "mmol/L", "g/L"
_NORMAL_ALBUMIN = 40  # g/L
_PER_GRAM = 0.02  # mmol/L of calcium that goes with a gram of albumin
_TOGETHER = timedelta(hours=24)


def corrected_calcium(question: Question) -> Answer | None:
    """The latest value, corrected with the albumin of within 24 hours; one that came corrected is left so."""
    usable, unusable = measures(question, "in", _CALCIUM)
    if not usable:
        return unusable_answer(question, unusable) if unusable else None
    total = latest(usable)
    newer = newer_than(total.when, unusable)
    albumin = _albumin(total, question)
    if any(total.entry is entry for entry in question.entries("corrected")):
        return _answer(question, total, newer, "as sent")
    if albumin is None or isinstance(total.value, Bounds):
        return _answer(question, total, newer, "uncorrected")
    value = round(total.low + _PER_GRAM * (_NORMAL_ALBUMIN - albumin.low), 4)
    answer = _answer(question, total._replace(value=value), newer, "albumin")
    noted = replace(shown(total, question), note=f"{value:.2f} mmol/L when corrected for albumin")
    return answer._replace(evidence=(noted, shown(albumin, question)))


def _albumin(total: Measure, question: Question) -> Measure | None:
    """The nearest one of within 24 hours or, where a time of day is missing, of the same day."""
    usable = [
        one
        for one in readings(question, "albumin", _ALBUMIN).usable
        if not isinstance(one.value, Bounds) and _together(one, total)
    ]
    return min(usable, key=lambda one: abs(one.moment - total.moment), default=None)


def _together(one: Measure, other: Measure) -> bool:
    if one.entry.instant is None or other.entry.instant is None:
        return one.when == other.when
    return abs(one.entry.instant - other.entry.instant) <= _TOGETHER


def _answer(question: Question, calcium: Measure, newer: Sequence[Unusable], basis: str) -> Answer:
    """The reference range of a total is not that of the corrected value: the limits are the fact's own."""
    answer = measured(question, calcium, newer)
    where = level(calcium, question.number("low") or 0.0, question.number("high") or 0.0)
    return answer._replace(attributes={**answer.attributes, "basis": basis, **where})
