"""Condition and AllergyIntolerance as entries of the record (spine.md NRM-01)."""

from __future__ import annotations

from cds.clinical import Span
from cds.fhir import datatypes as fhir
from cds.fhir import dates, values
from cds.fhir.reading import Reading, UnreadableMember
from cds.fhir.salvage import fitting
from cds.fhir.structs import AllergyIntolerance, Condition, ConditionEvidence, Extension, Reaction
from cds.record import AllergyEntry, ConditionEntry

_CLINICAL = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
_PROVISIONAL = frozenset({"provisional", "differential", "unconfirmed"})
_VERIFICATION = _PROVISIONAL | {"confirmed", "refuted", "entered-in-error"}

_DUE_TO = "http://hl7.org/fhir/StructureDefinition/condition-dueTo"

# The codes of the value set condition-severity of FHIR R4 (SNOMED CT).
_SEVERITIES = {"255604002": "mild", "6736007": "moderate", "24484000": "severe"}


def condition(resource: Condition, reading: Reading) -> tuple[ConditionEntry, ...]:
    sets = reading.choices(resource.code)
    if not sets or resource.code is None:
        return ()
    verification = _status(resource, "verification")
    if verification == "entered-in-error":
        return ()
    codings = values.codings(resource.code)
    sites = reading.sites(resource.body_site, codings)
    abatement = _abatement(resource, reading)
    return (
        ConditionEntry(
            type="Condition",
            reference=reading.reference(resource),
            codings=codings,
            text=reading.words(resource.code),
            sets=sets,
            side=sites.side,
            sites=sites.codings,
            site_sets=sites.sets,
            refuted=verification == "refuted",
            provisional=verification in _PROVISIONAL,
            clinical_status=_status(resource, "clinical"),
            categories=_codes(reading.parts(resource.category, fhir.CodeableConcept, "category")),
            onset=_onset(resource, reading),
            onset_age=values.years(reading.part(resource.onset_age, fhir.Quantity, "onsetAge")),
            abatement=abatement,
            abated=abatement is not None or _abated(resource),
            recorded=reading.date(resource.recorded_date, "recordedDate"),
            severity=_severity(reading.part(resource.severity, fhir.CodeableConcept, "severity")),
            cause_sets=_causes(resource, reading),
        ),
    )


def _causes(resource: Condition, reading: Reading) -> frozenset[str]:
    """The choices of what it is said to be due to, or to rest on, as codes or as what is referred to."""
    if resource.extension is resource.evidence is fhir.ABSENT:
        return frozenset()
    due = [one for one in reading.parts(resource.extension, Extension, "extension") if one.url == _DUE_TO]
    evidence = reading.parts(resource.evidence, ConditionEvidence, "evidence")
    concepts = [one.value_codeable_concept for one in due if one.value_codeable_concept is not None]
    references = [one.value_reference for one in due]
    for one in evidence:
        concepts += one.code
        references += one.detail
    behind = (reading.choices_behind(one, resource.contained) for one in references)
    return reading.choices_of(concepts).union(*behind)


def allergy(resource: AllergyIntolerance, reading: Reading) -> tuple[AllergyEntry, ...]:
    sets = reading.choices(resource.code)
    if not sets or resource.code is None:
        return ()
    verification = _status(resource, "verification")
    if verification == "entered-in-error":
        return ()
    reactions = reading.parts(resource.reaction, Reaction, "reaction")
    return (
        AllergyEntry(
            type="AllergyIntolerance",
            reference=reading.reference(resource),
            codings=values.codings(resource.code),
            text=reading.words(resource.code),
            sets=sets,
            refuted=verification == "refuted",
            clinical_status=_status(resource, "clinical"),
            criticality=resource.criticality,
            severities=frozenset(each.severity for each in reactions if each.severity),
            reaction_sets=reading.choices_of(manifested for each in reactions for manifested in each.manifestation),
            recorded=reading.date(resource.recorded_date, "recordedDate"),
        ),
    )


def _status(resource: Condition | AllergyIntolerance, which: str) -> str | None:
    """A clinical or verification status, also as the plain code it was before R4.

    Raises UnreadableMember when one was sent that is none of FHIR's.
    """
    member = resource.clinical_status if which == "clinical" else resource.verification_status
    if not fhir.stated(member):
        return None
    concept = fitting(member, fhir.CodeableConcept) or fhir.CodeableConcept((fhir.Coding(code=fitting(member, str)),))
    codes = _CLINICAL if which == "clinical" else _VERIFICATION
    for coding in concept.coding:
        if coding.code in codes:
            return coding.code
    raise UnreadableMember(f"{which}Status")


def _onset(resource: Condition, reading: Reading) -> Span | None:
    if resource.onset_date_time is not None:
        return reading.date(resource.onset_date_time, "onsetDateTime")
    for member, name in ((resource.onset_string, "onsetString"), (resource.onset_range, "onsetRange")):
        if fhir.stated(member):
            reading.lost.append(f"{reading.here}.{name}")
    period = reading.part(resource.onset_period, fhir.Period, "onsetPeriod")
    return None if period is None else reading.date(period.start, "onsetPeriod.start")


def _abatement(resource: Condition, reading: Reading) -> Span | None:
    if resource.abatement_date_time is not None:
        return reading.date(resource.abatement_date_time, "abatementDateTime")
    period = reading.part(resource.abatement_period, fhir.Period, "abatementPeriod")
    return None if period is None else dates.period_span(period, reading.zone)


def _abated(resource: Condition) -> bool:
    """Whether it is said to have ended, in whatever form."""
    return resource.abatement_date_time is not None or any(
        fhir.stated(member)
        for member in (
            resource.abatement_age,
            resource.abatement_period,
            resource.abatement_range,
            resource.abatement_string,
        )
    )


def _codes(concepts: tuple[fhir.CodeableConcept, ...]) -> frozenset[str]:
    return frozenset(coding.code for concept in concepts for coding in concept.coding if coding.code)


def _severity(concept: fhir.CodeableConcept | None) -> str | None:
    codes = _codes(() if concept is None else (concept,))
    return next((_SEVERITIES[code] for code in codes if code in _SEVERITIES), None)
