"""Cards that contradict each other on one input.

Two cards contradict each other when one says so of the other (``opposes``); when both are about one order, and one
offers to delete it while the other offers to hasten it; or when one of them is an emergency (T0) and the other, of the
same domain, is routine (T4) and asks for nothing to be done: it reassures. Cards of one merge group are one card, led
by the most urgent, and do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import z3

from cds.ruleset.advice import Action, Card
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Rule
from cds.workbench.soundness.finding import Finding
from cds.workbench.soundness.solving import Prover

_EMERGENCY, _ROUTINE = "T0", "T4"
_TO_BE_DONE = ("MedicationRequest", "ServiceRequest", "Task")


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
    if rule.each and _kind(prover, rule) == _kind(prover, other) and _deletes(one) and _hastens(two):
        return "the first offers to delete the order that the second offers to hasten"
    if one.tier == _EMERGENCY and _reassures(two) and _domain(rule) == _domain(other):
        return f"the first is an emergency ({_EMERGENCY}), the second reassures ({_ROUTINE})"
    return ""


def _seen_together(rule: Rule, other: Rule) -> bool:
    return not rule.hooks or not other.hooks or not rule.hooks.isdisjoint(other.hooks)


def _actions(card: Card) -> Iterator[Action]:
    return chain.from_iterable(suggestion.actions for suggestion in card.suggest)


def _deletes(card: Card) -> bool:
    return any(action.type == "delete" for action in _actions(card))


def _hastens(card: Card) -> bool:
    return any(action.type == "update" and "priority" in (action.template or {}) for action in _actions(card))


def _reassures(card: Card) -> bool:
    asked = {str(action.template.get("resourceType")) for action in _actions(card) if action.template}
    return card.tier == _ROUTINE and asked.isdisjoint(_TO_BE_DONE)


def _kind(prover: Prover, rule: Rule) -> str:
    return KINDS[prover.specs[rule.each].kind].name if rule.each else ""


def _domain(rule: Rule) -> str:
    """The folder that the folder of the ruleset lies in."""
    return rule.place.file.split("/")[-3]


def _finding(prover: Prover, rule: Rule, other: Rule, why: str) -> Finding:
    message = f'rule "{rule.id}" shows its card on an input on which "{other.id}" does too: {why}'
    witness = prover.witness([rule, other])
    return Finding("contradiction", rule.ruleset, (rule.id, other.id), rule.place, message, witness)
