"""Rules that add nothing: others with the same conclusion, or the same card, fire whenever they do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

import z3

from cds.ruleset.advice import Card
from cds.ruleset.model import Rule
from cds.workbench.soundness.finding import Finding
from cds.workbench.soundness.seen import Seen
from cds.workbench.soundness.solving import Prover


def findings(prover: Prover, rules: Iterable[Rule], seen: Seen) -> Iterator[Finding]:
    """A rule that does more than conclude is covered only by one with the same card."""
    alike: dict[Hashable, list[Rule]] = defaultdict(list)
    for rule in rules:
        alike[_does(rule)].append(rule)
    for group in alike.values():
        for rule in group:
            others = [one for one in group if one is not rule]
            if others and rule.id not in seen.alone and (covering := _covering(prover, rule, others)):
                names = ", ".join(f'"{one.id}"' for one in covering)
                message = f'rule "{rule.id}": whenever it fires, {names} fires too and {_same(rule)}'
                yield Finding("covered", rule.ruleset, (rule.id,), rule.place, message)


def _does(rule: Rule) -> Hashable:
    """What comes of it. Rules with system actions are each for themselves."""
    if rule.system:
        return rule.id
    shown = _shown(rule.card) if rule.card else ()
    return rule.each, rule.conclude, shown, rule.hooks if rule.card else frozenset()


def _shown(card: Card) -> Hashable:
    offered = tuple(suggestion.label for suggestion in card.suggest)
    return card.indicator, card.tier, card.summary, card.detail, card.remarks, offered


def _same(rule: Rule) -> str:
    return "shows the same card" if rule.card else f'concludes "{rule.conclude}" as well'


def _covering(prover: Prover, rule: Rule, others: Sequence[Rule]) -> list[Rule]:
    """As few of the others as are needed, so that the rule never fires without one of them; none: it does."""
    without = prover if not _feeds(prover, rule, others) else prover.without(rule)
    if _fires_alone(prover, without, rule, others) or not prover.holds([prover.formulas.rule(rule).true], [rule]):
        return []  # what never fires is told as such
    needed = list(others)
    for one in others:
        fewer = [other for other in needed if other is not one]
        if fewer and not _fires_alone(prover, without, rule, fewer):
            needed = fewer
    return needed


def _fires_alone(prover: Prover, without: Prover, rule: Rule, others: Sequence[Rule]) -> bool:
    silent = [z3.Not(without.formulas.rule(one).true) for one in others]
    solver = without.solver(others)
    solver.add(*prover.solver([rule]).assertions())
    return bool(solver.check(prover.formulas.rule(rule).true, *silent) == z3.sat)


def _feeds(prover: Prover, rule: Rule, others: Sequence[Rule]) -> bool:
    """Whether one of the others fires because this one does; then it is not the one that covers."""
    return any(one.id == rule.id for one in prover.closure(others))
