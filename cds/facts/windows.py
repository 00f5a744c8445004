"""Whether something lies within the window that a fact looks back over."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import NamedTuple

from cds.clinical import Span
from cds.facts.dates import end_of
from cds.facts.question import Question


class Window(NamedTuple):
    """From its first day and its first moment (in seconds, as days of changed clocks are not 24 hours) until now."""

    first: date
    since: float | None  # None: any moment of the first day
    zone: tzinfo | None

    def holds(self, when: Span, instant: datetime | None) -> bool:
        """A partial date, or one without a time of day, is within when it may be (spine.md 0.3)."""
        if when.latest < self.first:
            return False
        return self.since is None or (instant or end_of(when.latest, self.zone)).timestamp() >= self.since


def window(question: Question) -> Window:
    """Both ends included."""
    days, hours = question.number("within"), question.number("within_hours")
    return Window(
        date.min if days is None else date.fromordinal(max(1, question.today.toordinal() - int(days))),
        None if hours is None else question.now.timestamp() - hours * 3600,
        question.now.tzinfo,
    )


def is_within(when: Span, instant: datetime | None, question: Question) -> bool:
    return window(question).holds(when, instant)
