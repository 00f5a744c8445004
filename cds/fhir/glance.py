"""Which resources are worth reading, told at a glance: nearly all of a chart hold nothing that any fact asks for.

Every resource sent passes through here, so one that is the patient's and irrelevant costs no call of a function and no
new object. What is let through is looked at again by its reader.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import date
from types import NoneType
from typing import Any, Final

from cds.fhir import event_structs as event
from cds.fhir.bundles import Bundle, OperationOutcome, Unreadable
from cds.fhir.datatypes import ABSENT
from cds.fhir.decode import Sent
from cds.fhir.reading import Reading
from cds.fhir.structs import AllergyIntolerance, Component, Condition, Observation, Patient

CODED: Final = frozenset(
    {Condition, AllergyIntolerance, Observation, event.Procedure, event.DiagnosticReport, event.Task}
)
"""The types that matter by their ``code`` alone; an Observation also by its coded value and its components."""

OTHERS: Final = frozenset({Patient, OperationOutcome, Bundle, Unreadable, NoneType})
"""What says something but is nobody's finding: also an entry without its resource."""

_ZONES = 2  # days between the dates of one moment, at most, where it is written down and where the patient is


def worth_reading(sent: Sent, types: Container[type], reading: Reading) -> Iterator[tuple[int, Any]]:
    """The resources, with their positions, that are the patient's and may be asked for, and the ``OTHERS``.

    Those about somebody else are counted, whatever they hold: that they came along at all is what should be known.
    """
    mentions, subjects = reading.index.mentions, reading.subjects
    patient, concerns = subjects.reference, subjects.concerns
    for position, entry in enumerate(sent.entries):
        if entry is None:
            yield position, None
            continue
        resource: Any = entry.resource
        kind = type(resource)
        if kind not in types:
            if kind in OTHERS:
                yield position, resource
            continue
        subject = resource.subject
        if (subject is None or subject.reference != patient) and not concerns(subject):
            continue
        if kind is Observation and (resource.component or resource.value_codeable_concept):
            if not _is_mentioned(resource, mentions):
                continue
        elif kind in CODED:
            code = resource.code
            for coding in code.coding if code else ():
                if mentions[coding.code]:
                    break
            else:
                continue
        elif kind is event.Encounter and _is_long_over(resource, reading.visits_since):
            continue
        yield position, resource


def _is_mentioned(observation: Observation, mentions: Mapping[str | None, bool]) -> bool:
    """By its code or coded value or those of a component."""
    parts: tuple[Observation | Component, ...] = (observation, *observation.component)
    for stated in parts:
        for concept in (stated.code, stated.value_codeable_concept):
            for coding in concept.coding if concept else ():
                if mentions[coding.code]:
                    return True
    return False


def drafts(sent: Sent, types: Container[type], reading: Reading) -> Iterator[tuple[int, Any]]:
    """The patient's orders under review, of which every one matters, and the ``OTHERS``."""
    for position, entry in enumerate(sent.entries):
        resource: Any = entry and entry.resource
        kind = type(resource)
        if kind in OTHERS or (kind in types and reading.subjects.concerns(resource.subject)):
            yield position, resource


def visits_since(within: float | None, today: date | None) -> str:
    """The first day of which an encounter may matter that gives no reason, as FHIR writes it; "" when any may.

    ``within``: so many days back from ``today`` some fact looks for encounters of any reason; None when no fact does.
    """
    if within is None:
        return date.max.isoformat()
    if today is None or within > today.toordinal():
        return ""
    return date.fromordinal(max(1, today.toordinal() - int(within) - _ZONES)).isoformat()


def _is_long_over(encounter: event.Encounter, since: str) -> bool:
    """Whether it gives no reason that could be asked for and certainly began before a day; dates compare as texts."""
    if not (encounter.reason_code is encounter.reason_reference is encounter.reason is encounter.diagnosis is ABSENT):
        return False
    start = encounter.period.start if encounter.period else None
    return start is not None and len(start) >= len(since) and start < since
