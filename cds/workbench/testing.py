"""Runs the cases beside the rulesets, through the very ``decide`` and ``answer`` that the service uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import perf_counter

from cds.errors import InputError
from cds.evaluate import decide
from cds.outcome import Firing, Outcome, Unanswered
from cds.ruleset.cases import FILES, Case, cases_of
from cds.ruleset.load import load
from cds.ruleset.model import Knowledge, Place, Service
from cds.workbench import answers, golden, looks, single
from cds.workbench.bench import Bench, Ready
from cds.workbench.calls import answered
from cds.workbench.explain import rule_lines
from cds.workbench.given import known, moment, with_lines
from cds.workbench.golden import GOLDEN

_USUAL_HOOK = "patient-view"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case; ``differences`` empty: as it should. ``explanation`` says why it did not."""

    case: Case
    differences: tuple[str, ...]
    explanation: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.differences

    @property
    def place(self) -> str:
        return f"{self.case.place.file}:{self.case.place.line}"

    def as_json(self) -> dict[str, object]:
        return {
            "ruleset": self.case.ruleset,
            "case": self.case.name,
            "place": self.place,
            "passed": self.passed,
            "differences": list(self.differences),
            "explanation": list(self.explanation),
            "seconds": round(self.seconds, 4),
        }


def collect(
    folder: Path, under: Path | None = None, only: str = "", knowledge: Knowledge | None = None
) -> tuple[Case, ...]:
    """The cases of every tests.yaml in the folder, or of those under a path, whose names contain ``only``.

    ``knowledge``: what the folder holds, where that is loaded already.
    """
    knowledge = knowledge or load(folder)
    files = [under] if under and under.is_file() else list(_files(under or folder))
    if not files:
        raise InputError(f"{under or folder}: no {FILES[0]} here")
    cases = tuple(case for file in files for case in cases_of(file, str(file), knowledge) if only in case.name)
    if only and not cases:
        raise InputError(f'no case is called "{only}"')
    return cases


def _files(under: Path) -> Iterator[Path]:
    """Ruleset by ruleset."""
    for folder in sorted({path.parent for name in FILES for path in under.rglob(name)}):
        yield from (folder / name for name in FILES if (folder / name).is_file())


def run(bench: Bench, cases: Iterable[Case], *, some: bool = False) -> Iterator[Result]:
    """Case by case; after all cases of a ruleset with golden cards, whether these are still the right ones.

    ``some``: of the files not every case was taken, so that this cannot be judged.
    """
    for ruleset, of_ruleset in groupby(cases, key=lambda case: case.ruleset):
        told = tuple(of_ruleset)
        yield from (result(bench, case) for case in told)
        if not some and _is_all(told):
            yield complete(bench, ruleset, told)


def _is_all(cases: Sequence[Case]) -> bool:
    """Whether these are all cases that stand beside golden cards."""
    files = {Path(case.place.file) for case in cases}
    folder = Path(cases[0].place.file).parent
    return (folder / GOLDEN).is_file() and files == set(_files(folder))


def complete(bench: Bench, ruleset: str, cases: Sequence[Case]) -> Result:
    """Whether the golden cards are those that the cases of a ruleset list."""
    gaps = tuple(golden.gaps(bench.golden(ruleset), bench.knowledge.rulesets[ruleset], cases))
    place = Place(str(Path(cases[0].place.file).with_name(GOLDEN)), 1)
    remedy = ("cds test --golden writes it anew",) if gaps else ()
    return Result(Case(name=GOLDEN, ruleset=ruleset, today=cases[0].today, place=place), gaps, remedy)


def result(bench: Bench, case: Case) -> Result:
    """Raises ``InputError`` when the case itself is wrong."""
    started = perf_counter()
    differences, explanation = (_of_fact if case.fact else _of_rules)(bench, case)
    lines = with_lines(explanation, case) if differences else ()
    return Result(case, differences, tuple(lines), perf_counter() - started)


def _of_fact(bench: Bench, case: Case) -> tuple[tuple[str, ...], Iterator[str]]:
    found = bench.reader(case).facts(case, bench.folder)[case.fact]
    return tuple(single.differences(case, found)), single.explained(found)


