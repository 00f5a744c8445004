"""A patient's record as plain values: what the readers of ``cds.fhir`` make of the resources, and all the facts see.

Every entry keeps the reference of its resource and the value sets its codings belong to; matching codes is done once,
while reading. An entry that matches nothing that any fact asks for is not kept.

Entries are structs: a chart makes hundreds of them, and a frozen dataclass sets its fields one by one, which costs nine
times as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple, TypeAlias

import msgspec

from cds.clinical import Coding, Quantity, Span

PROPOSED: Final = frozenset({"proposal", "plan", "option"})
"""The intents of a request that nobody has ordered yet. Another word, or none, may be that of an order."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What all entries have. ``sets``: the code choices (``CodeIndex``) that the entry's codings are in.

    ``site_sets`` are the choices that its body sites are in.
    """

    type: str  # FHIR resource type
    reference: str  # "Condition/c1"; for a resource without id, its place: "prefetch.conditions.entry[3]"
    codings: tuple[Coding, ...]
    text: str = ""  # what a person would call it
    sets: frozenset[str] = frozenset()
    side: str | None = None  # "left" | "right" | "both"
    sites: tuple[Coding, ...] = ()  # bodySite codings
    site_sets: frozenset[str] = frozenset()


class ConditionEntry(Entry, frozen=True, kw_only=True):
    """``onset`` None: not stated. ``refuted`` is a documented negative."""

    refuted: bool = False
    provisional: bool = False
    clinical_status: str | None = None
    categories: frozenset[str] = frozenset()
    onset: Span | None = None
    onset_age: float | None = None  # completed years, when onset is given as an age
    abatement: Span | None = None
    abated: bool = False  # an abatement of any form is stated
    recorded: Span | None = None
    severity: str | None = None  # "mild" | "moderate" | "severe"
    cause_sets: frozenset[str] = frozenset()  # code choices of what it is said to be due to, or to rest on


class AllergyEntry(Entry, frozen=True, kw_only=True):
    """An allergy or intolerance; ``codings`` are of the substance (or of its absence, "no known allergy")."""

    refuted: bool = False
    clinical_status: str | None = None
    criticality: str | None = None  # "low" | "high" | "unable-to-assess"
    severities: frozenset[str] = frozenset()  # of its reactions: "mild" | "moderate" | "severe"
    reaction_sets: frozenset[str] = frozenset()  # code choices that its manifestations are in
    recorded: Span | None = None


ObservedValue: TypeAlias = bool | Quantity | tuple[Coding, ...] | Span | str


class ObservationEntry(Entry, frozen=True, kw_only=True):
    """An Observation, one of its components, or one answer of a QuestionnaireResponse.

    ``value`` None: nothing usable was stated (``dataAbsentReason``, an unreadable value). ``value_sets`` are the
    choices that a coded value is in: the entry is then also found under these, as "finding: saddle numbness" is.
    """

    status: str = "final"
    value: ObservedValue | None = None
    value_sets: frozenset[str] = frozenset()
    interpretations: frozenset[str] = frozenset()  # v3 ObservationInterpretation codes: "POS", "NEG", "H" …
    effective: Span | None = None
    instant: datetime | None = None  # when the time of day is known, aware
    period: tuple[date, date] | None = None  # effectivePeriod with both ends, local dates
    began: datetime | None = None  # start of effectivePeriod, when its time of day is known, aware
    recorded: datetime | None = None  # issued / authored, for ordering statements of one day
    high: Quantity | None = None  # reference range
    low: Quantity | None = None
    components: tuple[ObservationEntry, ...] = ()
    questionnaire: str = ""


class Dosage(msgspec.Struct, frozen=True, kw_only=True):
    """One dosage instruction. Doses in ``dose_unit``; times as FHIR R4 ``Timing`` says them."""

    dose: float | None = None
    dose_high: float | None = None
    dose_unit: str | None = None
    as_needed: bool = False
    routes: tuple[Coding, ...] = ()
    events: tuple[date, ...] = ()
    days_of_week: tuple[str, ...] = ()
    times_of_day: int = 0
    when: tuple[str, ...] = ()
    frequency: int | None = None
    frequency_max: int | None = None
    period: float | None = None
    period_max: float | None = None
    period_unit: str | None = None
    count: int | None = None
    count_max: int | None = None
    bounds: tuple[date | None, date | None] | None = None
    bounds_days: tuple[float, float] | None = None  # boundsDuration (equal ends) or boundsRange
    code: str | None = None  # timing abbreviation: BID, QOD …
    max_per_period: tuple[float, str | None, float, str | None] | None = None  # amount, unit, period, unit
    text: str = ""


class Substance(NamedTuple):
    """One of the things that a medicine contains, by one name for all code systems; ``sets`` as of an entry."""

    name: str
    sets: frozenset[str]


class MedicationEntry(Entry, frozen=True, kw_only=True):
    """A MedicationRequest, -Statement, -Dispense or -Administration, its medication resolved to codings.

    ``codings`` are those of the product; ``ingredients`` what it contains, through Medication.ingredient and the
    product map, and ``substances`` the same (or else the product), the same in each code system. ``draft``: an order
    under review at this hook rather than part of the record.
    """

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool = False
    draft: bool = False
    ingredients: tuple[Coding, ...] = ()
    substances: tuple[Substance, ...] = ()
    form: tuple[Coding, ...] = ()
    dosages: tuple[Dosage, ...] = ()
    authored: Span | None = None
    effective: tuple[Span | None, Span | None] | None = None  # statement or administration: first and last local date
    instant: datetime | None = None
    asserted: Span | None = None
    handed_over: Span | None = None
    source: str | None = None  # who said so: "Patient", "RelatedPerson", "Practitioner" …
    reasons: frozenset[str] = frozenset()  # code choices that the reason (code or referenced condition) is in
    reason_stated: bool = False  # some reason is given, whether or not any fact asks for it
    quantity: Quantity | None = None
    days_supply: float | None = None  # daysSupply or expectedSupplyDuration, in days
    validity: tuple[date | None, date | None] | None = None
    repeats: int | None = None
    based_on: tuple[str, ...] = ()  # references to what this one continues, fills or records
    identifiers: tuple[str, ...] = ()


class EventEntry(Entry, frozen=True, kw_only=True):
    """Something done or planned: Procedure, ServiceRequest, DiagnosticReport, ImagingStudy, Encounter, Task."""

    status: str | None = None
    intent: str | None = None
    draft: bool = False
    when: Span | None = None
    end: Span | None = None
    instant: datetime | None = None
    priority: str | None = None
    modalities: tuple[str, ...] = ()
    conclusion_sets: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    reason_stated: bool = False  # of an order under review: some reason is given, whether or not any fact asks for it
    each_reason: tuple[frozenset[str], ...] = ()  # of an order under review: the code choices of each stated reason
    site_stated: bool = False  # of an order under review: some body site is given, in a code or in words
    due: Span | None = None  # of a task: by when it is to be done


class FamilyEntry(Entry, frozen=True, kw_only=True):
    """One condition of one family member; ``relationship`` is the v3 RoleCode, "" when it is not known."""

    relationship: str = ""
    relative: str = ""  # what a person would call the relationship
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    id: str
    born: Span | None = None
    gender: str | None = None
    deceased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRecord:
    """All that is known of one patient for one evaluation.

    ``entries`` groups by code choice (``"<fact>.<parameter>"``), in the order they were sent. ``supplied`` names the
    resource types whose data were supplied (or read), even if there were none; a type not named there is unknown,
    not empty.
    """

    patient: Patient
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    drafts: tuple[MedicationEntry | EventEntry, ...] = ()  # orders under review, selected ones at order-select
    background: tuple[MedicationEntry | EventEntry, ...] = ()  # the session's other orders, where a fact asks for them
    encounters: tuple[EventEntry, ...] = ()
    supplied: frozenset[str] = frozenset()
    unavailable: Mapping[str, str] = field(default_factory=dict)  # resource type -> why it is not supplied, in words
    foreign: int = 0  # resources of another patient, excluded
    unattributed: int = 0  # resources that do not say whose they are, kept
    unmapped_medications: Mapping[str, str] = field(default_factory=dict)  # that no code explains: reference -> words
    drugs_named: Mapping[str, frozenset[str]] = field(default_factory=dict)  # of these: choices with a drug so called
    unreadable: tuple[str, ...] = field(default=())  # places of resources or elements that could not be read
