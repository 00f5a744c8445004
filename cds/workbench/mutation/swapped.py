"""The rules that a mutant changes, each beside what it becomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cds.ruleset.asked import tests_of
from cds.ruleset.model import AnyOf, Condition, Count, Rule, Test
from cds.workbench.mutation.mutant import Mutant


@dataclass(frozen=True, slots=True)
class Pair:
    """``after`` has another id than ``before``, so that both can be asked about; ``count``: what it asks instead."""

    before: Rule
    after: Rule
    count: Count | None = None


def pairs(mutant: Mutant, rules: Iterable[Rule]) -> list[Pair]:
    """A changed rule; or every rule that asks for a changed count, which goes by another name beside the old one."""
    changed = mutant.changed
    if isinstance(changed, Rule):
        return [Pair(rule, replace(changed, id=mutant.id)) for rule in rules if rule.id == mutant.subject]
    assert isinstance(changed, Count)
    renamed = replace(changed, name=mutant.id)
    asking = (rule for rule in rules if any(test.subject == changed.name for test in tests_of(rule, {})))
    return [
        Pair(rule, replace(_asking_for(renamed.name, changed.name, rule), id=f"{rule.id} of {mutant.id}"), renamed)
        for rule in asking
    ]


def _asking_for(name: str, instead_of: str, rule: Rule) -> Rule:
    def test(one: Test) -> Test:
        return replace(one, subject=name) if one.subject == instead_of else one

    def condition(one: Condition) -> Condition:
        return replace(one, tests=tuple(map(test, one.tests))) if isinstance(one, AnyOf) else test(one)

    return replace(rule, when=tuple(map(condition, rule.when)))
