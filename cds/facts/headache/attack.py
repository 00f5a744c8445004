"""One headache attack, as far as it is known, and several close together as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import inf
from typing import Any

from cds.clinical import Bounds
from cds.facts.headache.truth import Truth, agreed, some

UNKNOWN_LENGTH = UNKNOWN_NUMBER = Bounds(0.0, inf)
UNKNOWN_GRADE = Bounds(0.0, 3.0)
GRADES = ("none", "mild", "moderate", "severe")
"""Their places are the grades of pain and of nausea."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aura:
    """What is told of the aura. ``brainstem``: how many different symptoms; ``minutes`` of the longest symptom."""

    visual: Truth = None
    sensory: Truth = None
    speech: Truth = None
    motor: Truth = None
    retinal: Truth = None
    brainstem: Bounds = UNKNOWN_NUMBER
    reversible: Truth = None
    gradual: Truth = None
    succession: Truth = None
    minutes: Bounds = UNKNOWN_LENGTH
    unilateral: Truth = None
    positive: Truth = None
    headache: Truth = None

    @property
    def is_told(self) -> bool:
        return self != _UNTOLD


_UNTOLD = Aura()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """``hours`` with headache. ``sick``: nausea or vomiting, whichever. Grades as in ``GRADES``."""

    hours: Bounds = UNKNOWN_LENGTH
    treated: Truth = None
    relieved: Truth = None
    unilateral: Truth = None
    pulsating: Truth = None
    pressing: Truth = None
    severity: Bounds = UNKNOWN_GRADE
    aggravated: Truth = None
    nausea: Bounds = UNKNOWN_GRADE
    vomiting: Truth = None
    sick: Truth = None
    photophobia: Truth = None
    phonophobia: Truth = None
    aura: Aura = _UNTOLD

    @property
    def tells_pain(self) -> bool:
        """Whether anything is said of the pain or of what comes with it."""
        known = (self.unilateral, self.pulsating, self.aggravated, self.sick, self.photophobia, self.phonophobia)
        return any(one is not None for one in known) or self.severity != UNKNOWN_GRADE


def together(parts: Sequence[Attack]) -> Attack:
    """Attacks so close that they are one: whatever was so in any of them was so; it lasted as long as all of them."""
    if len(parts) == 1:
        return parts[0]
    hours = Bounds(sum(one.hours.low for one in parts), sum(one.hours.high for one in parts))
    merged = {each.name: _joined([getattr(one, each.name) for one in parts]) for each in fields(Attack)}
    # Where the pain was pressing in one and pulsating in the next, neither describes the whole.
    pressing = agreed(one.pressing for one in parts)
    return Attack(**{**merged, "hours": hours, "pressing": pressing, "aura": _aura([one.aura for one in parts])})


def _aura(parts: Sequence[Aura]) -> Aura:
    told = [one for one in parts if one.is_told] or [_UNTOLD]
    merged = {each.name: _joined([getattr(one, each.name) for one in told]) for each in fields(Aura)}
    reversible = None if any(one.reversible is None for one in told) else all(one.reversible for one in told)
    return Aura(**{**merged, "reversible": reversible})


def _joined(values: Sequence[Truth | Bounds]) -> Any:
    """The worst of grades and lengths; of yes and no, a yes in any."""
    bounds = [one for one in values if isinstance(one, Bounds)]
    if bounds:
        return Bounds(max(one.low for one in bounds), max(one.high for one in bounds))
    return some(*[one for one in values if isinstance(one, bool) or one is None])
