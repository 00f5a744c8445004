"""Observation as entries of the record: itself, and its components under their own codes (spine.md NRM-02)."""

from __future__ import annotations

from typing import NamedTuple

from cds.clinical import Quantity
from cds.fhir import datatypes as fhir
from cds.fhir import moments, values
from cds.fhir.moments import Moment
from cds.fhir.reading import Reading
from cds.fhir.statuses import counts
from cds.fhir.structs import Component, Observation
from cds.record import ObservationEntry, ObservedValue

_NO_LIMITS = fhir.ReferenceRange()


class _Part(NamedTuple):
    """The Observation itself or a component, with the choices that ask for its code and for its coded value."""

    stated: Observation | Component
    sets: frozenset[str]
    value_sets: frozenset[str]

    @property
    def is_asked(self) -> bool:
        return bool(self.sets or self.value_sets)


def observation(resource: Observation, reading: Reading) -> tuple[ObservationEntry, ...]:
    """The Observation, if its code or coded value is asked for, and each component that is."""
    whole = _part(resource, reading)
    parts = [_part(each, reading) for each in resource.component]
    asked = [each for each in parts if each.is_asked]
    if not (whole.is_asked or asked) or not counts(resource):
        return ()
    moment = _moment(resource, reading)
    if not whole.is_asked:
        return tuple([_entry(resource, each, moment, reading) for each in asked])
    components = tuple([_entry(resource, each, moment, reading) for each in parts])
    parent = _entry(resource, whole, moment, reading, components)
    return (parent, *(each for each in components if each.sets or each.value_sets))


def _part(stated: Observation | Component, reading: Reading) -> _Part:
    return _Part(stated, reading.choices(stated.code), reading.choices(stated.value_codeable_concept))


def _entry(
    resource: Observation,
    part: _Part,
    moment: Moment,
    reading: Reading,
    components: tuple[ObservationEntry, ...] = (),
) -> ObservationEntry:
    stated = part.stated
    codings = values.codings(stated.code)
    coded = values.codings(stated.value_codeable_concept)
    sites = reading.sites(resource.body_site, codings, coded)
    limits = _limits(stated, reading)
    return ObservationEntry(
        type="Observation",
        reference=reading.reference(resource),
        codings=codings,
        text=reading.words(stated.code),
        sets=part.sets,
        side=sites.side,
        sites=sites.codings,
        site_sets=sites.sets,
        status=resource.status or "",
        value=None if fhir.stated(stated.data_absent_reason) else coded or _value(stated, reading),
        value_sets=part.value_sets,
        interpretations=_interpretations(stated, reading),
        effective=moment.days,
        instant=moment.instant,
        period=moment.period,
        began=moment.began,
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


def _moment(resource: Observation, reading: Reading) -> Moment:
    text = resource.effective_date_time or resource.effective_instant
    if text is not None:
        return Moment(*reading.when(text, "effective"))
    return moments.of_period(reading.part(resource.effective_period, fhir.Period, "effectivePeriod"), reading.zone)


def _limits(stated: Observation | Component, reading: Reading) -> fhir.ReferenceRange:
    """The reference range, if there is one only: of several it would take age and sex to choose."""
    ranges = reading.parts(stated.reference_range, fhir.ReferenceRange, "referenceRange")
    return ranges[0] if len(ranges) == 1 else _NO_LIMITS


def _interpretations(stated: Observation | Component, reading: Reading) -> frozenset[str]:
    concepts = reading.parts(stated.interpretation, fhir.CodeableConcept, "interpretation")
    return frozenset([coding.code for concept in concepts for coding in concept.coding if coding.code])
