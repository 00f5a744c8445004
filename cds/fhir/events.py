"""What was done or planned, as entries of the record: procedures, orders, reports, imaging, encounters, tasks."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from msgspec import Raw

from cds.clinical import Span
from cds.fhir import datatypes as fhir
from cds.fhir import event_structs as structs
from cds.fhir import values
from cds.fhir.reading import Reading
from cds.fhir.statuses import WITHDRAWN, counts
from cds.record import EventEntry


class _Moment(NamedTuple):
    when: Span | None
    end: Span | None
    instant: datetime | None


def procedure(resource: structs.Procedure, reading: Reading) -> tuple[EventEntry, ...]:
    sets = reading.choices(resource.code)
    if not sets or resource.code is None or not counts(resource):
        return ()
    codings = values.codings(resource.code)
    sites = reading.sites(resource.body_site, codings)
    done = resource.performed_date_time or resource.occurrence_date_time
    period = resource.performed_period if fhir.stated(resource.performed_period) else resource.occurrence_period
    moment = _moment(done, period, reading)
    return (
        EventEntry(
            type="Procedure",
            reference=reading.reference(resource),
            codings=codings,
            text=reading.words(resource.code),
            sets=sets,
            side=sites.side,
            sites=sites.codings,
            site_sets=sites.sets,
            status=resource.status,
            when=moment.when,
            end=moment.end,
            instant=moment.instant,
            reasons=reading.reasons(resource),
        ),
    )


def service_request(resource: structs.ServiceRequest, reading: Reading) -> tuple[EventEntry, ...]:
    """An order that stands; what must not be done is no order."""
    if not reading.choices(_service(resource)):
        return ()
    if resource.do_not_perform or not counts(resource):
        return ()
    return (_service_request(resource, reading, draft=False),)


def draft_service_request(resource: structs.ServiceRequest, reading: Reading) -> tuple[EventEntry, ...]:
    """An order under review, whether or not any fact knows its code."""
    if resource.do_not_perform or resource.status in WITHDRAWN:
        return ()
    return (_service_request(resource, reading, draft=True),)


def _service(resource: structs.ServiceRequest) -> fhir.CodeableConcept | fhir.CodeableReference | None:
    return resource.code.concept or resource.code if resource.code else None


def _service_request(resource: structs.ServiceRequest, reading: Reading, *, draft: bool) -> EventEntry:
    code = _service(resource)
    codings = values.codings(code)
    sites = reading.sites(resource.body_site, codings)
    planned = _moment(resource.occurrence_date_time, resource.occurrence_period, reading)
    each_reason = reading.each_reason(resource)
    moment = planned if planned.when else _moment(resource.authored_on, fhir.ABSENT, reading)
    return EventEntry(
        type="ServiceRequest",
        reference=reading.reference(resource),
        codings=codings,
        text=reading.words(code),
        sets=reading.choices(code),
        side=sites.side,
        sites=sites.codings,
        site_sets=sites.sets,
        status=resource.status,
        intent=resource.intent,
        draft=draft,
        when=moment.when,
        end=moment.end,
        instant=moment.instant,
        priority=resource.priority,
        reasons=frozenset().union(*each_reason),
        each_reason=each_reason,
        reason_stated=any(map(fhir.stated, (resource.reason_code, resource.reason_reference, resource.reason))),
        site_stated=fhir.stated(resource.body_site),
    )


def diagnostic_report(resource: structs.DiagnosticReport, reading: Reading) -> tuple[EventEntry, ...]:
    sets = reading.choices(resource.code)
    if not sets or resource.code is None or not counts(resource):
        return ()
    conclusions = reading.parts(resource.conclusion_code, fhir.CodeableConcept, "conclusionCode")
    moment = _moment(resource.effective_date_time, resource.effective_period, reading)
    return (
        EventEntry(
            type="DiagnosticReport",
            reference=reading.reference(resource),
            codings=values.codings(resource.code),
            text=reading.words(resource.code),
            sets=sets,
            status=resource.status,
            when=moment.when,
            end=moment.end,
            instant=moment.instant,
            conclusion_sets=reading.choices_of(conclusions),
        ),
    )


def imaging_study(resource: structs.ImagingStudy, reading: Reading) -> tuple[EventEntry, ...]:
    """Found by what was done; modality and body region come from the study and its series."""
    done = (*resource.procedure_code, *(each.concept for each in resource.procedure if each.concept))
    sets = reading.choices_of(done)
    if not sets or not counts(resource):
        return ()
    series = reading.parts(resource.series, structs.Series, "series")
    modalities = (
        *reading.parts(resource.modality, structs.Modality, "modality"),
        *(each.modality for each in series if each.modality),
    )
    regions = tuple(_concept(each.body_site) for each in series if each.body_site)
    moment = _moment(resource.started, fhir.ABSENT, reading)
    return (
        EventEntry(
            type="ImagingStudy",
            reference=reading.reference(resource),
            codings=values.codings(*done),
            text=reading.words(*done),
            sets=sets,
            sites=values.codings(*regions),
            site_sets=reading.choices_of(regions),
            status=resource.status,
            when=moment.when,
            instant=moment.instant,
            modalities=tuple(dict.fromkeys(coding.code for coding in values.codings(*map(_concept, modalities)))),
        ),
    )


def _concept(coded: structs.Modality) -> fhir.CodeableConcept:
    """A Coding, a CodeableConcept or a CodeableReference, as a concept."""
    if coded.code:
        return fhir.CodeableConcept(coding=(fhir.Coding(coded.system, coded.code, coded.display),))
    return coded.concept or fhir.CodeableConcept(coding=coded.coding)


def encounter(resource: structs.Encounter, reading: Reading) -> tuple[EventEntry, ...]:
    """An encounter that took place or is under way, if its reasons are asked for, or any encounter is."""
    reasons = reading.reasons(resource)
    for each in reading.parts(resource.diagnosis, structs.Diagnosis, "diagnosis"):
        reasons |= reading.choices_behind(each.condition, resource.contained)
    if not reasons and reading.index.visits_within is None:
        return ()
    if not counts(resource):
        return ()
    types = reading.parts(resource.type, fhir.CodeableConcept, "type")
    kinds = (*map(_concept, reading.parts(resource.encounter_class, structs.Modality, "class")), *types)
    moment = _lasted(resource.period or reading.part(resource.actual_period, fhir.Period, "actualPeriod"), reading)
    return (
        EventEntry(
            type="Encounter",
            reference=reading.reference(resource),
            codings=values.codings(*kinds),
            text=reading.words(*types),
            status=resource.status,
            when=moment.when,
            end=moment.end,
            instant=moment.instant,
            reasons=reasons,
        ),
    )


def task(resource: structs.Task, reading: Reading) -> tuple[EventEntry, ...]:
    sets = reading.choices(resource.code)
    if not sets or resource.code is None or not counts(resource):
        return ()
    execution = _moment(None, resource.execution_period, reading)
    restriction = reading.part(resource.restriction, structs.Restriction, "restriction")
    moment = execution if execution.when else _moment(resource.authored_on, fhir.ABSENT, reading)
    return (
        EventEntry(
            type="Task",
            reference=reading.reference(resource),
            codings=values.codings(resource.code),
            text=reading.words(resource.code),
            sets=sets,
            status=resource.status,
            intent=resource.intent,
            when=moment.when,
            end=moment.end,
            instant=moment.instant,
            priority=resource.priority,
            due=_moment(None, restriction.period, reading).end if restriction else None,
        ),
    )


def _moment(text: str | None, period: Raw, reading: Reading) -> _Moment:
    """When it began and ended; what has an end only is dated by it."""
    if text is not None:
        day, instant = reading.when(text, "date")
        return _Moment(day, None, instant)
    return _lasted(reading.part(period, fhir.Period, "period"), reading)


def _lasted(period: fhir.Period | None, reading: Reading) -> _Moment:
    if period is None:
        return _Moment(None, None, None)
    start, end = reading.when(period.start, "period.start"), reading.when(period.end, "period.end")
    return _Moment(start.days or end.days, end.days, start.instant or end.instant)
