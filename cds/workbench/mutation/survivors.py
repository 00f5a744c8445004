"""What is left of the mutants of rulesets: which no case notices, and whether that is so for a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from cds.errors import Problem
from cds.ruleset.asked import tests_of
from cds.ruleset.cases import Case
from cds.ruleset.model import Count, FactSpec, Knowledge, Rule, Ruleset
from cds.ruleset.program import with_used
from cds.workbench.golden import GOLDEN, golden_of
from cds.workbench.mutation.company import Progress, judged
from cds.workbench.mutation.equivalent import World, equivalent, world_of
from cds.workbench.mutation.equivalent_facts import same_fact
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.of_rulesets import conclusions_of, mutants
from cds.workbench.mutation.solver import Proofs, proofs_of
from cds.workbench.mutation.verdict import Verdict
from cds.workbench.reviewed import Reason, reviewed
from cds.workbench.traces import Stage

End: TypeAlias = Literal["killed", "refused", "equivalent", "justified", "survived"]


@dataclass(frozen=True, slots=True)
class Fate:
    """``by``: the case or golden card that noticed it, or the reason why none has to; of a survivor a case in which it
    comes to something else that the case does not ask about, "" none.
    """

    mutant: Mutant
    end: End
    by: str = ""


@dataclass(frozen=True, slots=True)
class Mutation:
    """What came of all mutants; ``stale``: reasons that are wanted no longer."""

    fates: tuple[Fate, ...]
    stale: tuple[Problem, ...] = ()

    @property
    def survivors(self) -> tuple[Fate, ...]:
        return tuple(fate for fate in self.fates if fate.end == "survived")


def mutation(
    stage: Stage, rulesets: Sequence[str], cases: Sequence[Case], jobs: int = 1, progress: Progress = lambda _: None
) -> Mutation:
    """The mutants of these rulesets before the cases. Raises ``InputError`` for a case that fails as it is."""
    heard = speaking_of(rulesets, cases, stage.usual)
    return fates(stage, rulesets, judged(stage, heard, logic_of(stage.usual, rulesets), jobs, progress))


def speaking_of(rulesets: Iterable[str], cases: Iterable[Case], knowledge: Knowledge) -> list[Case]:
    """The cases of these rulesets, and of those that use one of them."""
    wanted = frozenset(rulesets)
    used = {name: {one.id for one in with_used(knowledge.rulesets, [name])} for name in knowledge.rulesets}
    return [case for case in cases if not wanted.isdisjoint(used[case.ruleset])]


def logic_of(knowledge: Knowledge, rulesets: Iterable[str]) -> list[Mutant]:
    """The mutants that are tried before cases; what a card says is held against the golden cards."""
    return [mutant for mutant in _all_of(knowledge, rulesets) if mutant.kind != "card"]


def fates(stage: Stage, rulesets: Sequence[str], of_logic: Iterable[Verdict]) -> Mutation:
    """What comes of all mutants of these rulesets, by the verdicts on those of their logic."""
    chosen = [stage.usual.rulesets[name] for name in rulesets]
    cards = [mutant for mutant in _all_of(stage.usual, rulesets) if mutant.kind == "card"]
    end = _ending(stage.usual, proofs_of(stage.usual))
    return _reviewed(stage.folder, chosen, [end(verdict) for verdict in (*of_logic, *_of_cards(stage, chosen, cards))])


def _all_of(knowledge: Knowledge, rulesets: Iterable[str]) -> Iterator[Mutant]:
    conclusions = conclusions_of(knowledge.rulesets.values())
    for name in rulesets:
        yield from mutants(knowledge.rulesets[name], conclusions)


def of_conditions(knowledge: Knowledge, ruleset: str) -> list[Mutant]:
    """The mutants of the rules and counts of one ruleset, and of the counts of others that its rules ask for."""
    own = [one for one in _all_of(knowledge, [ruleset]) if one.kind not in ("card", "codes", "look-back", "parameter")]
    asked = {test.subject for rule in knowledge.rulesets[ruleset].rules for test in tests_of(rule, {})}
    used = [
        one.id for one in with_used(knowledge.rulesets, [ruleset]) if asked & one.counts.keys() and one.id != ruleset
    ]
    return own + [one for one in _all_of(knowledge, used) if isinstance(one.changed, Count) and one.subject in asked]


def survivors(stage: Stage, ruleset: str, cases: Sequence[Case], proofs: Proofs | None = None) -> Iterator[Mutant]:
    """Of the rules and counts of one ruleset, those that no case notices and some patient could tell."""
    end = _ending(stage.usual, proofs)
    fates = (end(verdict) for verdict in judged(stage, cases, of_conditions(stage.usual, ruleset), 1, lambda _: None))
    return (fate.mutant for fate in fates if fate.end == "survived")


def _of_cards(stage: Stage, rulesets: Iterable[Ruleset], cards: Iterable[Mutant]) -> Iterator[Verdict]:
    """The golden cards say everything that a card says: where there is one of a rule, it notices any change."""
    looks = {ruleset.id: golden_of(stage.folder, ruleset.id) for ruleset in rulesets}
    for mutant in cards:
        seen = mutant.subject in looks[mutant.ruleset]
        yield Verdict(mutant, f"{GOLDEN} of {mutant.ruleset}" if seen else "")


def _ending(knowledge: Knowledge, proofs: Proofs | None) -> Callable[[Verdict], Fate]:
    rulesets = knowledge.rulesets.values()
    rules = {rule.id: rule for ruleset in rulesets for rule in ruleset.rules}
    specs = {ruleset.id: ruleset.facts for ruleset in rulesets}
    world = _world(knowledge, rules)

    def end(verdict: Verdict) -> Fate:
        mutant = verdict.mutant
        if verdict.killer:
            return Fate(mutant, "killed", verdict.killer)
        if verdict.refused:
            return Fate(mutant, "refused", "the loader would not take it")
        changed = mutant.changed if mutant.kind != "card" else None
        if isinstance(changed, Rule) and equivalent(rules[mutant.subject], changed, world):
            return Fate(mutant, "equivalent", "it says the same")
        if proofs and proofs.changes_nothing(mutant):
            return Fate(mutant, "equivalent", "beside the other rules it changes nothing")
        if isinstance(changed, FactSpec) and same_fact(specs[mutant.ruleset][mutant.subject], changed, knowledge):
            return Fate(mutant, "equivalent", "it finds the same")
        return Fate(mutant, "survived", verdict.differs)

    return end


def _world(knowledge: Knowledge, rules: Mapping[str, Rule]) -> World:
    facts = {name: spec for ruleset in knowledge.rulesets.values() for name, spec in ruleset.facts.items()}
    counts = {name: count for ruleset in knowledge.rulesets.values() for name, count in ruleset.counts.items()}
    return world_of(facts, counts, rules.values())


def _reviewed(folder: Path, rulesets: Iterable[Ruleset], fates: Sequence[Fate]) -> Mutation:
    reasons = {
        ruleset.id: {reason.about: reason for reason in reviewed(folder, ruleset).mutants} for ruleset in rulesets
    }
    ended = {(fate.mutant.ruleset, fate.mutant.id): fate for fate in fates}
    stale: list[Problem] = []
    for ruleset, of in reasons.items():
        for about, reason in of.items():
            fate = ended.get((ruleset, about))
            if fate is None or fate.end != "survived":
                stale.append(reason.problem(_no_longer(fate, reason)))
            else:
                ended[ruleset, about] = Fate(fate.mutant, "justified", reason.reason)
    return Mutation(tuple(ended.values()), tuple(stale))


def _no_longer(fate: Fate | None, reason: Reason) -> str:
    if fate is None:
        return f'there is no mutant "{reason.about}" (any more); take its reason away'
    return f'the mutant "{reason.about}" is {fate.end} ({fate.by}) and needs no reason'
