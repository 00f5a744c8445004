"""All checks of a folder of rulesets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from cds.ruleset.load import load
from cds.ruleset.model import Count, FactSpec, Knowledge, Rule, Ruleset
from cds.ruleset.program import with_used
from cds.workbench.soundness import amounts, offers, sources, unread, untested
from cds.workbench.soundness.finding import Finding, Sort
from cds.workbench.soundness.seen import Seen
from cds.workbench.testing import collect
from cds.workbench.traces import Stage


@dataclass(frozen=True, slots=True)
class Together:
    """Rulesets that run together; ``own``: those of them that are looked at here, and nowhere else."""

    knowledge: Knowledge
    rulesets: tuple[Ruleset, ...]
    own: tuple[Ruleset, ...]

    @property
    def rules(self) -> list[Rule]:
        return [rule for ruleset in self.rulesets for rule in ruleset.rules]

    @property
    def own_rules(self) -> list[Rule]:
        return [rule for ruleset in self.own for rule in ruleset.rules]

    @property
    def counts(self) -> Mapping[str, Count]:
        return {name: count for ruleset in self.rulesets for name, count in ruleset.counts.items()}

    @property
    def specs(self) -> Mapping[str, FactSpec]:
        return {name: spec for ruleset in self.rulesets for name, spec in ruleset.facts.items()}


PROVEN: frozenset[Sort] = frozenset(
    {"unreachable", "never together", "never so", "covered", "gap", "overlap", "contradiction"}
)
"""What needs the solver."""

Prove: TypeAlias = Callable[[Together, Seen], Iterator[Finding]]


def findings(folder: Path, today: date, prove: Prove | None) -> Iterator[Finding]:
    """Of every ruleset that is not retired. ``prove``: ``proving.findings``; without the solver nothing is proven.

    Raises ``RulesetError`` when the rulesets do not load, ``InputError`` when a case is wrong.
    """
    knowledge = load(folder)
    seen = Seen.of(Stage.of(folder).scenes(collect(folder)))
    yield from unread.findings(knowledge)
    yield from offers.findings(knowledge)
    for ruleset in _current(knowledge):
        yield from sources.findings(ruleset, today)
        yield from untested.findings(ruleset, seen)
    for together in sets(knowledge):
        yield from amounts.findings(together.own_rules, together.counts, together.specs)
        if prove is not None:
            yield from prove(together, seen)


def sets(knowledge: Knowledge) -> Iterator[Together]:
    """The largest first: a ruleset is looked at among all with which some service runs it."""
    names = [service.rulesets for service in knowledge.services]
    names += [(ruleset.id,) for ruleset in _current(knowledge)]
    whole = sorted((with_used(knowledge.rulesets, ids) for ids in names), key=len, reverse=True)
    done: set[str] = set()
    for rulesets in whole:
        own = tuple(one for one in rulesets if one.id not in done)
        done |= {one.id for one in own}
        if own:
            yield Together(knowledge, rulesets, own)


def _current(knowledge: Knowledge) -> tuple[Ruleset, ...]:
    return tuple(ruleset for ruleset in knowledge.rulesets.values() if ruleset.status != "retired")
