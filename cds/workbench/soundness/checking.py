"""All checks of a folder of rulesets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from cds.ruleset.load import load
from cds.ruleset.model import Count, FactSpec, Knowledge, Rule, Ruleset
from cds.ruleset.program import with_used
from cds.workbench.soundness import amounts, offers, sources, unread, untested
from cds.workbench.soundness.finding import Finding
from cds.workbench.soundness.seen import Seen
from cds.workbench.testing import collect
from cds.workbench.traces import Stage

SOLVER = "z3"


def has_solver() -> bool:
    return find_spec(SOLVER) is not None


@dataclass(frozen=True, slots=True)
class Together:
    """Rulesets that run together; ``own``: those of them that are looked at here, and nowhere else."""

    rulesets: tuple[Ruleset, ...]
    own: tuple[Ruleset, ...]

    @property
    def rules(self) -> list[Rule]:
        return [rule for ruleset in self.rulesets for rule in ruleset.rules]

    @property
    def counts(self) -> Mapping[str, Count]:
        return {name: count for ruleset in self.rulesets for name, count in ruleset.counts.items()}

    @property
    def specs(self) -> Mapping[str, FactSpec]:
        return {name: spec for ruleset in self.rulesets for name, spec in ruleset.facts.items()}


def findings(folder: Path, today: date) -> Iterator[Finding]:
    """Of every ruleset that is not retired. Without the solver nothing is proven, and the rest is done.

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
        own = [rule for ruleset in together.own for rule in ruleset.rules]
        yield from amounts.findings(own, together.counts, together.specs)
        if has_solver():
            yield from _proven(knowledge, together, own, seen)


def _proven(knowledge: Knowledge, together: Together, own: Sequence[Rule], seen: Seen) -> Iterator[Finding]:
    from cds.workbench.soundness import advice, bands, covering, reaching
    from cds.workbench.soundness.solving import Prover

    prover = Prover(together.rules, together.counts, together.specs)
    for rule in own:
        yield from reaching.findings(prover, rule, seen)
    yield from covering.findings(prover, own, seen)
    yield from bands.findings(prover, own)
    yield from advice.findings(prover, own, knowledge)


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
            yield Together(rulesets, own)


def _current(knowledge: Knowledge) -> tuple[Ruleset, ...]:
    return tuple(ruleset for ruleset in knowledge.rulesets.values() if ruleset.status != "retired")
