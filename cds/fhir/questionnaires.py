"""QuestionnaireResponse as entries of the record: one for each answer to a question that is asked for (NRM-03).

A linkId is a local code, which may follow the place where it is asked and be followed by a side of the body:
``power-L5-hallux-extension.left``, ``acute-med-days-per-30d.drug-class``. What is answered below an answer are its
components, as an Observation has them, and its ``side`` is the side of the answer. A group that is asked for is an
entry too, and its answers ``start`` and ``end`` say when that was: an attack in a headache diary.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cds.clinical import Coding, Quantity
from cds.fhir import datatypes as fhir
from cds.fhir import moments, sides, values
from cds.fhir.moments import Moment
from cds.fhir.reading import Reading
from cds.fhir.statuses import counts
from cds.fhir.structs import Answer, Item, QuestionnaireResponse
from cds.record import ObservationEntry, ObservedValue

SIDES = ("left", "right", "both")
SIDE, START, END = "side", "start", "end"


class LinkId(NamedTuple):
    code: str
    side: str | None


class _Told(NamedTuple):
    """An answer or, without one, a group that is asked for. ``below``: what was told under it."""

    item: Item
    link: LinkId
    asked: bool
    answer: Answer | None
    moment: Moment
    below: list[_Told]


class _Level(NamedTuple):
    """Items that stand side by side, and under what."""

    items: Sequence[Item]
    moment: Moment
    above: _Told | None


def link_id(text: str | None) -> LinkId:
    *before, last = (text or "").split(".")
    return LinkId(before[-1], last) if before and last in SIDES else LinkId(last, None)


def questionnaire_response(resource: QuestionnaireResponse, reading: Reading) -> tuple[ObservationEntry, ...]:
    told = _everything(resource, reading)
    asked = [one for one in told if one.asked]
    if not asked or not counts(resource):
        return ()
    wanted = {id(each) for one in asked for each in (one, *one.below)}
    made: dict[int, ObservationEntry] = {}
    for one in reversed(told):  # what is told under an answer comes after it
        if id(one) in wanted:
            below = tuple([made[id(each)] for each in one.below if id(each) in made])
            made[id(one)] = _entry(resource, one, below, reading)
    return tuple([made[id(one)] for one in asked])


def _everything(resource: QuestionnaireResponse, reading: Reading) -> Sequence[_Told]:
    """All that is told, however deep, and each before what is told under it."""
    found: list[_Told] = []
    waiting = deque([_Level(resource.item, Moment(*reading.when(resource.authored, "authored")), None)])
    while waiting:
        level = waiting.popleft()
        for item in level.items:
            for told, inner in _opened(item, level.moment, reading):
                if told is not None:
                    found.append(told)
                    if level.above is not None:
                        level.above.below.append(told)
                waiting.append(_Level(inner, told.moment if told else level.moment, told))
    return found


def _opened(item: Item, moment: Moment, reading: Reading) -> Iterator[tuple[_Told | None, Sequence[Item]]]:
    """Each answer, or a group, with the items under it."""
    link = link_id(item.link_id)
    asked = bool(reading.index.local(link.code)[1])
    for answer in item.answer:
        yield _Told(item, link, asked, answer, moment, []), answer.item
    if item.item and asked and not item.answer:
        yield _Told(item, link, True, None, _of_group(item.item, reading), []), item.item
    elif item.item:
        yield None, item.item


def _of_group(items: Sequence[Item], reading: Reading) -> Moment:
    """When that was which a group tells of. Without a word on it the group is dated by when it was recorded."""
    told = {link_id(item.link_id).code: answer for item in items for answer in item.answer}
    start, end = (_date_of(told.get(name)) for name in (START, END))
    return moments.of_period(fhir.Period(start, end), reading.zone) if start or end else Moment()


def _date_of(answer: Answer | None) -> str | None:
    return (answer.value_date_time or answer.value_date) if answer else None


def _entry(
    resource: QuestionnaireResponse, told: _Told, below: tuple[ObservationEntry, ...], reading: Reading
) -> ObservationEntry:
    answer = told.answer or Answer()
    concept = _chosen(answer, reading)
    system, sets = reading.index.local(told.link.code)
    return ObservationEntry(
        type="QuestionnaireResponse",
        reference=reading.reference(resource),
        codings=(Coding(system, told.link.code, told.item.text or ""),),
        text=told.item.text or reading.index.display(system, told.link.code),
        sets=sets,
        side=told.link.side or sides.side(*[values.codings(each) for each in _sides(told, reading)]),
        status=resource.status or "",
        value=values.codings(concept) or _value(answer, reading),
        value_sets=reading.choices(concept),
        effective=told.moment.days,
        instant=told.moment.instant,
        period=told.moment.period,
        began=told.moment.began,
        recorded=reading.when(resource.authored, "authored").instant,
        components=below,
        questionnaire=resource.questionnaire or "",
    )


def _chosen(answer: Answer, reading: Reading) -> fhir.CodeableConcept | None:
    chosen = reading.part(answer.value_coding, fhir.Coding, "valueCoding")
    return fhir.CodeableConcept(coding=(chosen,)) if chosen else None


def _sides(told: _Told, reading: Reading) -> Iterator[fhir.CodeableConcept | None]:
    """What was answered to the question on which side."""
    return (_chosen(each.answer, reading) for each in told.below if each.link.code == SIDE and each.answer)


def _value(answer: Answer, reading: Reading) -> ObservedValue | None:
    if answer.value_boolean is not None:
        return answer.value_boolean
    if fhir.stated(answer.value_quantity):
        return values.measured(reading.part(answer.value_quantity, fhir.Quantity, "valueQuantity"))
    for number in (answer.value_integer, answer.value_decimal):
        if number is not None:
            return Quantity(number, None)
    day = answer.value_date or answer.value_date_time
    return reading.date(day, "answer") if day is not None else answer.value_string
