"""Cases and mutants shared out among processes, so that every core plays and judges a part."""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any, TypeAlias, cast

from cds.errors import CdsError, InputError
from cds.ruleset.cases import Case
from cds.ruleset.model import Count, FactSpec, Knowledge, Rule
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.trial import Trial
from cds.workbench.mutation.trial_of_facts import FactTrial
from cds.workbench.mutation.trial_of_pins import PinTrial
from cds.workbench.mutation.verdict import Verdict
from cds.workbench.mutation.witness import Theatre, Witness
from cds.workbench.traces import Stage

Progress = Callable[[int], None]
"""Is told how many more were tried."""


def witnesses(stage: Stage, cases: Iterable[Case]) -> Iterator[Witness]:
    """The cases that say what follows, played. Raises ``InputError`` for one that is wrong."""
    theatre = Theatre(stage)
    return (theatre.witness(case) for case in cases if not (case.request or case.fact))


def pins(cases: Iterable[Case]) -> tuple[Case, ...]:
    """The cases about a single fact."""
    return tuple(case for case in cases if case.fact)


class Jury:
    """Some of the cases, played, and the mutants that are tried before them."""

    def __init__(self, stage: Stage, heard: Iterable[Witness], pins: Iterable[Case]) -> None:
        """``pins``: cases about a single fact. Raises ``InputError`` for a case that fails before any mutant."""
        self._knowledge = stage.usual
        by_ruleset: dict[str, list[Witness]] = defaultdict(list)
        for witness in heard:
            if witness.notices(witness.scene.inference):
                raise InputError(f"{witness.name}: fails as it is; cds test says why")
            for ruleset in witness.troupe.rulesets:
                by_ruleset[ruleset].append(witness)
        by_closeness = {name: sorted(of, key=_is_stranger(name)) for name, of in by_ruleset.items()}
        self._rules = Trial(by_closeness)
        self._facts = FactTrial(stage.folder, by_closeness)
        self._pins = PinTrial(stage.folder, stage.usual, pins)

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
                yield from (self._of_fact(home.facts[subject], mutant) for mutant in of)

    def _of_fact(self, spec: FactSpec, mutant: Mutant) -> Verdict:
        """By what follows in the cases or, where no case minds, by what a pin says of the fact itself."""
        verdict = self._facts.verdict(spec, mutant)
        if verdict.killer or verdict.refused:
            return verdict
        return replace(verdict, killer=self._pins.noticing(spec, mutant))


def _is_stranger(ruleset: str) -> Callable[[Witness], bool]:
    """The cases of a ruleset come before those of others that use it: they notice most."""
    return lambda witness: witness.case.ruleset != ruleset


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
        shares = _shared_out(stage.usual, cases, jobs)
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
        """What each process tells of its cases. Raises ``InputError`` for one that is wrong, or fails as it is."""
        return self._heard(progress)

    def judged(self, numbers: Iterable[int], progress: Progress) -> list[Verdict]:
        """On the mutants of these numbers: first before the process that has the cases of their ruleset, then before
        all others.
        """
        first: list[list[int]] = [[] for _ in self._ends]
        for number in numbers:
            first[self._home(number)].append(number)
        verdicts = self._round(first, progress)
        for place in range(1, len(self._ends)):
            shift: list[list[int]] = [[] for _ in self._ends]
            for number, one in verdicts.items():
                if not one.killer and not one.refused:
                    shift[(self._home(number) + place) % len(self._ends)].append(number)
            again = self._round(shift, progress)
            verdicts |= {
                number: one if one.killer or not verdicts[number].differs else verdicts[number]
                for number, one in again.items()
            }
        return [verdicts[number] for number in sorted(verdicts)]

    def _home(self, number: int) -> int:
        return self._homes.get(self._mutants[number].ruleset, 0)

    def _round(self, shares: Sequence[Sequence[int]], progress: Progress) -> dict[int, Verdict]:
        for end, share in zip(self._ends, shares, strict=True):
            end.send(tuple(share))
        found = [verdict for of in self._heard(progress) for verdict in of]
        return {number: Verdict(self._mutants[number], *rest) for number, *rest in found}

    def _heard(self, progress: Progress) -> list[Any]:
        """The answer of each process, in their order."""
        answers: dict[int, Any] = {}
        while len(answers) < len(self._ends):
            waiting = [end for number, end in enumerate(self._ends) if number not in answers]
            for end in cast("list[Connection[Any, Any]]", wait(waiting)):
                said: _Said = end.recv()
                if said.failing:
                    raise InputError(said.failing)
                progress(said.tried)
                if said.done:
                    answers[self._ends.index(end)] = said.answer
        return [answers[number] for number in sorted(answers)]


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


# One process


@dataclass(frozen=True, slots=True)
class _Said:
    """To the process that started it: how far it is, what it found, or why it cannot go on."""

    tried: int = 0
    done: bool = False
    answer: object = None
    failing: str = ""


_OFTEN = 200  # mutants


def _sit(
    end: Connection[Any, Any], stage: Stage, cases: Sequence[Case], mutants: Sequence[Mutant], rehearse: Rehearse
) -> None:
    """Plays its cases once, then judges whatever numbers it is sent, until it is ended."""
    try:
        rehearsal = rehearse(stage, cases, lambda tried: end.send(_Said(tried)))
        jury = Jury(stage, rehearsal.heard, rehearsal.pins)
    except CdsError as error:
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
