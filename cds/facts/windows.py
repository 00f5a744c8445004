"""Whether something lies within the window that a fact looks back over."""

from __future__ import annotations

from datetime import datetime

from cds.clinical import Bounds, Span
from cds.facts.dates import days_since, hours_since
from cds.facts.question import Question


def is_within(when: Span, instant: datetime | None, question: Question) -> bool:
    """Both ends included. A partial date, or one without a time of day, is within when it may be (spine.md 0.3)."""
    days, hours = question.number("within"), question.number("within_hours")
    if days is not None and days_since(when, question.today) > days:
        return False
    if hours is None:
        return True
    ago = hours_since(when, instant, question.now)
    return (ago.low if isinstance(ago, Bounds) else ago) <= hours
