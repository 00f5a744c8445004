"""Runs the cases beside the rulesets, through the very ``evaluate`` the service uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cds.clinical import Fact, Facts, State
from cds.errors import InputError
from cds.evaluate import Prepared, decide, prepare
from cds.facts import Plan, derive
from cds.fhir.bundle import patient_record
from cds.outcome import Firing, Outcome, Unanswered
from cds.record import PatientRecord
from cds.ruleset.cases import Case, cases_of
from cds.ruleset.codes import CodeIndex
from cds.ruleset.load import load, load_only
from cds.ruleset.model import Knowledge, Program, Service
from cds.workbench import stories
from cds.workbench.explain import rule_lines

ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case; ``differences`` empty: as it should. ``explanation`` says why it did not."""

    case: Case
    differences: tuple[str, ...]
    explanation: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.differences

    def as_json(self) -> dict[str, object]:
        return {
            "ruleset": self.case.ruleset,
            "case": self.case.name,
            "place": f"{self.case.place.file}:{self.case.place.line}",
            "passed": self.passed,
            "differences": list(self.differences),
            "explanation": list(self.explanation),
        }


@dataclass(frozen=True, slots=True)
class Bench:
    """Rulesets prepared for testing, each once for each set of site parameters that some case asks for."""

    folder: Path
    _prepared: dict[str, tuple[Knowledge, Prepared]] = field(default_factory=dict)

    def prepared(self, ruleset: str, parameters: Mapping[str, Any]) -> tuple[Knowledge, Prepared]:
        key = json.dumps([ruleset, parameters], sort_keys=True)
        if key not in self._prepared:
            knowledge = self._loaded(ruleset, parameters)
            self._prepared[key] = (knowledge, prepare(knowledge, (ruleset,)))
        return self._prepared[key]

    def _loaded(self, ruleset: str, parameters: Mapping[str, Any]) -> Knowledge:
        """With the usual parameters everything at once, and only once."""
        if parameters:
            return load_only(self.folder, ruleset, parameters)
        usual = (knowledge for key, (knowledge, _) in self._prepared.items() if not json.loads(key)[1])
        return next(usual, None) or load(self.folder)

    def result(self, case: Case) -> Result:
        """Raises ``InputError`` when the case itself is wrong."""
        knowledge, prepared = self.prepared(case.ruleset, case.parameters)
        service = Service(case.ruleset, case.hook or "patient-view", case.ruleset, case.ruleset, (case.ruleset,))
        outcome = _outcome(prepared, service, case, self.folder)
        own = {rule.id for rule in knowledge.rulesets[case.ruleset].rules}
        differences = dict([*_out_of_reach(prepared, service, outcome), *_differences(case, outcome, own)])
        return Result(case, tuple(differences.values()), tuple(rule_lines(prepared, outcome, differences)))


def collect(folder: Path, under: Path | None = None, only: str = "") -> tuple[Case, ...]:
    """The cases of every tests.yaml in the folder, or of those under a path, whose names contain ``only``."""
    knowledge = load(folder)
    files = [under] if under and under.is_file() else sorted((under or folder).rglob("tests.yaml"))
    if not files:
        raise InputError(f"{under or folder}: no tests.yaml here")
    cases = tuple(case for file in files for case in cases_of(file, str(file), knowledge) if only in case.name)
    if only and not cases:
        raise InputError(f'no case is called "{only}"')
    return cases


def run(folder: Path, cases: Iterable[Case]) -> Iterator[Result]:
    bench = Bench(folder)
    return (bench.result(case) for case in cases)


def report(results: Iterable[Result]) -> Iterator[str]:
    """The failures with their explanation, then how many passed."""
    passed = failed = 0
    for result in results:
        if result.passed:
            passed += 1
            continue
        failed += 1
        yield f"FAIL {result.case.place.file}:{result.case.place.line} {result.case.name}"
        yield from (f"     {line}" for line in (*result.differences, *result.explanation))
    yield f"{passed} passed, {failed} failed"


