"""Measured numbers: read in the fact's unit, ordered in time, with the reason where one cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from cds.clinical import Bounds, Evidence, Number, Quantity, Span, State
from cds.facts.dates import days_since, end_of, hours_since, is_future, past, words
from cds.facts.findings import unusable_answer, unusable_words
from cds.facts.question import Answer, Question
from cds.facts.stated import observed
from cds.facts.statements import Unusable
from cds.facts.windows import window
from cds.record import ObservationEntry
from cds.ruleset.analytes import ANALYTE_OF_LOINC
from cds.ruleset.spoken import amount
from cds.ruleset.systems import SYSTEMS
from cds.ruleset.units import convert

_LOINC = SYSTEMS["loinc"]
_STATUS_RANK = {"amended": 2, "corrected": 2, "final": 1, "completed": 1}


class Measure(NamedTuple):
    """A number in the fact's unit."""

    entry: ObservationEntry
    value: Number
    when: Span
    moment: datetime  # for order only: without a time of day, when it was recorded that day, or the day's end
    side: str | None

    @property
    def low(self) -> float:
        return self.value.low if isinstance(self.value, Bounds) else self.value

    @property
    def high(self) -> float:
        return self.value.high if isinstance(self.value, Bounds) else self.value


class Measures(NamedTuple):
    usable: tuple[Measure, ...]
    unusable: tuple[Unusable, ...]


def observation(question: Question) -> Answer | None:
    """One number of several: the latest, earliest, highest or lowest of those within the window.

    A value that cannot be used hides no other: the newest usable one answers, and says so. Of the highest only a lower
    bound is known then (of the lowest an upper one), as the unusable value may lie beyond it.
    """
    usable, unusable = measures(question)
    if not usable:
        return unusable_answer(question, unusable) if unusable else None
    measure = _TAKE[question.text("take")](usable)
    newer = newer_than(measure.when, unusable)
    if unusable and question.text("take") == "highest":
        measure = measure._replace(value=Bounds(measure.low, float("inf")))
    if unusable and question.text("take") == "lowest":
        measure = measure._replace(value=Bounds(float("-inf"), measure.high))
    return measured(question, measure, newer)


def newer_than(when: Span, unusable: Iterable[Unusable]) -> tuple[Unusable, ...]:
    """What could not be used and is, or may be, at least as new."""
    return tuple([one for one in unusable if one.when is None or one.when.latest >= when.latest])


def measured(question: Question, measure: Measure, newer: Iterable[Unusable]) -> Answer:
    """The answer that a measure gives; ``newer`` values that could not be used are named as missing."""
    missing = tuple(dict.fromkeys(unusable_words(question, one) for one in newer))
    attributes: dict[str, Number | str | None] = {
        "value": measure.value,
        "measured_days": days_since(measure.when, question.today),
        "measured_hours": hours_since(measure.when, measure.entry.instant, question.now),
        "side": measure.side,
        "preliminary": "yes" if measure.entry.status == "preliminary" else "no",
        "newer_unusable": "yes" if missing else "no",
    }
    declared = question.asked.kind.attributes
    return Answer(
        State.PRESENT,
        {name: value for name, value in attributes.items() if value is not None and name in declared},
        (shown(measure, question),),
        missing,
        events={"measured": measure.when},
    )


def shown(measure: Measure, question: Question) -> Evidence:
    """As it was sent, in its own unit."""
    entry, quantity = measure.entry, measure.entry.value
    value = spelled(quantity) if isinstance(quantity, Quantity) else ""
    note = "preliminary" if entry.status == "preliminary" else ""
    return Evidence(entry.reference, entry.text or question.title, value, words(measure.when), note)


def spelled(quantity: Quantity) -> str:
    unit = quantity.unit or "1"
    match quantity.value:
        case Bounds(low, high) if high == float("inf"):
            return f"> {amount(low, unit)}"
        case Bounds(low, high) if low == float("-inf"):
            return f"< {amount(high, unit)}"
        case value:
            return amount(value, unit)


def measures(question: Question, parameter: str = "in", unit: str = "") -> Measures:
    """The numbers within the fact's window, and what could not be used of them; see ``readings``."""
    usable, unusable = readings(question, parameter, unit)
    holds = window(question).holds
    return Measures(
        tuple([one for one in usable if holds(one.when, one.entry.instant)]),
        tuple([one for one in unusable if one.when is None or holds(one.when, getattr(one.entry, "instant", None))]),
    )


