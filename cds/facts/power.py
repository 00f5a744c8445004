"""Muscle power on the MRC scale, by muscle group and side (spine.md SRF-05)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import TypeAlias

from cds.clinical import Bounds, Number, State
from cds.facts.concepts import Concept, concepts
from cds.facts.dates import days_since
from cds.facts.findings import unusable_answer
from cds.facts.measures import Measure, latest, lowest, measures, readings, shown
from cds.facts.question import Answer, Question

Group: TypeAlias = tuple[frozenset[Concept], str | None]  # codes of the muscle group, side

FULL_POWER = 5.0  # MRC scale


def muscle_power(question: Question) -> Answer | None:
    """The weakest muscle group, of the newest grade of each group and side."""
    usable, unusable = measures(question)
    if not usable:
        return unusable_answer(question, unusable) if unusable else None
    newest_by_group = {group: latest(grades) for group, grades in _by_group(usable).items()}
    newest = tuple(newest_by_group.values())
    weakest = lowest(newest)
    attributes = _of_muscle(weakest, question)
    every_grade = _by_group(readings(question).usable)
    if began := [_began(every_grade[group]) for group, one in newest_by_group.items() if one.high < FULL_POWER]:
        attributes["onset_days"] = min(days_since(one.when, question.today) for one in began)
    for side in ("left", "right"):
        if grades := [one for one in newest if one.side == side]:
            attributes[side] = lowest(grades).value
    return Answer(
        State.PRESENT,
        {**attributes, "value": weakest.value},
        tuple(shown(one, question) for one in newest),
        events={"measured": weakest.when},
    )


def _began(grades: Iterable[Measure]) -> Measure:
    """The first grade since which power has been reduced; the newest is a reduced one."""
    newest_first = sorted(grades, key=lambda one: one.moment, reverse=True)
    return list(takewhile(lambda one: one.high < FULL_POWER, newest_first))[-1]


def power_decline(question: Question) -> Answer | None:
    """The largest fall between the two newest grades of one muscle group and side."""
    usable, unusable = measures(question)
    pairs = [pair for grades in _by_group(usable).values() if (pair := _last_two(grades))]
    if not pairs:
        return unusable_answer(question, unusable) if unusable else None
    before, after = max(pairs, key=lambda pair: _fall(*pair).low)
    return Answer(
        State.PRESENT,
        {**_of_muscle(after, question), "value": _largest_fall(pairs), "latest": after.value},
        (shown(before, question), shown(after, question)),
        events={"measured": after.when},
    )


def _by_group(usable: Iterable[Measure]) -> dict[Group, list[Measure]]:
    """Grades of both sides count for each."""
    groups: dict[Group, list[Measure]] = {}
    for one in usable:
        muscle = concepts(one.entry.codings)
        for side in ("left", "right") if one.side == "both" else (one.side,):
            groups.setdefault((muscle, side), []).append(one._replace(side=side))
    return groups


def _last_two(grades: list[Measure]) -> tuple[Measure, Measure] | None:
    after = latest(grades)
    earlier = [one for one in grades if one.moment < after.moment]
    return (latest(earlier), after) if earlier else None


def _largest_fall(pairs: Iterable[tuple[Measure, Measure]]) -> Number:
    """Grades lost, none where power has only grown; of a grade such as "below 4" known only within bounds."""
    falls = [_fall(*pair) for pair in pairs]
    least, most = (max(0.0, *ends) for ends in zip(*falls, strict=True))
    return least if least == most else Bounds(least, most)


def _fall(before: Measure, after: Measure) -> Bounds:
    return Bounds(before.low - after.high, before.high - after.low)


def _of_muscle(one: Measure, question: Question) -> dict[str, Number | str]:
    attributes: dict[str, Number | str] = {
        "muscle": one.entry.text or question.title,
        "measured_days": days_since(one.when, question.today),
    }
    return {**attributes, "side": one.side} if one.side else attributes