def _outcome(prepared: Prepared, service: Service, case: Case, folder: Path) -> Outcome:
    """Of all rules, also where ``evaluate`` would see at once that no card is within reach."""
    found, deceased = known(prepared.program, prepared.index, prepared.plan, case, folder)
    return decide(prepared, service, found, moment(case), deceased=deceased)


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
    unavailable = dict.fromkeys(case.unsupplied, "not supplied")
    return patient_record(bundle, index, _zone(now), drafts=drafts, selected=selected, unavailable=unavailable)


def moment(case: Case) -> datetime:
    """A day without a time of day means its noon."""
    return (case.now or datetime.combine(case.today, time(12))).replace(tzinfo=ZONE)


def _zone(now: datetime) -> tzinfo:
    assert now.tzinfo is not None
    return now.tzinfo


def _told(case: Case, now: datetime, folder: Path) -> tuple[bytes, bytes, range]:
    """The chart, the orders, and which of them are under review. Raises ``InputError`` that names the case."""
    try:
        if case.bundle:
            chart = (folder.parent / case.bundle).read_bytes()
        else:
            chart = json.dumps(stories.bundle(case.patient, case.record, now)).encode()
        orders = stories.drafts([*case.drafts, *case.background], now)
        selected = range(len(stories.drafts(case.drafts, now)["entry"]))
    except (OSError, ValueError) as error:
        raise InputError(f"{case.place.file}:{case.place.line}: {case.name}: {error}") from error
    return chart, json.dumps(orders).encode(), selected


def _out_of_reach(prepared: Prepared, service: Service, outcome: Outcome) -> Iterator[tuple[str, str]]:
    """What ``evaluate`` would have answered otherwise, because it passes over rules that have no say in a card."""
    rules = prepared.reach.rules(outcome.facts)
    narrow = decide(prepared, service, outcome.facts, outcome.at, rules=rules)
    expected, actual = _about_cards(outcome), _about_cards(narrow)
    for rule_id in sorted(name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name)):
        yield rule_id[0], f"card {rule_id[0]}: not the same when only what is within reach is inferred"


def _about_cards(outcome: Outcome) -> dict[tuple[str, str], Firing | Unanswered]:
    """By rule and item: cards and system actions with all their reasons, and what could not be decided of them."""
    shown = (*outcome.recommendations, *outcome.withheld, *outcome.actions)
    found: tuple[Firing | Unanswered, ...] = (*shown, *outcome.unanswered)
    return {(one.rule.id, one.item or ""): one for one in found if one.rule.card or one.rule.system}


def _differences(case: Case, outcome: Outcome, own: set[str]) -> Iterator[tuple[str, str]]:
    """By the rule to explain: what followed and should not have, and what did not and should.

    Of a ruleset's own rules the lists are exact; of those it uses, what a case lists has to follow.
    """
    shown = {firing.rule.id for firing in outcome.recommendations} & (own | case.cards)
    drawn = {
        name: rules[0].id
        for name, rules in outcome.conclusions.items()
        if name in case.conclusions or not own.isdisjoint(rule.id for rule in rules)
    }
    open_ones = {one.rule.id for one in outcome.unanswered} & (own | case.unanswered)
    yield from _compared("card", case.cards, shown)
    yield from _compared("unanswered rule", case.unanswered, open_ones)
    acting = {firing.rule.id for firing in outcome.actions} & (own | case.system)
    yield from _compared("system action", case.system, acting)
    for name in sorted(drawn.keys() ^ case.conclusions):
        yield drawn.get(name, name), _difference("conclusion", name, expected=name in case.conclusions)


def _compared(what: str, expected: frozenset[str], actual: set[str]) -> Iterator[tuple[str, str]]:
    for rule_id in sorted(expected ^ actual):
        yield rule_id, _difference(what, rule_id, expected=rule_id in expected)


def _difference(what: str, name: str, *, expected: bool) -> str:
    return f"{what} {name}: expected, but it is not there" if expected else f"{what} {name}: not expected"
