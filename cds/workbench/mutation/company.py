"""Cases and mutants shared out among processes, so that every core plays and judges a part."""

from __future__ import annotations

import multiprocessing
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from multiprocessing.connection import Connection, wait
from typing import Any, TypeAlias, cast

from cds.errors import InputError, Problem, RulesetError
from cds.ruleset.cases import Case
from cds.workbench.mutation.jury import Jury, pins, witnesses
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.verdict import Verdict
from cds.workbench.mutation.witness import Witness
from cds.workbench.traces import Stage

Progress = Callable[[int], None]
"""Is told how many more were tried."""

_SHARE = 200  # mutants that a process is sent at once


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a process makes of its cases before any mutant: who will hear these, and what it tells of the cases."""

    heard: Sequence[Witness]
    pins: Sequence[Case] = ()
    told: object = None


Rehearse: TypeAlias = Callable[[Stage, Sequence[Case], Progress], Rehearsal]


def played(stage: Stage, cases: Sequence[Case], _: Progress) -> Rehearsal:
    return Rehearsal(tuple(witnesses(stage, cases)), pins(cases))


def judged(
    stage: Stage, cases: Sequence[Case], mutants: Sequence[Mutant], jobs: int, progress: Progress
) -> list[Verdict]:
    """A verdict on each mutant. Raises ``InputError`` for a case that is wrong, or fails before any mutant."""
    if jobs == 1:
        found = []
        for verdict in Jury(stage, witnesses(stage, cases), pins(cases)).verdicts(mutants):
            found.append(verdict)
            progress(1)
        return found
    with Company(stage, cases, mutants, jobs) as company:
        company.rehearsed(lambda _: None)
        return company.judged(range(len(mutants)), progress)


class Company:
    """Processes, for as long as they are needed. Each has all cases of some of the rulesets, and all the mutants."""

    def __init__(
        self,
        stage: Stage,
        cases: Sequence[Case],
        mutants: Sequence[Mutant],
        jobs: int,
        rehearse: Rehearse = played,
    ) -> None:
        self._mutants = mutants
        shares = _shared_out(cases, jobs)
        self._homes = {case.ruleset: place for place, share in enumerate(shares) for case in share}
        context = multiprocessing.get_context("fork")  # what was loaded is shared, not sent
        self._ends: list[Connection[Any, Any]] = []
        self._processes = []
        for share in shares:
            here, there = context.Pipe()
            process = context.Process(target=_sit, args=(there, stage, share, mutants, rehearse), daemon=True)
            process.start()
            there.close()  # so that a process that breaks off is not waited for
            self._ends.append(here)
            self._processes.append(process)

    def __enter__(self) -> Company:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
            process.join()

    def rehearsed(self, progress: Progress) -> list[Any]:
        """What each process tells of its cases.

        Raises ``InputError`` for one that is wrong or fails as it is, ``RulesetError`` for a file beside them.
        """
        told: dict[int, Any] = {}
        while len(told) < len(self._ends):
            told |= self._heard([place for place in range(len(self._ends)) if place not in told], progress)
        return [told[place] for place in sorted(told)]

    def judged(self, numbers: Iterable[int], progress: Progress) -> list[Verdict]:
        """On the mutants of these numbers: first before the process that has the cases of their ruleset, then, where
        none of these notices, before the others in turn.
        """
        docket: list[deque[Sequence[int]]] = [deque() for _ in self._ends]
        for share in self._shares(numbers):
            docket[self._home(share[0])].append(share)
        verdicts: dict[int, Verdict] = {}
        busy: set[int] = set()
        while busy or any(docket):
            for place in [place for place, shares in enumerate(docket) if shares and place not in busy]:
                self._ends[place].send(docket[place].popleft())
                busy.add(place)
            for place, found in self._heard(busy, progress).items():
                busy.remove(place)
                self._enter(verdicts, found)
                after = (place + 1) % len(self._ends)
                left = [number for number, *_ in found if verdicts[number].is_open and after != self._home(number)]
                docket[after].extend([left] if left else [])
        return [verdicts[number] for number in sorted(verdicts)]

    def _enter(self, verdicts: dict[int, Verdict], found: Iterable[tuple[int, str, str, bool]]) -> None:
        for number, killer, differs, refused in found:
            before = verdicts.get(number, Verdict(self._mutants[number]))
            verdicts[number] = Verdict(before.mutant, killer, before.differs or differs, refused)

    def _shares(self, numbers: Iterable[int]) -> Iterator[Sequence[int]]:
        """Those of a ruleset, some hundred at a time; all of one rule, count or fact together."""
        share: list[int] = []
        for (ruleset, _), of in groupby(numbers, key=lambda n: (self._mutants[n].ruleset, self._mutants[n].subject)):
            if share and (len(share) >= _SHARE or self._mutants[share[0]].ruleset != ruleset):
                yield share
                share = []
            share.extend(of)
        yield from [share] if share else []

    def _home(self, number: int) -> int:
        return self._homes.get(self._mutants[number].ruleset, 0)

    def _heard(self, places: Iterable[int], progress: Progress) -> dict[int, Any]:
        """What at least one of these processes says when it has done what it was sent."""
        ends = {self._ends[place]: place for place in places}
        answers: dict[int, Any] = {}
        while not answers:
            for end in cast("list[Connection[Any, Any]]", wait(ends)):
                said: _Said = end.recv()
                if said.problems:
                    raise RulesetError(said.problems)
                if said.failing:
                    raise InputError(said.failing)
                progress(said.tried)
                if said.done:
                    answers[ends[end]] = said.answer
        return answers


def _shared_out(cases: Iterable[Case], jobs: int) -> list[list[Case]]:
    """About as many to each: all cases of a ruleset to one."""
    by_ruleset: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_ruleset[case.ruleset].append(case)
    shares: list[list[Case]] = [[] for _ in range(jobs)]
    for of in sorted(by_ruleset.values(), key=len, reverse=True):
        min(shares, key=len).extend(of)
    return shares


# One process


@dataclass(frozen=True, slots=True)
class _Said:
    """To the process that started it: how far it is, what it found, or why it cannot go on."""

    tried: int = 0
    done: bool = False
    answer: object = None
    failing: str = ""
    problems: tuple[Problem, ...] = ()


_OFTEN = 100  # mutants


def _sit(
    end: Connection[Any, Any], stage: Stage, cases: Sequence[Case], mutants: Sequence[Mutant], rehearse: Rehearse
) -> None:
    """Plays its cases once, then judges whatever numbers it is sent, until it is ended."""
    try:
        rehearsal = rehearse(stage, cases, lambda tried: end.send(_Said(tried)))
        jury = Jury(stage, rehearsal.heard, rehearsal.pins)
    except RulesetError as error:
        end.send(_Said(problems=error.problems))
        return
    except InputError as error:
        end.send(_Said(failing=str(error)))
        return
    end.send(_Said(done=True, answer=rehearsal.told))
    while True:
        end.send(_judged(end, jury, mutants, end.recv()))


def _judged(end: Connection[Any, Any], jury: Jury, mutants: Sequence[Mutant], share: Sequence[int]) -> _Said:
    numbers = {(mutants[number].ruleset, mutants[number].id): number for number in share}
    found = []
    for verdict in jury.verdicts([mutants[number] for number in share]):
        number = numbers[verdict.mutant.ruleset, verdict.mutant.id]
        found.append((number, verdict.killer, verdict.differs, verdict.refused))
        if len(found) % _OFTEN == 0:
            end.send(_Said(_OFTEN))
    return _Said(len(found) % _OFTEN, done=True, answer=found)
