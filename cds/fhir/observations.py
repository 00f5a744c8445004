"""Observation as entries of the record: itself, and its components under their own codes (spine.md NRM-02)."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from cds.clinical import Quantity, Span
from cds.fhir import datatypes as fhir
from cds.fhir import dates, values
from cds.fhir.reading import Reading
from cds.fhir.statuses import COUNTED
from cds.fhir.structs import Component, Observation
from cds.record import ObservationEntry, ObservedValue

_NO_LIMITS = fhir.ReferenceRange()


class _Moment(NamedTuple):
    """When it was so."""

    days: Span | None
    instant: datetime | None = None
    period: tuple[date, date] | None = None


def observation(resource: Observation, reading: Reading) -> tuple[ObservationEntry, ...]:
    """The Observation, if its code or coded value is asked for, and each component that is."""
    whole = bool(reading.choices(resource.code) or reading.choices(resource.value_codeable_concept))
    asked = resource.component and [each for each in resource.component if _is_asked(each, reading)]
    if not (whole or asked) or not reading.counts(resource.status, COUNTED["Observation"]):
        return ()
    moment = _moment(resource, reading)
    if not whole:
        return tuple(_entry(resource, each, moment, reading) for each in asked)
    components = tuple(_entry(resource, each, moment, reading) for each in resource.component)
    parent = _entry(resource, resource, moment, reading, components)
    return (parent, *(each for each in components if each.sets or each.value_sets))


def _is_asked(component: Component, reading: Reading) -> bool:
    return bool(reading.choices(component.code) or reading.choices(component.value_codeable_concept))


def _entry(
    resource: Observation,
    stated: Observation | Component,
    moment: _Moment,
    reading: Reading,
    components: tuple[ObservationEntry, ...] = (),
) -> ObservationEntry:
    codings = values.codings(stated.code)
    coded = values.codings(stated.value_codeable_concept)
    sites = reading.sites(resource.body_site, codings, coded)
    limits = _limits(stated, reading)
    return ObservationEntry(
        type="Observation",
        reference=reading.reference(resource),
        codings=codings,
        text=reading.words(stated.code),
        sets=reading.choices(stated.code),
        side=sites.side,
        sites=sites.codings,
        site_sets=sites.sets,
        status=resource.status or "",
        value=None if fhir.stated(stated.data_absent_reason) else coded or _value(stated, reading),
        value_sets=reading.choices(stated.value_codeable_concept),
        interpretations=_interpretations(stated, reading),
        effective=moment.days,
        instant=moment.instant,
        period=moment.period,
        recorded=reading.when(resource.issued, "issued").instant,
        low=values.measured(limits.low),
        high=values.measured(limits.high),
        components=components,
    )


def _value(stated: Observation | Component, reading: Reading) -> ObservedValue | None:
    """The value of whichever type it is; coded ones are dealt with by then."""
    if fhir.stated(stated.value_quantity):
        return values.measured(reading.part(stated.value_quantity, fhir.Quantity, "valueQuantity"))
    if fhir.stated(stated.value_range):
        return values.between(reading.part(stated.value_range, fhir.Range, "valueRange"))
    if stated.value_boolean is not None:
        return stated.value_boolean
    if stated.value_integer is not None:
        return Quantity(stated.value_integer, None)
    if stated.value_date_time is not None:
        return reading.date(stated.value_date_time, "valueDateTime")
    return stated.value_string or values.words(stated.value_codeable_concept) or None


def _moment(resource: Observation, reading: Reading) -> _Moment:
    zone = reading.zone
    text = resource.effective_date_time or resource.effective_instant
    if text is not None:
        return _Moment(*reading.when(text, "effective"))
    period = reading.part(resource.effective_period, fhir.Period, "effectivePeriod")
    if period is None:
        return _Moment(None)
    first, last = dates.ends(period, zone)
    return _Moment(
        dates.period_span(period, zone),
        dates.moment(period.end or period.start, zone),
        (first, last) if first and last else None,
    )


def _limits(stated: Observation | Component, reading: Reading) -> fhir.ReferenceRange:
    """The reference range, if there is one only: of several it would take age and sex to choose."""
    ranges = reading.parts(stated.reference_range, fhir.ReferenceRange, "referenceRange")
    return ranges[0] if len(ranges) == 1 else _NO_LIMITS


def _interpretations(stated: Observation | Component, reading: Reading) -> frozenset[str]:
    concepts = reading.parts(stated.interpretation, fhir.CodeableConcept, "interpretation")
    return frozenset(coding.code for concept in concepts for coding in concept.coding if coding.code)
