"""QuestionnaireResponse as entries of the record: one for each answer to a question that is asked for (NRM-03)."""

from __future__ import annotations

from collections.abc import Iterator

from cds.clinical import Coding, Quantity
from cds.fhir import datatypes as fhir
from cds.fhir import values
from cds.fhir.reading import Reading
from cds.fhir.statuses import COUNTED
from cds.fhir.structs import Answer, Item, QuestionnaireResponse
from cds.record import ObservationEntry, ObservedValue


def questionnaire_response(resource: QuestionnaireResponse, reading: Reading) -> tuple[ObservationEntry, ...]:
    asked = [(item, sets) for item in _items(resource) if (sets := reading.index.linkid(item.link_id or ""))]
    if not asked or not reading.counts(resource.status, COUNTED["QuestionnaireResponse"]):
        return ()
    return tuple(_entry(resource, item, sets, answer, reading) for item, sets in asked for answer in item.answer)


def _items(resource: QuestionnaireResponse) -> Iterator[Item]:
    """All items, in order, however deep they are in groups and under answers."""
    waiting = list(reversed(resource.item))
    while waiting:
        item = waiting.pop()
        yield item
        below = (*item.item, *(each for answer in item.answer for each in answer.item))
        waiting.extend(reversed(below))


def _entry(
    resource: QuestionnaireResponse, item: Item, sets: frozenset[str], answer: Answer, reading: Reading
) -> ObservationEntry:
    chosen = reading.part(answer.value_coding, fhir.Coding, "valueCoding")
    concept = fhir.CodeableConcept(coding=(chosen,)) if chosen else None
    coded = values.codings(concept)
    authored = reading.when(resource.authored, "authored")
    return ObservationEntry(
        type="QuestionnaireResponse",
        reference=reading.reference(resource),
        codings=(Coding("", item.link_id or "", item.text or ""),),
        text=item.text or reading.index.linkid_display(item.link_id or ""),
        sets=sets,
        status=resource.status or "",
        value=coded or _value(answer, reading),
        value_sets=reading.choices(concept),
        effective=authored.days,
        instant=authored.instant,
        recorded=authored.instant,
        questionnaire=resource.questionnaire or "",
    )


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