def _of_rules(bench: Bench, case: Case) -> tuple[tuple[str, ...], Iterator[str]]:
    ready = bench.ready(case)
    if case.request:
        shown, outcome = answered(ready, case, bench.folder)
        differences = dict(answers.differences(case.answer, shown))
    else:
        outcome = played(ready, case, bench.folder)
        differences = {said: rule for rule, said in _differences(ready, case, outcome, bench.golden(case.ruleset))}
    return tuple(differences), rule_lines(ready.prepared, outcome, differences.values())


def played(ready: Ready, case: Case, folder: Path) -> Outcome:
    """Of all rules, also where ``evaluate`` would see at once that no card is within reach."""
    prepared = ready.prepared
    found, deceased = known(prepared.program, prepared.index, prepared.plan, case, folder)
    return decide(prepared, _service(case), found, moment(case), deceased=deceased)


def _service(case: Case) -> Service:
    return Service(case.ruleset, case.hook or _USUAL_HOOK, case.ruleset, case.ruleset, (case.ruleset,))


def _differences(ready: Ready, case: Case, outcome: Outcome, written: golden.Looks) -> Iterator[tuple[str, str]]:
    """What is wrong, each with the rule to explain."""
    own = {rule.id for rule in ready.ruleset(case).rules}
    yield from _out_of_reach(ready, case, outcome)
    yield from _unlike_lists(case, outcome, own)
    yield from looks.differences(written, ready, case, outcome)


def _out_of_reach(ready: Ready, case: Case, outcome: Outcome) -> Iterator[tuple[str, str]]:
    """What ``evaluate`` would have answered otherwise, because it passes over rules that have no say in a card."""
    prepared, facts = ready.prepared, outcome.facts
    rules = prepared.reach.rules(facts, prepared.rules)
    narrow = decide(prepared, _service(case), facts, outcome.at, rules=rules, cross_check=False)
    expected, actual = _about_cards(outcome), _about_cards(narrow)
    for rule_id in sorted(name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name)):
        yield rule_id[0], f"card {rule_id[0]}: not the same when only what is within reach is inferred"


def _about_cards(outcome: Outcome) -> dict[tuple[str, str], Firing | Unanswered]:
    """By rule and item: cards and system actions with all their reasons, and what could not be decided of them."""
    shown = (*outcome.recommendations, *outcome.withheld, *outcome.actions)
    found: tuple[Firing | Unanswered, ...] = (*shown, *outcome.unanswered)
    return {(one.rule.id, one.item or ""): one for one in found if one.rule.card or one.rule.system}


def _unlike_lists(case: Case, outcome: Outcome, own: set[str]) -> Iterator[tuple[str, str]]:
    """What followed and should not have, and what did not and should.

    Of a ruleset's own rules the lists are exact; of those it uses, what a case lists has to follow.
    """
    shown = {firing.rule.id for firing in outcome.recommendations} & (own | case.cards)
    drawn = {
        name: rules[0].id
        for name, rules in outcome.conclusions.items()
        if name in case.conclusions or not own.isdisjoint(rule.id for rule in rules)
    }
    open_ones = {one.rule.id for one in outcome.unanswered} & (own | case.unanswered)
    acting = {firing.rule.id for firing in outcome.actions} & (own | case.system)
    yield from _compared("card", case.cards, shown)
    yield from _compared("unanswered rule", case.unanswered, open_ones)
    yield from _compared("system action", case.system, acting)
    for name in sorted(drawn.keys() ^ case.conclusions):
        yield drawn.get(name, name), _difference("conclusion", name, expected=name in case.conclusions)


def _compared(what: str, expected: frozenset[str], actual: set[str]) -> Iterator[tuple[str, str]]:
    for rule_id in sorted(expected ^ actual):
        yield rule_id, _difference(what, rule_id, expected=rule_id in expected)


def _difference(what: str, name: str, *, expected: bool) -> str:
    return f"{what} {name}: expected, but it is not there" if expected else f"{what} {name}: not expected"
