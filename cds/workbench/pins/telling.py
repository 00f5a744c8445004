"""Pins that tell mutants from the rules as they are, where no case notices them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeAlias

from cds import conditions
from cds.clinical import Fact
from cds.conditions import Truth
from cds.ruleset.asked import tests_of
from cds.ruleset.model import Count, Program, Rule, Ruleset, Test
from cds.ruleset.selection import rules_of
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.swapped import Pair, pairs
from cds.workbench.mutation.trial import mutated
from cds.workbench.pins.following import Follows, follows, hook_of
from cds.workbench.pins.search import GivenUp, Sketch, search
from cds.workbench.pins.wants import NOT_TRUE, TRUE, Comes, Holds, Want
from cds.workbench.pins.world import World
from cds.workbench.plainest import Known, as_order, plainest, whole

Patients: TypeAlias = Callable[[Mutant, str], Iterable[Known]]
"""Facts that may tell a mutant from its rule by what is seen of one ruleset."""

MOST_SKETCHES = 300  # for one way in which a rule and its mutant may differ
_APART: tuple[tuple[Truth, Truth], ...] = (
    (True, False),
    (False, True),
    (True, None),
    (None, True),
    (None, False),
    (False, None),
)


@dataclass(frozen=True, slots=True)
class Teller:
    """``tells``: the mutants that would break the pin."""

    name: str
    facts: Mapping[str, Fact]
    follows: Follows
    tells: tuple[Mutant, ...]
    hook: str


@dataclass(frozen=True, slots=True)
class Told:
    ruleset: Ruleset
    pins: tuple[Teller, ...] = ()
    untold: tuple[Mutant, ...] = ()


class Beside:
    """A ruleset as it is beside the same with a mutant in it, at one hook."""

    def __init__(self, ruleset: Ruleset, program: Program, mutant: Mutant, hook: str) -> None:
        self.hook = hook
        self._ruleset, self._program = ruleset, program
        self._changed = mutated(program, mutant)

    def tells(self, facts: Known) -> bool:
        return self._changed is not None and self.follows(facts) != self._of(self._changed, facts)

    def follows(self, facts: Known) -> Follows:
        return self._of(self._program, facts)

    def _of(self, program: Program, facts: Known) -> Follows:
        inference = conditions.infer(program, whole(self._program.facts, facts))
        return follows(self._ruleset, inference, self.hook)


def told(ruleset: Ruleset, program: Program, mutants: Iterable[Mutant], patients: Patients) -> Told:
    """One pin for each mutant that no pin made before tells from the rule as it is."""
    left, pins, untold = list(mutants), [], []
    while left:
        mutant = left.pop(0)
        found = _facts(ruleset, program, mutant, patients)
        if found is None:
            untold.append(mutant)
            continue
        beside, facts = found
        others = [one for one in left if one.subject == mutant.subject]
        alike = [one for one in others if Beside(ruleset, program, one, beside.hook).tells(facts)]
        left = [one for one in left if one not in alike]
        told_ = {name: as_order(program.facts[name], fact) for name, fact in facts.items()}
        pins.append(Teller(name_of(mutant), told_, beside.follows(facts), (mutant, *alike), beside.hook))
    return Told(ruleset, tuple(sorted(pins, key=lambda pin: (pin.tells[0].place.line, pin.name))), tuple(untold))


def name_of(mutant: Mutant) -> str:
    number = f" ({mutant.number})" if mutant.number > 1 else ""
    return f"{mutant.subject}: not {mutant.what} ({mutant.kind}){number}"


def _facts(ruleset: Ruleset, program: Program, mutant: Mutant, patients: Patients) -> tuple[Beside, Known] | None:
    """The first that are found, and shown to tell the mutant."""
    asking = pairs(mutant, [rule for rule in rules_of(program) if rule.ruleset == ruleset.id])
    hooks = dict.fromkeys(hook_of(pair.before) for pair in asking)
    besides = [Beside(ruleset, program, mutant, hook) for hook in hooks]
    searched = (facts for pair in asking for facts in _searched(program, mutant, pair))
    for facts in chain(patients(mutant, ruleset.id), searched):
        for beside in besides:
            if beside.tells(facts):
                return beside, plainest(facts, beside.tells)
    return None


# What a rule and its mutant are to come to


def _searched(program: Program, mutant: Mutant, pair: Pair) -> Iterator[dict[str, Fact]]:
    world = _world(program, mutant, pair)
    for wanted in _apart(pair.before, pair.after, world):
        try:
            sketch = search(world, Sketch(), wanted, MOST_SKETCHES)
        except GivenUp:
            continue
        if sketch:
            yield sketch.facts(world)


def _apart(before: Rule, after: Rule, world: World) -> Iterator[tuple[Want, ...]]:
    there = [Holds(Test(before.each, "present"), TRUE, before.each)] if before.each else []
    others = [rule for rule in world.drawing.get(before.conclude, ()) if rule.id != before.id]
    alone = [Comes(rule, NOT_TRUE) for rule in others]
    for one, other in _APART:
        yield (*there, Comes(before, frozenset({one})), Comes(after, frozenset({other})), *alone)


def _world(program: Program, mutant: Mutant, pair: Pair) -> World:
    """It knows what both ask for."""
    if isinstance(mutant.changed, Count):
        assert pair.count is not None
        with_both = replace(program, counts={**program.counts, pair.count.name: pair.count})
        return World(with_both, pair.count.tests)
    return World(program, tests_of(pair.after, program.counts))
