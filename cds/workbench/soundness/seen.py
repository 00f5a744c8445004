"""What the cases have shown already, and need not be proven: which rules fire, and what decides them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

from cds.conditions import Situation
from cds.ruleset.model import AnyOf, Rule, Test
from cds.ruleset.selection import rules_of
from cds.workbench.traces import Scene

EXCEPTIONS = ("unless", "without")


@dataclass(frozen=True, slots=True)
class Seen:
    """``held``: alternatives of an `any` that held while their rule fired. ``bitten``: exceptions that kept one silent.

    ``alone``: rules that fired while no other with the same conclusion did. ``shown``: those whose card a case lists.
    ``tested``: those that fired in any case, also of a site with parameters of its own.
    """

    fired: set[str] = field(default_factory=set)
    held: set[tuple[str, Test]] = field(default_factory=set)
    bitten: set[tuple[str, Test]] = field(default_factory=set)
    alone: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    tested: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, scenes: Iterable[Scene]) -> Seen:
        """From cases with a site's own parameters nothing is taken, as the rules have other numbers there."""
        seen = cls()
        for scene in scenes:
            seen.shown.update(scene.case.cards)
            seen.tested.update(name for name, _ in scene.inference.fired)
            if not scene.case.parameters:
                seen._look(scene)
        return seen

    def _look(self, scene: Scene) -> None:
        fired = {name for name, _ in scene.inference.fired}
        drawing: dict[str, list[str]] = defaultdict(list)
        for rule in rules_of(scene.material.program):
            if rule.id in fired and rule.conclude:
                drawing[rule.conclude].append(rule.id)
            for _, situation in scene.of_rule(rule):
                self._decided(rule, situation)
        self.fired.update(fired)
        self.alone.update(names[0] for names in drawing.values() if len(names) == 1)

    def _decided(self, rule: Rule, situation: Situation) -> None:
        failing = [one for one in rule.when if situation.truth(one) is not True]
        if not failing:
            self.held.update((rule.id, test) for test in alternatives(rule) if situation.truth(test) is True)
        elif len(failing) == 1 and is_exception(failing[0]) and situation.truth(failing[0]) is False:
            self.bitten.add((rule.id, failing[0]))


def alternatives(rule: Rule) -> Iterator[Test]:
    for condition in rule.when:
        if isinstance(condition, AnyOf):
            yield from condition.tests


def exceptions(rule: Rule) -> Iterator[Test]:
    return (condition for condition in rule.when if is_exception(condition))


def is_exception(condition: Test | AnyOf) -> TypeGuard[Test]:
    return isinstance(condition, Test) and condition.relation in EXCEPTIONS
