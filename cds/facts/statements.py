"""What is stated of a finding, and which statement stands when they disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

import msgspec

from cds.clinical import Evidence, Span
from cds.facts.concepts import Concept
from cds.facts.dates import days_since, words
from cds.facts.question import Question
from cds.record import ConditionEntry, Entry, ObservationEntry


class Statement(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """``when``: the last day on which the finding is stated to be so; ``instant`` its time of day, when known.

    A ``yes`` that is not ``active`` tells of something that was. ``ended``: the day on which it was over. There is one
    for each entry, however many facts look at it.
    """

    entry: ConditionEntry | ObservationEntry
    yes: bool
    concepts: frozenset[Concept]
    when: Span | None
    side: str | None
    instant: datetime | None = None
    active: bool = False
    onset: Span | None = None
    assumed: bool = False  # onset taken from the date of the statement
    history: bool = False
    ended: Span | None = None
    label: str = ""  # what a person would call it; "" when nobody says

    @property
    def observed(self) -> bool:
        return isinstance(self.entry, ObservationEntry)


class Unusable(NamedTuple):
    """An entry that states neither yes nor no, or does not say when; ``why`` completes "Fever of 2026-11-21 …"."""

    entry: Entry
    when: Span | None
    why: str


class Statements(NamedTuple):
    """All that is stated of one code choice; ``standing``: what is affirmed and not taken back."""

    said: tuple[Statement, ...]
    standing: tuple[Statement, ...]
    unusable: tuple[Unusable, ...]

    @property
    def observed(self) -> tuple[Statement, ...]:
        """The observations among what stands."""
        return tuple([one for one in self.standing if one.observed])

    def of_side(self, side: str | None) -> Statements:
        """What is said of one side, of both or of none; with None all of it."""
        if side is None:
            return self
        return Statements(
            tuple([one for one in self.said if _covers(one.side, side)]),
            tuple([one for one in self.standing if _covers(one.side, side)]),
            tuple([one for one in self.unusable if _covers(one.entry.side, side)]),
        )


def present_now(stated: Statements, question: Question, current: float | None) -> tuple[Statement, ...]:
    """The statements by which it is present now: active conditions and positive observations of ``current`` days.

    What was denied later does not count (NRM-04: the newest statement wins).
    """

    return tuple([one for one in stated.standing if _is_current(one, question.today, current)])


def _is_current(one: Statement, today: date, current: float | None) -> bool:
    if not one.observed:
        return one.active
    return one.when is not None and (current is None or days_since(one.when, today) <= current)


def uncontradicted(said: Iterable[Statement]) -> tuple[Statement, ...]:
    """The positive statements that no later one of the same concept and side takes back."""
    said = tuple(said)
    against = _newest_first(one for one in said if not one.yes or one.ended is not None)
    return tuple([one for one in said if one.yes and not any(_takes_back(no, one) for no in _since(one, against))])


def standing_denials(said: Iterable[Statement]) -> tuple[Statement, ...]:
    """The negative statements that no later positive one of the same concept and side takes back."""
    said = tuple(said)
    affirmed = _newest_first(one for one in said if one.yes)
    return tuple([no for no in said if not no.yes and not any(_overtakes(yes, no) for yes in _since(no, affirmed))])


def _newest_first(said: Iterable[Statement]) -> list[Statement]:
    """In a long diary the newest decides at once on nearly all that is older."""
    return sorted(said, key=_last_day, reverse=True)


def _since(one: Statement, newest_first: Iterable[Statement]) -> Iterator[Statement]:
    """Those that may be later than a statement; to one without a date none is."""
    first = _first_day(one)
    return takewhile(lambda other: _last_day(other) >= first, newest_first)


def _first_day(one: Statement) -> date:
    """A time of day that is of another day (of a period that ends before it begins) widens what may be meant."""
    if one.when is None:
        return date.max
    return one.when.earliest if one.instant is None else min(one.when.earliest, one.instant.date())


def _last_day(one: Statement) -> date:
    if one.when is None:
        return date.min
    return one.when.latest if one.instant is None else max(one.when.latest, one.instant.date())


def in_conflict(yes: Statement, denials: Iterable[Statement]) -> bool:
    """Whether the same was denied within 24 hours of it, or when one cannot tell."""
    return any(_same(no, yes) and not _later(no, yes) and not _later(yes, no) for no in denials)


def _takes_back(other: Statement, yes: Statement) -> bool:
    if not _same(other, yes):
        return False
    if other.yes:  # a condition that has ended takes back the observations before its end
        ended = other.ended
        return yes.observed and ended is not None and yes.when is not None and yes.when.latest < ended.earliest
    return _later(other, yes)


def _overtakes(yes: Statement, no: Statement) -> bool:
    return (_same(yes, no) or _same(no, yes)) and _later(yes, no)


def _same(one: Statement, other: Statement) -> bool:
    return not one.concepts.isdisjoint(other.concepts) and _covers(one.side, other.side)


def _covers(side: str | None, other: str | None) -> bool:
    """Whether what is said of one side is about the other. What names no side is about both, and not the reverse."""
    return side in (None, "both", other)


def _later(one: Statement, other: Statement) -> bool:
    """More than 24 hours later; by calendar days where a time of day is not known (NRM-04)."""
    if one.instant is not None and other.instant is not None:
        return one.instant.timestamp() - other.instant.timestamp() > timedelta(hours=24).total_seconds()
    if one.when is None or other.when is None:
        return False
    return (one.when.earliest - other.when.latest).days > 1


def evidence(statement: Statement, question: Question, note: str = "") -> Evidence:
    """What is shown of it."""
    label = statement.label or question.title
    return Evidence(statement.entry.reference, label, _value(statement), words(statement.when), note)


def _value(statement: Statement) -> str:
    if isinstance(statement.entry, ObservationEntry):
        return "yes" if statement.yes else "no"
    if not statement.yes:
        return "refuted"
    if statement.history:
        return "history"
    return "active" if statement.active else "not active"
