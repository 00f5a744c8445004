"""The ways in which a card may be wrong, whatever the rule concludes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cds.ruleset.advice import INDICATORS, Card, Suggestion
from cds.ruleset.model import Rule
from cds.workbench.mutation.mutant import Mutant

_TIERS = ("T0", "T1", "T2", "T3", "T4")


def of_card(rule: Rule) -> Iterator[Mutant]:
    def mutant(what: str, changed: Rule) -> Mutant:
        return Mutant(rule.id, "card", what, rule.ruleset, rule.place, changed)

    card = rule.card
    if card is None:
        return
    for what, other in _others(card):
        yield mutant(what, replace(rule, card=other))
    for hook in sorted(rule.hooks):
        yield mutant(f"not at {hook}", replace(rule, hooks=rule.hooks - {hook}))
    yield mutant(f"`rank: {rule.rank}` -> {rule.rank + 1}", replace(rule, rank=rule.rank + 1))


def _others(card: Card) -> Iterator[tuple[str, Card]]:
    for indicator in INDICATORS:
        if indicator != card.indicator:
            yield f"`indicator: {card.indicator}` -> {indicator}", replace(card, indicator=indicator)
    if card.tier:
        other = _TIERS[_TIERS.index(card.tier) - 1]
        yield f"`tier: {card.tier}` -> {other}", replace(card, tier=other)
    yield "`summary` with another word", replace(card, summary=f"{card.summary} not")
    if card.detail:
        yield "without `detail`", replace(card, detail="")
    if card.merge:
        yield f"not merged with {card.merge}", replace(card, merge="")
    if card.quiet:
        yield f"`quiet: {card.quiet:g} days` -> {card.quiet + 1:g}", replace(card, quiet=card.quiet + 1)
    yield from _offered(card)
    for link in card.links:
        yield f"without the link {link.label}", replace(card, links=tuple(one for one in card.links if one != link))
    for remark in card.remarks:
        left = tuple(one for one in card.remarks if one != remark)
        yield f"without what it says when {remark.subject}", replace(card, remarks=left)
    for reason in card.override:
        left_ = tuple(one for one in card.override if one != reason)
        yield f"without the override reason {reason.code}", replace(card, override=left_)


def _offered(card: Card) -> Iterator[tuple[str, Card]]:
    if card.offer_at_most is not None:
        yield "one suggestion more", replace(card, offer_at_most=card.offer_at_most + 1)
    if card.suggest and card.selection == "at-most-one":
        yield "any of its suggestions", replace(card, selection="any")
    for number, suggestion in enumerate(card.suggest):
        before, after = card.suggest[:number], card.suggest[number + 1 :]
        yield f"without the suggestion {suggestion.label}", replace(card, suggest=(*before, *after))
        for what, other in _suggested(suggestion):
            yield f"{what} of {suggestion.label}", replace(card, suggest=(*before, other, *after))


def _suggested(suggestion: Suggestion) -> Iterator[tuple[str, Suggestion]]:
    yield "`recommended` the other way", replace(suggestion, recommended=not suggestion.recommended)
    if suggestion.when:
        yield f"without `when: {suggestion.when}`", replace(suggestion, when="")
    if suggestion.unless:
        yield f"without `unless: {suggestion.unless}`", replace(suggestion, unless="")
    for number, action in enumerate(suggestion.actions if len(suggestion.actions) > 1 else ()):
        left = (*suggestion.actions[:number], *suggestion.actions[number + 1 :])
        yield f"without {action.description}", replace(suggestion, actions=left)
