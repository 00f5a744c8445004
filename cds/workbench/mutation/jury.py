"""The mutants of rulesets before their cases, in one process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from cds.errors import InputError
from cds.ruleset.cases import Case
from cds.ruleset.model import Count, FactSpec, Rule
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.trial import Trial
from cds.workbench.mutation.trial_of_facts import FactTrial
from cds.workbench.mutation.trial_of_pins import PinTrial
from cds.workbench.mutation.verdict import Verdict
from cds.workbench.mutation.witness import Theatre, Witness
from cds.workbench.traces import Stage


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
