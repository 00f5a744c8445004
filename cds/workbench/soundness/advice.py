"""Cards that contradict each other on one input.

Two cards contradict each other when one says so of the other (``opposes``); when both are about one order, and one
offers to delete it while the other offers to change it; or when one of them is of tier T0 and the other, of the same
domain, of tier T4. Cards of one merge group are one card, led by the most urgent, and do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import z3

from cds.ruleset.advice import Card
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Rule
from cds.workbench.soundness.finding import Finding
from cds.workbench.soundness.solving import Prover

_EMERGENCY, _ROUTINE = "T0", "T4"


def findings(prover: Prover, own: Sequence[Rule]) -> Iterator[Finding]:
    """``own``: the rules that are looked at here, each beside all that run with it."""
    showing = [rule for rule in prover.rules if rule.card]
    mine = {rule.id for rule in own}
    for rule in showing:
        against = [(other, why) for other in showing if (why := _why(prover, rule, other))]
        against = [(other, why) for other, why in against if mine & {rule.id, other.id}]
        terms = [z3.And(*(prover.formulas.rule(one).true for one in (rule, other))) for other, _ in against]
        possible = prover.possible(terms, [rule, *(other for other, _ in against)])
        for number in sorted(possible):
            yield _finding(prover, rule, *against[number])


def _why(prover: Prover, rule: Rule, other: Rule) -> str:
    """In what the second card contradicts the first, or nothing. Of two alike only one is asked about the other."""
    one, two = rule.card, other.card
    assert one is not None and two is not None
    if rule is other or not _seen_together(rule, other):
        return ""
    if {other.id, other.topic} & set(one.opposes):
        return "which it opposes"
    if one.merge and one.merge == two.merge:
        return ""
    if (
        rule.each
        and _kind(prover, rule) == _kind(prover, other)
        and "delete" in _verbs(one)
        and "update" in _verbs(two)
    ):
        return "the first offers to delete the order that the second offers to change"
    if (one.tier, two.tier) == (_EMERGENCY, _ROUTINE) and _domain(rule) == _domain(other):
        return f"the first is an emergency ({_EMERGENCY}), the second routine ({_ROUTINE})"
    return ""


def _seen_together(rule: Rule, other: Rule) -> bool:
    return not rule.hooks or not other.hooks or not rule.hooks.isdisjoint(other.hooks)


def _verbs(card: Card) -> set[str]:
    return {action.type for action in chain.from_iterable(one.actions for one in card.suggest)}


def _kind(prover: Prover, rule: Rule) -> str:
    return KINDS[prover.specs[rule.each].kind].name if rule.each else ""


def _domain(rule: Rule) -> str:
    """The folder that the folder of the ruleset lies in."""
    return rule.place.file.split("/")[-3]


def _finding(prover: Prover, rule: Rule, other: Rule, why: str) -> Finding:
    message = f'rule "{rule.id}" shows its card on an input on which "{other.id}" does too: {why}'
    witness = prover.witness([rule, other])
    return Finding("contradiction", rule.ruleset, (rule.id, other.id), rule.place, message, witness)
