"""The numbers for which comparisons hold, as spans with open or closed ends."""

from __future__ import annotations

import math
from typing import NamedTuple

from cds.ruleset.model import Relation, Test
from cds.ruleset.spoken import number


class Span(NamedTuple):
    """Of numbers; an end that is open does not belong to it."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    @property
    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    @property
    def begins(self) -> tuple[float, bool]:
        return self.low, self.low_open

    @property
    def ends(self) -> tuple[float, bool]:
        return self.high, not self.high_open

    def common(self, other: Span) -> Span:
        (low, low_open), (high, closed) = max(self.begins, other.begins), min(self.ends, other.ends)
        return Span(low, high, low_open, not closed)

    def between(self, later: Span) -> Span:
        """What lies after this one and before a later one."""
        return Span(self.high, later.low, not self.high_open, not later.low_open)

    def of_whole_numbers(self) -> Span:
        """With closed ends, where it has any."""
        low = self.low if math.isinf(self.low) else math.floor(self.low) + 1 if self.low_open else math.ceil(self.low)
        high = (
            self.high
            if math.isinf(self.high)
            else math.ceil(self.high) - 1
            if self.high_open
            else math.floor(self.high)
        )
        return Span(float(low), float(high))

    def __str__(self) -> str:
        if self.low == self.high:
            return number(self.low)
        low = f"{'above' if self.low_open else 'from'} {number(self.low)}" if math.isfinite(self.low) else ""
        high = f"{'below' if self.high_open else 'up to'} {number(self.high)}" if math.isfinite(self.high) else ""
        return f"{low} {high}".strip() or "any number"


EVERYTHING = Span(-math.inf, math.inf, low_open=True, high_open=True)


def span_of(test: Test) -> Span | None:
    """The numbers for which a comparison holds; None where they are more than one span, or it compares no number."""
    match test.relation, test.operand:
        case "above", float(limit):
            return Span(limit, math.inf, low_open=True, high_open=True)
        case "at least", float(limit):
            return Span(limit, math.inf, high_open=True)
        case "below", float(limit):
            return Span(-math.inf, limit, low_open=True, high_open=True)
        case "at most", float(limit):
            return Span(-math.inf, limit, low_open=True)
        case "between", (float(first), float(last)):
            return Span(first, last)
        case "is", float(limit):
            return Span(limit, limit)
    return None


def tests_of(span: Span, subject: str, attribute: str) -> tuple[Test, ...]:
    """The comparisons that hold within the span, one for each end that it has."""
    low: Relation = "above" if span.low_open else "at least"
    high: Relation = "below" if span.high_open else "at most"
    return tuple(
        Test(subject, relation, attribute, float(limit), words=f"{subject}.{attribute}: {relation} {limit:g}")
        for relation, limit in ((low, span.low), (high, span.high))
        if math.isfinite(limit)
    )
