"""True, false or unknown: strong Kleene logic (headache.md 2.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from cds.clinical import Bounds

Truth: TypeAlias = bool | None
"""None: unknown."""


def negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def at_least(number: int, truths: Iterable[Truth]) -> Truth:
    """Whether so many of them hold."""
    said = tuple(truths)
    if sum(one is True for one in said) >= number:
        return True
    return None if sum(one is not False for one in said) >= number else False


def every(*truths: Truth) -> Truth:
    return at_least(len(truths), truths)


def some(*truths: Truth) -> Truth:
    return at_least(1, truths)


def reaches(value: Bounds, least: float) -> Truth:
    """Whether a value of which limits are known is at least so great."""
    return True if value.low >= least else None if value.high >= least else False


def within(value: Bounds, least: float, most: float) -> Truth:
    """Both ends included."""
    return every(reaches(value, least), stays(value, most))


def stays(value: Bounds, most: float) -> Truth:
    """Whether it is at most so great."""
    return True if value.high <= most else None if value.low <= most else False


def agreed(truths: Iterable[Truth]) -> Truth:
    """What those say that say something; unknown when they disagree."""
    said = {one for one in truths if one is not None}
    return said.pop() if len(said) == 1 else None


def counted(truths: Iterable[Truth]) -> Bounds:
    """How many hold: those that are true, and those that are not false."""
    said = tuple(truths)
    return Bounds(float(sum(one is True for one in said)), float(sum(one is not False for one in said)))
