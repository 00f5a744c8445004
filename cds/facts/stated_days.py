"""On how many days something was stated to be so (spine.md SPM-07)."""

from __future__ import annotations

from cds.clinical import Span, State
from cds.facts.findings import said_yes
from cds.facts.question import Answer, Question
from cds.facts.stated import statements
from cds.facts.statements import Statement, evidence
from cds.facts.windows import is_within


def stated_days(question: Question) -> Answer | None:
    """An observation counts on its day, a problem on the day of its onset; what a later no takes back counts too."""
    told = [
        (when, one)
        for one in said_yes(statements(question).said)
        if (when := _day(one)) and is_within(when, None, question)
    ]
    if not told:
        return None
    last = max(when.latest for when, _ in told)
    return Answer(
        State.PRESENT,
        {"value": float(len({when.latest for when, _ in told})), "stated_days": float((question.today - last).days)},
        tuple(evidence(one, question) for _, one in told),
        events={"stated": Span(last, last)},
    )


def _day(one: Statement) -> Span | None:
    return None if one.history else one.when if one.observed else one.onset
