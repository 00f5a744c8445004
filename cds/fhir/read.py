"""From the resources that were sent to a patient's record: one pass, one look-up for each coding."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import Any, Final

from cds.fhir import conditions, events, families, glance, medications, observations, questionnaires, structs
from cds.fhir import event_structs as event
from cds.fhir import medication_structs as medicine
from cds.fhir.bundles import Bundle, OperationOutcome, Unreadable
from cds.fhir.decode import Sent
from cds.fhir.patients import identity, patient, patient_entries
from cds.fhir.reading import Reading, UnreadableMember
from cds.fhir.subjects import Subjects
from cds.record import Entry, EventEntry, MedicationEntry, ObservationEntry, PatientRecord
from cds.ruleset.codes import CodeIndex

Reader = Callable[[Any, Reading], Sequence[Entry]]  # of the one type of resource it stands beside

READERS: Final[dict[type, Reader]] = {
    structs.Condition: conditions.condition,
    structs.AllergyIntolerance: conditions.allergy,
    structs.FamilyMemberHistory: families.family_member_history,
    structs.Observation: observations.observation,
    structs.QuestionnaireResponse: questionnaires.questionnaire_response,
    medicine.MedicationRequest: medications.medication_request,
    medicine.MedicationStatement: medications.medication_statement,
    medicine.MedicationDispense: medications.medication_dispense,
    medicine.MedicationAdministration: medications.medication_administration,
    event.Procedure: events.procedure,
    event.ServiceRequest: events.service_request,
    event.DiagnosticReport: events.diagnostic_report,
    event.ImagingStudy: events.imaging_study,
    event.Encounter: events.encounter,
    event.Task: events.task,
}
DRAFT_READERS: Final[dict[type, Reader]] = {
    medicine.MedicationRequest: medications.draft_medication_request,
    event.ServiceRequest: events.draft_service_request,
}

_NO_DRAFTS: Final = Sent("context.draftOrders")
_FAILED = "the client could not read it"
_PART_FAILED = "the client could not read all of it"
_NO_RESOURCE = "what was sent is not a FHIR resource"
_MORE_PAGES = "only its first page was sent"
_UNREADABLE = "one that may matter could not be read"
NOT_OF_PATIENT: Final = "what was sent is not about this patient"


def read(
    sent: Sequence[Sent],
    index: CodeIndex,
    *,
    zone: tzinfo,
    patient_id: str,
    drafts: Sent = _NO_DRAFTS,
    selected: Container[int] | None = None,
    unavailable: Mapping[str, str] | None = None,
    today: date | None = None,
) -> PatientRecord:
    """The record of one patient. Never raises, whatever was sent.

    Supplied are the types that ``sent`` was to supply, less those of which something failed or could not be read:
    their entries are there, but what is not there is unknown. ``unavailable``: further such types, with the reason.
    ``selected``: the positions of the drafts under review, None for all; the others are in the background.
    ``today``: leave out the encounters that began too long ago for any fact; None keeps them, for facts of any day.
    """
    reading = _reading((*sent, drafts), index, zone, patient_id, today)
    gathered = _gathered(sent, reading)
    drafted, background = _ordered(drafts, selected, reading)
    missing = {**gathered.incomplete, **(unavailable or {})}
    return PatientRecord(
        patient=patient(gathered.patient or drafted.patient, patient_id, zone),
        entries=gathered.grouped(),
        drafts=drafted.orders(),
        background=background.orders(),
        encounters=tuple(gathered.encounters),
        supplied=frozenset().union(*(each.types for each in sent)) - missing.keys(),
        unavailable=missing,
        foreign=reading.subjects.foreign,
        unattributed=reading.subjects.unattributed,
        unmapped_medications=reading.unmapped,
        drugs_named=reading.drugs_named,
        unreadable=(*(place for each in (*sent, drafts) for place in each.lost), *reading.lost),
    )


def _reading(
    everything: Sequence[Sent], index: CodeIndex, zone: tzinfo, patient_id: str, today: date | None
) -> Reading:
    visits_since = glance.visits_since(index.visits_within, today)
    return Reading(everything, index, zone, Subjects(patient_id, everything), visits_since)


def _gathered(sent: Sequence[Sent], reading: Reading) -> _Gathered:
    """What is on record, the orders of the session aside."""
    gathered = _Gathered(reading)
    for each in sent:
        gathered.take(each, glance.worth_reading(each, READERS, reading), READERS)
    if gathered.patient is None and any(patient_entries(sent)):
        gathered.miss(["Patient"], NOT_OF_PATIENT)
    return gathered


def _ordered(drafts: Sent, selected: Container[int] | None, reading: Reading) -> tuple[_Gathered, _Gathered]:
    """The orders under review, and those in the background."""
    orders = tuple(glance.drafts(drafts, DRAFT_READERS, reading))
    drafted, background = _Gathered(reading), _Gathered(reading)
    drafted.take(drafts, (one for one in orders if selected is None or one[0] in selected), DRAFT_READERS)
    background.take(drafts, (one for one in orders if selected is not None and one[0] not in selected), DRAFT_READERS)
    return drafted, background


class _Gathered:
    """What has been read so far, and of which types something is missing."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.entries: list[Entry] = []
        self.encounters: list[EventEntry] = []
        self.patient: structs.Patient | None = None
        self.incomplete: dict[str, str] = {}
        self._seen: set[tuple[type, str]] = set()

    def take(self, sent: Sent, chosen: Iterable[tuple[int, Any]], readers: Mapping[type, Reader]) -> None:
        """``chosen``: the resources to read, with their positions."""
        self._note_gaps(sent)
        foreign = self.reading.subjects.foreign
        for position, resource in chosen:
            self.reading.at = (sent, position)
            if reader := readers.get(type(resource)):
                self._read(resource, reader)
            else:
                self._take_other(sent, position)
        if self.reading.subjects.foreign > foreign:
            self._note_strangers(sent, readers, self.reading.subjects.foreign - foreign)

    def _note_strangers(self, sent: Sent, readers: Mapping[type, Reader], foreign: int) -> None:
        """Where nothing is the patient's own, the patient's data were not sent; one stray resource is only left out."""
        if foreign == sum(type(entry.resource) in readers for entry in sent.entries if entry):
            self.miss(sent.types, NOT_OF_PATIENT)

    def _read(self, resource: structs.Clinical, reader: Reader) -> None:
        try:
            entries = reader(resource, self.reading)
        except UnreadableMember as error:
            self._give_up(type(resource).__name__, str(error))
            return
        if entries and not self._duplicate(resource):
            self._keep(resource, entries)

    def _keep(self, resource: structs.Clinical, entries: Sequence[Entry]) -> None:
        if self.reading.altered(resource.modifier_extension):
            self._give_up(type(resource).__name__, "modifierExtension")
        elif isinstance(resource, event.Encounter):
            self.encounters.extend(each for each in entries if isinstance(each, EventEntry))
        else:
            self.entries.extend(entries)

    def _duplicate(self, resource: structs.Clinical) -> bool:
        """Whether it was read before: the same resource may be the value of several prefetch keys."""
        if resource.id is None:
            return False
        key = (type(resource), resource.id)
        if key in self._seen:
            return True
        self._seen.add(key)
        return False

    def _take_other(self, sent: Sent, position: int) -> None:
        entry = sent.entries[position]
        if entry is None or entry.resource is None:
            self._lose(sent, position)
            return
        match entry.resource:
            case structs.Patient() as resource:
                if self.patient is None and identity(entry, resource) == self.reading.subjects.patient_id:
                    self.patient = resource
            case OperationOutcome(failed=True):
                self.miss(sent.types, _PART_FAILED)
            case Unreadable(type=None) | Bundle():
                self._lose(sent, position)
            case Unreadable(type=str(name), concept=concept):
                if concept is None or not concept.coding or self.reading.choices(concept):
                    self.miss({name} & sent.types, _UNREADABLE)

    def _lose(self, sent: Sent, position: int) -> None:
        self.reading.lost.append(sent.place_of(position))
        self.miss(sent.types, _UNREADABLE)

    def _give_up(self, name: str, member: str) -> None:
        self.reading.lost.append(f"{self.reading.here}.{member}")
        self.miss([name], _UNREADABLE)

    def _note_gaps(self, sent: Sent) -> None:
        if sent.state != "sent":
            self.miss(sent.types, _FAILED if sent.state == "failed" else _NO_RESOURCE)
        elif f"{sent.place}.entry" in sent.lost:
            self.miss(sent.types, _UNREADABLE)
        elif sent.next is not None:
            self.miss(sent.types, sent.gap or _MORE_PAGES)

    def miss(self, types: Sequence[str] | frozenset[str] | set[str], why: str) -> None:
        for each in types:
            self.incomplete.setdefault(each, why)

    def orders(self) -> tuple[MedicationEntry | EventEntry, ...]:
        return tuple(each for each in self.entries if isinstance(each, (MedicationEntry, EventEntry)))

    def grouped(self) -> Mapping[str, tuple[Entry, ...]]:
        """The entries by each choice that asks for their code or their coded value."""
        groups: dict[str, list[Entry]] = {}
        for entry in self.entries:
            value_sets = entry.value_sets if isinstance(entry, ObservationEntry) else frozenset()
            for choice in entry.sets | value_sets:
                groups.setdefault(choice, []).append(entry)
        return {choice: tuple(entries) for choice, entries in groups.items()}
