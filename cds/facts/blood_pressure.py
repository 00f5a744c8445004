"""Blood pressure: systolic and diastolic as pairs, the latest and the mean of the last two (headache.md HD-RX-002)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from cds.clinical import Bounds, Number, Span, State
from cds.facts.dates import days_since
from cds.facts.findings import unusable_answer, unusable_words
from cds.facts.measures import Measure, newer_than, readings, shown
from cds.facts.question import Answer, Question
from cds.facts.windows import window

_UNIT = "mm[Hg]"


class Reading(NamedTuple):
    """One measurement; at least one of its two numbers is there."""

    systolic: Measure | None = None
    diastolic: Measure | None = None

    @property
    def parts(self) -> tuple[Measure, ...]:
        return tuple([part for part in self if part])

    @property
    def when(self) -> Span:
        return self.parts[0].when

    @property
    def moment(self) -> datetime:
        return self.parts[0].moment


def blood_pressure(question: Question) -> Answer | None:
    high, low = readings(question, "in", _UNIT), readings(question, "diastolic", _UNIT)
    unusable = (*high.unusable, *low.unusable)
    taken = sorted(_paired(high.usable, low.usable), key=lambda reading: reading.moment)
    if not taken:
        return unusable_answer(question, unusable) if unusable else None
    latest = taken[-1]
    holds = window(question).holds
    recent = [reading for reading in taken if holds(reading.when, None)]
    newer = newer_than(latest.when, unusable)
    attributes: dict[str, Number | str] = {
        **_numbers("", taken[-1:]),
        **(_numbers("mean_", recent[-2:]) if len(recent) > 1 else {}),
        "readings": float(len(recent)),
        "measured_days": days_since(latest.when, question.today),
        "newer_unusable": "yes" if newer else "no",
    }
    told = dict.fromkeys(shown(part, question) for reading in taken[-2:][::-1] for part in reading.parts)
    missing = tuple(dict.fromkeys(unusable_words(question, one) for one in newer))
    return Answer(State.PRESENT, attributes, tuple(told), missing, events={"measured": latest.when})


def _paired(high: Sequence[Measure], low: Sequence[Measure]) -> list[Reading]:
    """By the panel that both numbers are of, or else by the moment at which both were measured."""
    taken = [Reading(systolic=measure) for measure in high]
    places: dict[str | datetime, list[int]] = defaultdict(list)
    for place, measure in enumerate(high):
        places[measure.entry.reference].append(place)
        places[measure.moment].append(place)
    for measure in low:
        near = chain(places[measure.entry.reference], places[measure.moment])
        found = next((place for place in near if taken[place].diastolic is None), None)
        if found is None:
            taken.append(Reading(diastolic=measure))
        else:
            taken[found] = taken[found]._replace(diastolic=measure)
    return taken


def _numbers(prefix: str, taken: Sequence[Reading]) -> dict[str, Number]:
    """The means of both numbers over these readings, unrounded; of a number that one of them lacks, none."""
    means = {
        "systolic": _mean([reading.systolic for reading in taken]),
        "diastolic": _mean([reading.diastolic for reading in taken]),
    }
    return {prefix + name: mean for name, mean in means.items() if mean is not None}


def _mean(measures: Iterable[Measure | None]) -> Number | None:
    known: list[Measure] = []
    for measure in measures:
        if measure is None:
            return None
        known.append(measure)
    low, high = (sum(ends) / len(known) for ends in ((one.low for one in known), (one.high for one in known)))
    return low if low == high else Bounds(low, high)
