"""What a case says of its patient, as the facts that follow from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, time, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from cds.clinical import Fact, Facts, State
from cds.errors import InputError, Problem
from cds.facts import Plan, derive
from cds.fhir.bundle import patient_record
from cds.fhir.bundles import READ_TYPES
from cds.record import PatientRecord
from cds.ruleset.cases import Case
from cds.ruleset.codes import CodeIndex
from cds.ruleset.model import Program
from cds.ruleset.names import unknown
from cds.workbench import stories

ZONE = ZoneInfo("UTC")

_ENTRY = re.compile(r"bundle\.entry\[\d+\]")


def known(program: Program, index: CodeIndex, plan: Plan, case: Case, folder: Path) -> tuple[Facts, bool]:
    """The facts of a case, and whether its patient has died. Raises ``InputError`` when the case itself is wrong."""
    if case.facts is not None:
        absent = {name: Fact(name, State.ABSENT) for name in program.facts}
        return Facts.known({**absent, **case.facts}), False
    record = recorded(case, index, folder)
    return derive(plan, record, moment(case)), record.patient.deceased


def recorded(case: Case, index: CodeIndex, folder: Path) -> PatientRecord:
    """The patient of a case that gives a record. Raises ``InputError`` when the case itself is wrong."""
    now = moment(case)
    bundle, drafts, selected = _told(case, now, folder)
    for name in set(case.unsupplied) - READ_TYPES:
        raise misread(case, ValueError(unknown("resource type", name, READ_TYPES)))
    unavailable = dict.fromkeys(case.unsupplied, "not supplied")
    return patient_record(bundle, index, _zone(now), drafts=drafts, selected=selected, unavailable=unavailable)


def moment(case: Case) -> datetime:
    """A day without a time of day means its noon."""
    return (case.now or datetime.combine(case.today, time(12))).replace(tzinfo=ZONE)


def told_by(path: str, case: Case, folder: Path) -> bytes:
    """The file a case names, from beside the folder of the rulesets. Raises ``InputError`` that names the case."""
    try:
        return (folder.parent / path).read_bytes()
    except OSError as error:
        raise misread(case, error) from error


def with_lines(explanation: Iterable[str], case: Case) -> Iterator[str]:
    """An explanation that names what a case tells of its record by the lines of the case, not by their numbers."""
    now = moment(case)
    lines = [line.spot.line for line in case.record for _ in stories.told(line, now)]
    named = {f"bundle.entry[{number}]": f"line {line}" for number, line in enumerate(lines, 1)}
    return (_ENTRY.sub(lambda found: named.get(found[0], found[0]), text) for text in explanation)


def misread(case: Case, error: Exception, wrong: tuple[Problem, ...] = ()) -> InputError:
    """``wrong``: the lines of the record that the error is about."""
    whole = Problem(case.place.file, case.place.line, str(error))
    return InputError("\n".join(f"{one.file}:{one.line}: {case.name}: {one.message}" for one in wrong or (whole,)))


def _zone(now: datetime) -> tzinfo:
    assert now.tzinfo is not None
    return now.tzinfo


def _told(case: Case, now: datetime, folder: Path) -> tuple[bytes, bytes, range]:
    """The chart, the orders, and which of them are under review."""
    chart = told_by(case.bundle, case, folder) if case.bundle else None
    try:
        if chart is None:
            chart = json.dumps(stories.bundle(case.patient, case.record, now)).encode()
        orders = stories.drafts([*case.drafts, *case.background], now)
        selected = range(len(stories.drafts(case.drafts, now)["entry"]))
    except ValueError as error:
        wrong = tuple(stories.mistakes([*case.record, *case.drafts, *case.background], now))
        raise misread(case, error, wrong) from error
    return chart, json.dumps(orders).encode(), selected
