"""The headache attacks of a record: one by one, those close together as one, and the usual attack (HD-CLS-001)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import inf

from cds.clinical import Bounds, Span
from cds.facts.dates import is_future
from cds.facts.headache import items
from cds.facts.headache.attack import UNKNOWN_LENGTH, Attack, together
from cds.facts.question import Question
from cds.facts.stated import observed
from cds.record import ConditionEntry, Entry, ObservationEntry
from cds.ruleset.headache_kinds import FINDINGS, ITEMS

_OF_AN_ATTACK = tuple(name for name in ITEMS if name not in ("lifetime", "lifetime_aura"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An attack with its place in time. Without times of day ``start`` and ``end`` are midnights of its days.

    ``open``: it has begun and nothing says that it ended. ``timed``: the hour of its start is known.
    """

    attack: Attack
    entries: tuple[ObservationEntry, ...]
    start: datetime
    end: datetime
    timed: bool
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacks:
    """``merged`` are those with a day, oldest first, close ones together; ``undated`` may be any of them."""

    dated: tuple[Dated, ...]
    merged: tuple[Dated, ...]
    undated: tuple[Attack, ...]
    usual: Attack | None
    lifetime: Bounds | None
    lifetime_aura: Bounds | None
    entries: tuple[Entry, ...]

    @property
    def documented(self) -> tuple[Attack, ...]:
        return tuple(one.attack for one in self.merged)


def attacks_of(question: Question, fact: str) -> Attacks | None:
    """What the record has on headache attacks, by the fact that says where it is written; None for nothing."""
    return question.once(("headache attacks", fact), _attacks, question._replace(asked=question.facts[fact]))


def _attacks(question: Question) -> Attacks | None:
    entries = tuple(one for one in question.entries("attacks") if isinstance(one, ObservationEntry))
    told = [one for one in entries if not is_future(observed(one, question), question.today)]
    parts = {id(one): _parts_of(one, question) for one in told}  # one questionnaire may tell of several
    usual = [one for one in told if items.answer(parts[id(one)], "typical")]
    single = [one for one in told if one not in usual]
    placed = {id(one): _placed(one, parts[id(one)], question) for one in single}
    dated = sorted((one for one in placed.values() if one is not None), key=lambda one: one.start)
    described = _described(question, told, [parts[id(one)] for one in usual])
    if not told and not _is_told(described, ITEMS):
        return None
    return Attacks(
        dated=tuple(dated),
        merged=tuple(_merged(dated, question.number("gap") or 0.0)),
        undated=tuple(items.attack(parts[name]) for name, one in placed.items() if one is None),
        usual=items.attack(described) if _is_told(described, _OF_AN_ATTACK) else None,
        lifetime=_number(described, "lifetime"),
        lifetime_aura=_number(described, "lifetime_aura"),
        entries=(*told, *(one for found in described.values() for one in found)),
    )


# Single attacks


def _parts_of(entry: ObservationEntry, question: Question) -> items.Parts:
    found: dict[str, tuple[Entry, ...]] = {}
    for parameter in (*ITEMS, *FINDINGS):
        choice = question.choice(parameter)
        if asked := tuple(one for one in entry.components if choice in one.sets or choice in one.value_sets):
            found[parameter] = asked
    return found


def _placed(entry: ObservationEntry, parts: items.Parts, question: Question) -> Dated | None:
    """None when it is not dated to the day."""
    days = _days(entry, question)
    if days is None:
        return None
    zone = question.now.tzinfo
    length = items.length(parts.get("duration", ()))
    start = entry.began or (entry.instant if entry.period is None else None)
    if start is not None and length != UNKNOWN_LENGTH:
        hours = Bounds(length.low / 60, length.high / 60)
        end = start + timedelta(hours=hours.low)
    elif entry.began and entry.period and entry.instant:
        end = entry.instant
        hours = _exactly(hours_between(entry.began, end))
    elif entry.began and entry.period is None:
        return _open(entry, parts, entry.began, question)
    else:
        end = datetime.combine(days.latest, time.min, zone)
        hours = _by_days(days) if entry.period else items.length_in_hours(parts)
    return Dated(
        attack=items.attack(parts, hours),
        entries=(entry,),
        start=start or datetime.combine(days.earliest, time.min, zone),
        end=end,
        timed=start is not None,
    )


