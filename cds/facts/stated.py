"""Reads the entries of a code choice as statements: present, denied, over, or of no use."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from cds.clinical import Coding, Span
from cds.facts.concepts import concepts
from cds.facts.dates import birthday, days_since, is_future, newest, past
from cds.facts.question import Question
from cds.facts.sites import counts_here
from cds.facts.statements import Statement, Statements, Unusable, present_now, uncontradicted
from cds.facts.yes_no import coded, says
from cds.record import ConditionEntry, Entry, ObservationEntry, Patient
from cds.ruleset.systems import SYSTEMS

ACTIVE = frozenset({"active", "recurrence", "relapse"})
ENCOUNTER_DIAGNOSIS_DAYS = 90  # spine.md NRM-01

_HISTORY_SNOMED = frozenset({"266987004", "429087003", "429258006"})  # history of malignant neoplasm, spine.md NRM-01
_HISTORY_ICD = ("Z85", "Z86", "Z87")


def statements(question: Question, parameter: str = "in") -> Statements:
    """All that is stated of one code choice, nothing of it in the future."""
    return question.once(("statements", question.same(parameter)), _statements, question, parameter)


def _statements(question: Question, parameter: str) -> Statements:
    said: list[Statement] = []
    unusable: list[Unusable] = []
    by_site = parameter == "in" and question.names_codes("unsited")
    for entry in question.entries(parameter):
        if by_site and not counts_here(question, entry, partial(is_present_now, question)):
            continue
        carried = isinstance(entry, ObservationEntry) and _is_carried(entry, question.choice(parameter))
        statement = question.once((id(entry), carried), _statement, question, entry, carried)
        if isinstance(statement, Statement):
            said.append(statement)
        elif statement is not None:
            unusable.append(statement)
    return Statements(tuple(said), uncontradicted(said), tuple(unusable))


def _is_carried(entry: ObservationEntry, choice: str) -> bool:
    """Whether the value, rather than the code, names what is asked for: "finding: saddle numbness"."""
    return choice in entry.value_sets and choice not in entry.sets


def is_present_now(question: Question, parameter: str) -> bool:
    """Whether something of this code choice is present now."""
    return bool(present_now(statements(question, parameter), question, question.number("current")))


def _statement(question: Question, entry: Entry, carried: bool) -> Statement | Unusable | None:
    match entry:
        case ConditionEntry():
            return _of_condition(entry, question.record.patient, question.today)
        case ObservationEntry():
            return _of_observation(entry, question, carried)
    return None


def _of_condition(entry: ConditionEntry, patient: Patient, today: date) -> Statement | None:
    if is_future(entry.recorded, today) or is_future(entry.onset, today):
        return None
    codes = concepts(entry.codings)
    recorded = past(entry.recorded, today)
    if entry.refuted:
        denied = recorded or past(entry.onset, today)
        return Statement(entry=entry, yes=False, concepts=codes, when=denied, side=entry.side, label=entry.text)
    if any(_is_history(*code) for code in codes):
        return Statement(
            entry=entry, yes=True, concepts=codes, when=recorded, side=entry.side, history=True, label=entry.text
        )
    stated = past(entry.onset, today) or _onset_from_age(entry, patient, today)
    active = is_active(entry, today)
    ended = None if active else past(entry.abatement, today)
    return Statement(
        entry=entry,
        yes=True,
        concepts=codes,
        when=newest(recorded, stated) if active else ended or stated or recorded,
        side=entry.side,
        active=active,
        onset=stated or recorded,
        assumed=stated is None,
        ended=ended,
        label=entry.text,
    )


def _onset_from_age(entry: ConditionEntry, patient: Patient, today: date) -> Span | None:
    """The year of life named by the onset's age."""
    if entry.onset_age is None or patient.born is None:
        return None
    years = int(entry.onset_age)
    first, last = birthday(patient.born.earliest, years), birthday(patient.born.latest, years + 1)
    return past(Span(first, last - timedelta(days=1)), today)


def is_active(entry: ConditionEntry, today: date) -> bool:
    """Present now, by its clinical status or, without one, by what kind of entry it is (spine.md NRM-01)."""
    if entry.clinical_status is not None:
        return entry.clinical_status in ACTIVE
    if (entry.abated or entry.abatement) and not is_future(entry.abatement, today):
        return False
    if "problem-list-item" in entry.categories:
        return True
    recorded = past(entry.recorded, today)
    recent = recorded is not None and days_since(recorded, today) <= ENCOUNTER_DIAGNOSIS_DAYS
    return recent and "encounter-diagnosis" in entry.categories


def _is_history(system: str, code: str) -> bool:
    return (system == SYSTEMS["icd-10-cm"] and code.startswith(_HISTORY_ICD)) or (
        system == SYSTEMS["snomed"] and code in _HISTORY_SNOMED
    )


def _of_observation(entry: ObservationEntry, question: Question, carried: bool) -> Statement | Unusable | None:
    named = coded(entry) if carried else entry.codings
    label = next((coding.display for coding in named if coding.display), "") if carried else entry.text
    return statement_of(entry, question, says(entry, named=carried), "is neither yes nor no", named=named, label=label)


def statement_of(
    entry: ObservationEntry,
    question: Question,
    answer: bool | None,
    unclear: str,
    *,
    named: tuple[Coding, ...] = (),
    label: str | None = None,
) -> Statement | Unusable | None:
    """What an observation with this answer states; ``unclear`` says why without one it is of no use.

    ``named``: the codes of what it is about, if not its own. None for what lies in the future, and for a panel.
    """
    dated = observed(entry, question)
    if is_future(dated, question.today) or (entry.value is None and entry.components):
        return None
    when = past(dated, question.today)
    if answer is None:
        return Unusable(entry, when, unclear)
    if when is None:
        return Unusable(entry, None, "has no date")
    return Statement(
        entry=entry,
        yes=answer,
        concepts=concepts(named or entry.codings),
        when=when,
        side=entry.side,
        instant=entry.instant,
        active=answer,
        onset=when if answer else None,
        assumed=True,
        label=entry.text if label is None else label,
    )


def observed(entry: ObservationEntry, question: Question) -> Span | None:
    """When it was observed or, for want of that, put on record; it may be in the future."""
    if entry.effective is not None or entry.recorded is None:
        return entry.effective
    day = entry.recorded.astimezone(question.now.tzinfo).date()
    return Span(day, day)
