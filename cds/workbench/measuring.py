"""Plays the cases of rulesets once, and finds out of it whether they pass, what they show of the rules, and which small
mistakes they notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from cds.ruleset.cases import Case
from cds.workbench import coverage, coverage_report, testing
from cds.workbench.bench import Bench
from cds.workbench.coverage import Standing
from cds.workbench.goals import What
from cds.workbench.golden import GOLDEN
from cds.workbench.mutation.company import Company, Progress, Rehearsal
from cds.workbench.mutation.jury import pins, witnesses
from cds.workbench.mutation.survivors import Mutation, fates, logic_of, speaking_of
from cds.workbench.mutation.witness import name_of
from cds.workbench.testing import Result
from cds.workbench.traces import Scene, Stage

Bar: TypeAlias = Callable[[str, int], AbstractContextManager[Progress]]
"""Shows how far something is: what is counted, and how many there are."""


@dataclass(frozen=True, slots=True)
class Played:
    """The cases of one ruleset. ``failed``: their names, and of each what is wrong; ``missing``: what none shows."""

    ruleset: str
    cases: int
    failed: Mapping[str, str]
    shares: Mapping[What, Counter[Standing]]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """``helped``: the rulesets of which cases of others alone noticed some mistake. Of those with a case that fails as
    it is, mutants tell nothing: there are none in ``mutation``.
    """

    played: Mapping[str, Played]
    mutation: Mutation
    helped: frozenset[str]


def measured(stage: Stage, rulesets: Sequence[str], jobs: int, bar: Bar) -> Findings:
    """Raises ``InputError`` for a case that is wrong, ``RulesetError`` for a reason that is."""
    wanted = frozenset(rulesets)
    cases = speaking_of(wanted, testing.collect(stage.folder, knowledge=stage.usual), stage.usual)
    mutants = logic_of(stage.usual, rulesets)
    with Company(stage, cases, mutants, jobs, partial(_rehearsed, wanted)) as company:
        with bar("cases", sum(case.ruleset in wanted for case in cases)) as tried:
            told = {one.ruleset: one for of in company.rehearsed(tried) for one in of}
        told |= {one.ruleset: one for one in _played(stage, [name for name in rulesets if name not in told], (), ())}
        sound = [name for name in rulesets if not told[name].failed]
        numbers = [number for number, mutant in enumerate(mutants) if mutant.ruleset in sound]
        with bar("mutants", len(numbers)) as tried:
            verdicts = company.judged(numbers, tried)
    mutation = fates(stage, sound, verdicts)
    return Findings({name: told[name] for name in rulesets}, mutation, _helped(mutation, cases))


def _rehearsed(wanted: frozenset[str], stage: Stage, cases: Sequence[Case], progress: Progress) -> Rehearsal:
    """In one process, with the cases that it has."""
    results = []
    for result in testing.run(Bench(stage.folder, stage.usual), [case for case in cases if case.ruleset in wanted]):
        results.append(result)
        progress(1)
    heard = tuple(witnesses(stage, cases))
    scenes = (witness.scene for witness in heard if witness.case.ruleset in wanted)
    told = tuple(_played(stage, {result.case.ruleset: None for result in results}, results, scenes))
    failing = {one.ruleset for one in told if one.failed}
    failing |= {witness.case.ruleset for witness in heard if witness.notices(witness.scene.inference)}
    sound = [case for case in cases if case.ruleset not in failing]
    return Rehearsal([witness for witness in heard if witness.case.ruleset not in failing], pins(sound), told)


def _played(
    stage: Stage, rulesets: Iterable[str], results: Iterable[Result], scenes: Iterable[Scene]
) -> Iterator[Played]:
    by_ruleset: dict[str, list[Result]] = {name: [] for name in rulesets}
    for result in results:
        by_ruleset[result.case.ruleset].append(result)
    for found in coverage.coverage(stage, by_ruleset, scenes):
        covered, of = coverage.judged(found, stage), by_ruleset[found.ruleset.id]
        yield Played(
            ruleset=found.ruleset.id,
            cases=sum(one.case.name != GOLDEN for one in of),
            failed={one.case.name: f"{one.place}: {'; '.join(one.differences)}" for one in of if not one.passed},
            shares=covered.shares,
            missing=tuple(coverage_report.missing(covered)),
        )


def _helped(mutation: Mutation, cases: Iterable[Case]) -> frozenset[str]:
    home = {name_of(case): case.ruleset for case in cases}
    noticed = ((fate.mutant.ruleset, home.get(fate.by)) for fate in mutation.fates if fate.end == "killed")
    return frozenset(name for name, by in noticed if by not in (None, name))
