"""Which cards an outcome makes: firings that belong together, in order, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cds.outcome import Firing
from cds.ruleset.advice import Card


@dataclass(frozen=True, slots=True)
class Group:
    """The firings that make up one card; the first, the most urgent, leads. ``trigger``: of ``hooks.quiet``."""

    firings: tuple[Firing, ...]
    trigger: str = ""

    @property
    def card(self) -> Card:
        return card_of(self.firings[0])

    @property
    def critical(self) -> bool:
        return self.card.indicator == "critical"

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(map(rule_reference, self.firings))


def card_of(firing: Firing) -> Card:
    assert firing.rule.card is not None
    return firing.rule.card


def rule_reference(firing: Firing) -> str:
    return f"{firing.rule.id}@{firing.rule.version}"


def groups(recommendations: Sequence[Firing]) -> tuple[Group, ...]:
    """In the order of the outcome, most urgent first, so that the most urgent of a merge group leads it.

    Firings on different orders are never merged: what they suggest is about one of them. What is said of the patient
    goes with the first order that its merge group speaks of.
    """
    orders = {card_of(firing).merge: firing.item for firing in reversed(recommendations) if firing.item}
    orders.pop("", None)
    found: dict[tuple[str, str, str | None], tuple[Firing, ...]] = {}
    for firing in recommendations:
        merge = card_of(firing).merge
        key = (merge, "" if merge else firing.rule.id, firing.item or orders.get(merge))
        found[key] = (*found.get(key, ()), firing)
    return tuple([Group(firings) for firings in found.values()])


def within(limit: int, ordered: Sequence[Group]) -> tuple[Sequence[Group], Sequence[Group]]:
    """Those that are shown and those there is no room for. Critical cards are shown whatever the limit, and one card
    always is: the others are named in it.
    """
    room = max(limit, 1, sum(group.critical for group in ordered))
    return ordered[:room], ordered[room:]


def chain_of(firings: Iterable[Firing]) -> Iterator[Firing]:
    """The firings and, below them, those that drew what they rest on, each once."""
    waiting, seen = list(firings), set[tuple[str, str | None]]()
    while waiting:
        firing = waiting.pop(0)
        if (firing.rule.id, firing.item) not in seen:
            seen.add((firing.rule.id, firing.item))
            waiting += [cause for reason in firing.reasons for cause in reason.because]
            yield firing