def _days(entry: ObservationEntry, question: Question) -> Span | None:
    if entry.period:
        return Span(*entry.period)
    when = observed(entry, question)
    return when if when and when.earliest == when.latest else None


def _open(entry: ObservationEntry, parts: items.Parts, began: datetime, question: Question) -> Dated:
    """It has lasted so long already, unless it is only the end that nobody wrote down."""
    return Dated(
        attack=items.attack(parts, Bounds(hours_between(began, question.now), inf)),
        entries=(entry,),
        start=began,
        end=began,
        timed=True,
        open=True,
    )


def hours_between(start: datetime, end: datetime) -> float:
    """By the time that passed, whatever the clocks were put to."""
    return max((end.timestamp() - start.timestamp()) / 3600, 0.0)


def _exactly(hours: float) -> Bounds:
    return Bounds(hours, hours)


def _by_days(days: Span) -> Bounds:
    apart = (days.latest - days.earliest).days
    return Bounds(max(apart - 1, 0) * 24.0, (apart + 1) * 24.0)


def _merged(dated: Sequence[Dated], gap: float) -> Iterator[Dated]:
    group: list[Dated] = []
    for one in dated:
        if group and not _is_apart(group, one, gap):
            group.append(one)
            continue
        if group:
            yield _as_one(group)
        group = [one]
    if group:
        yield _as_one(group)


def _is_apart(group: Sequence[Dated], one: Dated, gap: float) -> bool:
    """By the clock where it is known, else by calendar days."""
    last = max(group, key=lambda each: each.end)
    if last.timed and one.timed:
        return hours_between(last.end, one.start) >= gap
    return (one.start.date() - last.end.date()).days * 24 >= gap


def _as_one(group: Sequence[Dated]) -> Dated:
    return Dated(
        attack=together([one.attack for one in group]),
        entries=tuple(entry for one in group for entry in one.entries),
        start=group[0].start,
        end=max(one.end for one in group),
        timed=all(one.timed for one in group),
        open=group[-1].open,
    )


# The usual attack


def _described(question: Question, told: Sequence[ObservationEntry], typical: Sequence[items.Parts]) -> items.Parts:
    """The newest of each item, from entries about the usual attack and from what is recorded by itself."""
    parts = {id(part) for one in told for part in one.components}
    found: dict[str, tuple[Entry, ...]] = {}
    for parameter in (*ITEMS, *FINDINGS):
        alone = [one for one in question.entries(parameter) if id(one) not in parts]
        usual = [one for each in typical for one in each.get(parameter, ())]
        if newest := _newest([*alone, *usual], question):
            found[parameter] = newest
    return found


def _newest(entries: Iterable[Entry], question: Question) -> tuple[Entry, ...]:
    dated = [(day, one) for one in entries if (day := _day_of(one, question)) is not None]
    last = max((day for day, _ in dated), default=None)
    return tuple(one for day, one in dated if day == last)


def _day_of(entry: Entry, question: Question) -> date | None:
    """The last day it may be of; None for what lies in the future or has no date."""
    match entry:
        case ObservationEntry():
            when = observed(entry, question)
        case ConditionEntry():
            when = entry.recorded or entry.onset
        case _:
            return None
    return None if when is None or is_future(when, question.today) else when.latest


def _is_told(described: items.Parts, parameters: Iterable[str]) -> bool:
    """Whether somebody was asked for it: a finding on the problem list completes a description, and is none."""
    return any(isinstance(one, ObservationEntry) for name in parameters for one in described.get(name, ()))


def _number(described: items.Parts, parameter: str) -> Bounds | None:
    entries = [one for one in described.get(parameter, ()) if isinstance(one, ObservationEntry)]
    found = [number for one in entries if (number := items.in_own_unit(one, "1")) is not None]
    return Bounds(min(one.low for one in found), max(one.high for one in found)) if found else None