def readings(question: Question, parameter: str = "in", unit: str = "") -> Measures:
    """All numbers of one code choice, however old, and what could not be used of them.

    In ``unit`` or, when that is empty, the fact's own; a fact without one measures a score.
    """
    unit = unit or question.asked.texts.get("unit", "{score}")
    entries = [entry for entry in question.entries(parameter) if isinstance(entry, ObservationEntry)]
    # A dozen facts ask for the same entries by codes of their own, each with a window of its own.
    return question.once(("readings", unit, *map(id, entries)), _readings, entries, unit, question)


def _readings(entries: Iterable[ObservationEntry], unit: str, question: Question) -> Measures:
    found = [_measure(entry, unit, question) for entry in entries]
    return Measures(
        tuple([one for one in found if isinstance(one, Measure)]),
        tuple([one for one in found if isinstance(one, Unusable)]),
    )


def _measure(entry: ObservationEntry, unit: str, question: Question) -> Measure | Unusable | None:
    """None for what lies in the future, and for a panel: its components have the values."""
    dated = observed(entry, question)
    if is_future(dated, question.today) or (entry.value is None and entry.components):
        return None
    when = past(dated, question.today)
    if not isinstance(entry.value, Quantity):
        return Unusable(entry, when, "is not a number")
    if when is None:
        return Unusable(entry, None, "has no date")
    value = in_unit(entry.value, unit, entry)
    if value is None:
        why = "has no unit" if entry.value.unit is None else f"has a unit that does not fit {unit}"
        return Unusable(entry, when, why)
    return Measure(entry, value, when, _moment(entry, when, question), entry.side)


def in_unit(quantity: Quantity, unit: str, entry: ObservationEntry) -> Number | None:
    """The value in the unit, or None when its own does not fit; what is measured decides about moles and grams."""
    analyte = _analyte(entry)
    if not isinstance(quantity.value, Bounds):
        return convert(quantity.value, quantity.unit, unit, analyte)
    low, high = [convert(end, quantity.unit, unit, analyte) for end in quantity.value]
    return None if low is None or high is None else Bounds(low, high)


def _analyte(entry: ObservationEntry) -> str | None:
    for coding in entry.codings:
        if coding.system == _LOINC and (name := ANALYTE_OF_LOINC.get(coding.code)):
            return name
    return None


def _moment(entry: ObservationEntry, when: Span, question: Question) -> datetime:
    zone = question.now.tzinfo
    if entry.instant is not None:
        return entry.instant
    if entry.recorded is not None and entry.recorded.astimezone(zone).date() == when.latest:
        return entry.recorded
    return end_of(when.latest, zone)


def latest(usable: Sequence[Measure]) -> Measure:
    """The newest; of several at one moment the corrected one, otherwise the bounds of all."""
    return _at(usable, max(one.moment for one in usable))


def _earliest(usable: Sequence[Measure]) -> Measure:
    return _at(usable, min(one.moment for one in usable))


def _at(usable: Sequence[Measure], moment: datetime) -> Measure:
    together = [one for one in usable if one.moment == moment]
    if len(together) == 1:
        return together[0]
    rank = max(_STATUS_RANK.get(one.entry.status, 0) for one in together)
    ranked = [one for one in together if _STATUS_RANK.get(one.entry.status, 0) == rank]
    return _bounded(ranked[0], min(one.low for one in ranked), max(one.high for one in ranked))


def _highest(usable: Sequence[Measure]) -> Measure:
    return _bounded(
        max(usable, key=lambda one: one.low), max(one.low for one in usable), max(one.high for one in usable)
    )


def lowest(usable: Sequence[Measure]) -> Measure:
    """Of values known only within bounds, the bounds of the lowest: it is at most the least of their upper ends."""
    return _bounded(
        min(usable, key=lambda one: one.high), min(one.low for one in usable), min(one.high for one in usable)
    )


def _bounded(measure: Measure, low: float, high: float) -> Measure:
    return measure._replace(value=low if low == high else Bounds(low, high))


_TAKE: Mapping[str, Callable[[Sequence[Measure]], Measure]] = {
    "latest": latest,
    "earliest": _earliest,
    "highest": _highest,
    "lowest": lowest,
}
