"""Every mutant of a ruleset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds.ruleset.model import Ruleset
from cds.workbench.mutation.mutant import Mutant, numbered
from cds.workbench.mutation.of_cards import of_card
from cds.workbench.mutation.of_facts import of_fact
from cds.workbench.mutation.of_rules import of_count, of_rule


def mutants(ruleset: Ruleset, conclusions: frozenset[str]) -> Iterator[Mutant]:
    """``conclusions``: the names that are no facts, of this ruleset and of those it uses."""
    return numbered(_all(ruleset, conclusions))


def conclusions_of(rulesets: Iterable[Ruleset]) -> frozenset[str]:
    return frozenset(rule.conclude for ruleset in rulesets for rule in ruleset.rules if rule.conclude)


def _all(ruleset: Ruleset, conclusions: frozenset[str]) -> Iterator[Mutant]:
    unnamed = frozenset(name for name in ruleset.counts if ", count " in name)
    for rule in ruleset.rules:
        yield from of_rule(rule, conclusions, unnamed)
        yield from of_card(rule)
    for count in ruleset.counts.values():
        yield from of_count(count, ruleset.id, conclusions)
    for spec in ruleset.facts.values():
        yield from of_fact(spec)
