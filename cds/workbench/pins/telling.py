"""Pins that tell mutants from the rules as they are, where no case notices them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cds import conditions
from cds.clinical import Fact
from cds.conditions import Truth
from cds.ruleset.asked import tests_of
from cds.ruleset.model import AnyOf, Condition, Count, Program, Rule, Ruleset, Test
from cds.ruleset.selection import rules_of
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.trial import mutated
from cds.workbench.pins.following import Follows, follows, hook_of, whole
from cds.workbench.pins.search import GivenUp, Sketch, search
from cds.workbench.pins.wants import NOT_TRUE, TRUE, Comes, Holds, Want
from cds.workbench.pins.world import World

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


def told(ruleset: Ruleset, program: Program, mutants: Iterable[Mutant]) -> Told:
    """One pin for each mutant that no pin made before tells from the rule as it is."""
    left, pins, untold = list(mutants), [], []
    while left:
        mutant = left.pop(0)
        found = _facts(ruleset, program, mutant)
        if found is None:
            untold.append(mutant)
            continue
        facts, hook = found
        alike = [one for one in left if one.subject == mutant.subject and _tells(ruleset, program, one, facts, hook)]
        left = [one for one in left if one not in alike]
        name = f"{mutant.subject}: not {mutant.what} ({mutant.kind})"
        listed = _following(ruleset, program, program, facts, hook)
        pins.append(Teller(name, facts, listed, (mutant, *alike), hook))
    return Told(ruleset, tuple(sorted(pins, key=lambda pin: (pin.tells[0].place.line, pin.name))), tuple(untold))


def _facts(ruleset: Ruleset, program: Program, mutant: Mutant) -> tuple[dict[str, Fact], str] | None:
    """The first that are found, and shown to tell the mutant; at which hook."""
    world, pairs = _beside(program, mutant)
    for before, after in pairs:
        for wanted in _apart(before, after, world):
            try:
                sketch = search(world, Sketch(), wanted, MOST_SKETCHES)
            except GivenUp:
                continue
            facts = sketch.facts(world) if sketch else None
            if facts is not None and _tells(ruleset, program, mutant, facts, hook_of(before)):
                return facts, hook_of(before)
    return None


def _tells(ruleset: Ruleset, program: Program, mutant: Mutant, facts: Mapping[str, Fact], hook: str) -> bool:
    changed = mutated(program, mutant)
    if changed is None:
        return False
    return _following(ruleset, program, program, facts, hook) != _following(ruleset, program, changed, facts, hook)


def _following(ruleset: Ruleset, asked: Program, program: Program, facts: Mapping[str, Fact], hook: str) -> Follows:
    return follows(ruleset, conditions.infer(program, whole(asked, facts)), hook)


# What a rule and its mutant are to come to


def _apart(before: Rule, after: Rule, world: World) -> Iterator[tuple[Want, ...]]:
    there = [Holds(Test(before.each, "present"), TRUE, before.each)] if before.each else []
    others = [rule for rule in world.drawing.get(before.conclude, ()) if rule.id != before.id]
    alone = [Comes(rule, NOT_TRUE) for rule in others]
    for one, other in _APART:
        yield (*there, Comes(before, frozenset({one})), Comes(after, frozenset({other})), *alone)


def _beside(program: Program, mutant: Mutant) -> tuple[World, list[tuple[Rule, Rule]]]:
    """A world that knows what both ask for; a changed count goes by another name in it."""
    rules = [rule for rule in rules_of(program) if rule.ruleset == mutant.ruleset]
    if isinstance(mutant.changed, Rule):
        pairs = [(rule, mutant.changed) for rule in rules if rule.id == mutant.subject]
        return World(program, tests_of(mutant.changed, program.counts)), pairs
    assert isinstance(mutant.changed, Count)
    renamed = replace(mutant.changed, name=f"{mutant.changed.name}, changed")
    with_both = replace(program, counts={**program.counts, renamed.name: renamed})
    asking = [rule for rule in rules if any(test.subject == mutant.subject for test in tests_of(rule, program.counts))]
    pairs = [(rule, _asking_for(renamed.name, mutant.subject, rule)) for rule in asking]
    return World(with_both, renamed.tests), pairs


def _asking_for(name: str, instead_of: str, rule: Rule) -> Rule:
    def test(one: Test) -> Test:
        return replace(one, subject=name) if one.subject == instead_of else one

    def condition(one: Condition) -> Condition:
        return replace(one, tests=tuple(map(test, one.tests))) if isinstance(one, AnyOf) else test(one)

    return replace(rule, when=tuple(map(condition, rule.when)))
