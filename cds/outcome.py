"""What one evaluation found out: the rules that fired, why, and what could not be decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cds.clinical import Fact, Facts
from cds.ruleset.model import Rule


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one condition held (or did not): its words, and the facts or conclusions it looked at."""

    words: str
    truth: bool | None
    facts: tuple[Fact, ...] = ()
    attributes: frozenset[tuple[str, str]] = frozenset()  # (fact, attribute) that were compared
    because: tuple[Firing, ...] = ()  # rules that concluded what the condition asks for


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that fired, for the patient or for one draft order, with the reason of each of its conditions."""

    rule: Rule
    item: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A rule that could not be decided, and what is missing, in words."""

    rule: Rule
    item: str | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything one evaluation found out."""

    at: datetime
    facts: Facts
    inferred: bool = True  # False: nothing that a card needs was on record, so that no rule was run
    asked: Mapping[str, Fact] = field(default_factory=dict)  # the facts that the rules which were run ask for or show
    conclusions: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)  # with the rules that drew them
    drawn: frozenset[tuple[str, str | None]] = frozenset()  # each conclusion with the order it is about, if any
    recommendations: tuple[Firing, ...] = ()  # the firings that have something to show at this hook, in order
    actions: tuple[Firing, ...] = ()  # the firings that have something to add to an order, by rule
    withheld: tuple[Firing, ...] = ()  # cards of draft rulesets, of other hooks, or about a patient who has died
    unanswered: tuple[Unanswered, ...] = ()
