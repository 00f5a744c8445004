"""Cases and mutants shared out among processes, so that every core plays and judges a part."""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, cast

from cds.errors import InputError
from cds.ruleset.cases import Case
from cds.ruleset.model import Count, FactSpec, Knowledge, Rule
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.trial import Trial
from cds.workbench.mutation.trial_of_facts import FactTrial
from cds.workbench.mutation.verdict import Verdict
from cds.workbench.mutation.witness import Theatre, Witness
from cds.workbench.traces import Stage

Progress = Callable[[int], None]
"""Is told how many more mutants were tried."""


class Jury:
    """Some of the cases, played, and the mutants that are tried before them."""

    def __init__(self, stage: Stage, cases: Iterable[Case]) -> None:
        """Raises ``InputError`` for a case that is wrong, or fails before any mutant."""
        theatre = Theatre(stage)
        self._knowledge = stage.usual
        witnesses: dict[str, list[Witness]] = defaultdict(list)
        for case in (case for case in cases if not case.request):
            witness = theatre.witness(case)
            if witness.notices(witness.scene.inference):
                raise InputError(f"{witness.name}: fails as it is; cds test says why")
            for ruleset in witness.troupe.rulesets:
                witnesses[ruleset].append(witness)
        by_closeness = {name: sorted(of, key=_is_stranger(name)) for name, of in witnesses.items()}
        self._rules = Trial(by_closeness)
        self._facts = FactTrial(stage.folder, by_closeness)

    def verdicts(self, mutants: Sequence[Mutant]) -> Iterator[Verdict]:
        """In any order; of mutants of the rules, counts and facts."""
        by_subject: dict[tuple[str, str, type], list[Mutant]] = defaultdict(list)
        for mutant in mutants:
            by_subject[mutant.ruleset, mutant.subject, type(mutant.changed)].append(mutant)
        for (ruleset, subject, kind), of in by_subject.items():
            home = self._knowledge.rulesets[ruleset]
            if kind is Rule:
                rule = next(rule for rule in home.rules if rule.id == subject)
                yield from self._rules.of_rule(rule, of)
            elif kind is Count:
                yield from self._rules.of_count(home.counts[subject], of)
            elif kind is FactSpec:
                yield from (self._facts.verdict(home.facts[subject], mutant) for mutant in of)


def _is_stranger(ruleset: str) -> Callable[[Witness], bool]:
    """The cases of a ruleset come before those of others that use it: they notice most."""
    return lambda witness: witness.case.ruleset != ruleset


@dataclass(frozen=True, slots=True)
class _Told:
    """What a process says to the one that started it: how far it is, or what it found."""

    tried: int = 0
    verdicts: tuple[tuple[int, str, str, bool], ...] | None = None
    failing: str = ""


def judged(
    stage: Stage, cases: Sequence[Case], mutants: Sequence[Mutant], jobs: int, progress: Progress
) -> list[Verdict]:
    """A verdict on each mutant: first before the cases of the process that has its ruleset, then before all others.

    Raises ``InputError`` for a case that is wrong, or fails before any mutant.
    """
    if jobs == 1:
        jury = Jury(stage, cases)
        found = []
        for verdict in jury.verdicts(mutants):
            found.append(verdict)
            progress(1)
        return found
    with _Company(stage, _shared_out(stage.usual, cases, jobs), mutants, progress) as company:
        return company.judged()


def _shared_out(knowledge: Knowledge, cases: Sequence[Case], jobs: int) -> list[list[Case]]:
    """About as much to each: all cases of a ruleset to one."""
    by_ruleset: dict[str, list[Case]] = {name: [] for name in knowledge.rulesets}
    for case in cases:
        by_ruleset[case.ruleset].append(case)
    weight = {name: len(of) * (1 + len(knowledge.rulesets[name].rules)) for name, of in by_ruleset.items()}
    shares: list[list[Case]] = [[] for _ in range(jobs)]
    loads = [0] * jobs
    for name in sorted(by_ruleset, key=lambda name: -weight[name]):
        least = loads.index(min(loads))
        shares[least] += by_ruleset[name]
        loads[least] += weight[name]
    return shares


class _Company:
    """The processes, for as long as they are needed. Each has its share of the cases, and all the mutants."""

    def __init__(self, stage: Stage, shares: list[list[Case]], mutants: Sequence[Mutant], progress: Progress) -> None:
        self._mutants, self._progress = mutants, progress
        self._homes = [{case.ruleset for case in share} for share in shares]
        context = multiprocessing.get_context("fork")  # what was loaded is shared, not sent
        self._ends: list[Connection[Any, Any]] = []
        self._processes = []
        for share in shares:
            here, there = context.Pipe()
            process = context.Process(target=_play, args=(there, stage, share, mutants), daemon=True)
            process.start()
            there.close()  # so that a process that breaks off is not waited for
            self._ends.append(here)
            self._processes.append(process)

    def __enter__(self) -> _Company:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
            process.join()

    def judged(self) -> list[Verdict]:
        home = {name: place for place, names in enumerate(self._homes) for name in names}
        first: list[list[int]] = [[] for _ in self._ends]
        for number, mutant in enumerate(self._mutants):
            first[home.get(mutant.ruleset, 0)].append(number)
        verdicts = self._round(first)
        for place in range(1, len(self._ends)):
            open_ = [number for number, one in verdicts.items() if not one.killer and not one.refused]
            shift: list[list[int]] = [[] for _ in self._ends]
            for number in open_:
                shift[(home.get(self._mutants[number].ruleset, 0) + place) % len(self._ends)].append(number)
            again = self._round(shift)
            verdicts |= {
                number: one if one.killer or not verdicts[number].differs else verdicts[number]
                for number, one in again.items()
            }
        return [verdicts[number] for number in sorted(verdicts)]

    def _round(self, shares: Sequence[Sequence[int]]) -> dict[int, Verdict]:
        for end, share in zip(self._ends, shares, strict=True):
            end.send(tuple(share))
        found: dict[int, Verdict] = {}
        waiting: list[Any] = list(self._ends)
        while waiting:
            for end in cast("list[Connection[Any, Any]]", wait(waiting)):
                told = end.recv()
                if told.failing:
                    raise InputError(told.failing)
                self._progress(told.tried)
                if told.verdicts is not None:
                    waiting.remove(end)
                    found |= {number: Verdict(self._mutants[number], *rest) for number, *rest in told.verdicts}
        return found


_OFTEN = 200  # mutants


def _play(end: Connection[Any, Any], stage: Stage, cases: Sequence[Case], mutants: Sequence[Mutant]) -> None:
    """What one process does: plays its cases once, then judges whatever numbers it is sent, until it is ended."""
    try:
        jury = Jury(stage, cases)
    except InputError as error:
        end.send(_Told(failing=str(error)))
        return
    while True:
        share = end.recv()
        numbers = {(mutants[number].ruleset, mutants[number].id): number for number in share}
        found = []
        for verdict in jury.verdicts([mutants[number] for number in share]):
            number = numbers[verdict.mutant.ruleset, verdict.mutant.id]
            found.append((number, verdict.killer, verdict.differs, verdict.refused))
            if len(found) % _OFTEN == 0:
                end.send(_Told(tried=_OFTEN))
        end.send(_Told(tried=len(found) % _OFTEN, verdicts=tuple(found)))
