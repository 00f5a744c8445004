"""The straight leg raise: a yes or no, with or without the angle at which the pain came (spine.md SCI-01, SCI-04)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from cds.clinical import Evidence, Span, State
from cds.facts.findings import unusable_answer
from cds.facts.measures import Measure, readings, shown
from cds.facts.question import Answer, Question
from cds.facts.stated import statements
from cds.facts.statements import Unusable, evidence


class Raise(NamedTuple):
    """What one entry says of a raise: yes or no, or up to which angle in degrees."""

    day: date
    side: str | None
    yes: bool | None
    angle: float | None
    shown: Evidence


def leg_raise(question: Question) -> Answer | None:
    """Positive on a side when its newest examination reproduced the leg pain at ``limit`` degrees or less.

    A positive one without an angle counts, and so does an angle without a yes or no.
    """
    oldest = question.today - timedelta(days=question.number("current") or 0.0)
    limit = question.number("limit") or 0.0
    angles, unusable = readings(question, "angle", "deg")
    raises = [one for one in _raises(question, angles, limit) if one.day >= oldest]
    legs = {side: _newest(raises, side) for side in _sides(raises, question.side)}
    if positive := {side: leg for side, leg in legs.items() if _is_positive(leg, limit)}:
        return _present(positive, question)
    if legs:
        return Answer(State.DENIED, evidence=_shown(legs.values()))
    vague = (Unusable(one.entry, one.when, "is not a single angle") for one in angles if _may_be_either(one, limit))
    useless = (*statements(question).unusable, *unusable, *vague)
    return unusable_answer(question, useless) if useless else None


def _raises(question: Question, angles: Iterable[Measure], limit: float) -> Iterator[Raise]:
    for said in statements(question).said:
        if said.when is not None:
            yield Raise(said.when.latest, said.side, said.yes, None, evidence(said, question))
    for angle in angles:
        if not _may_be_either(angle, limit):
            yield Raise(angle.when.latest, angle.side, None, angle.high, shown(angle, question))


def _may_be_either(angle: Measure, limit: float) -> bool:
    """Known only within bounds, such as "above 60": the pain may have come before the limit or after it."""
    return angle.low <= limit < angle.high


def _sides(raises: Iterable[Raise], asked: str | None) -> tuple[str | None, ...]:
    """The sides that are named; what names none is of each of them, or stands alone.

    When one side is ``asked`` for, that side, if anything is said of it.
    """
    if asked:
        return (asked,) if any(one.side in (asked, "both", None) for one in raises) else ()
    named = {one.side for one in raises}
    if "both" in named:
        return ("left", "right")
    return tuple(sorted(side for side in named if side)) or ((None,) if named else ())


def _newest(raises: Iterable[Raise], side: str | None) -> tuple[Raise, ...]:
    """All that is said of the newest examination of one leg."""
    own = [one for one in raises if one.side in (side, "both", None)]
    last = max(one.day for one in own)
    return tuple(one for one in own if one.day == last)


def _is_positive(leg: Sequence[Raise], limit: float) -> bool:
    answers = [one.yes for one in leg if one.yes is not None]
    angles = [one.angle for one in leg if one.angle is not None]
    return (not answers or any(answers)) and (not angles or min(angles) <= limit)


def _present(positive: dict[str | None, tuple[Raise, ...]], question: Question) -> Answer:
    last = max(one.day for leg in positive.values() for one in leg)
    side = "both" if len(positive) > 1 else next(iter(positive))
    known = {
        "side": side,
        "angle": min((one.angle for leg in positive.values() for one in leg if one.angle is not None), default=None),
        "stated_days": float((question.today - last).days),
    }
    return Answer(
        State.PRESENT,
        {name: value for name, value in known.items() if value is not None},
        _shown(positive.values()),
        events={"stated": Span(last, last)},
    )


def _shown(legs: Iterable[Sequence[Raise]]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(one.shown for leg in legs for one in leg))
