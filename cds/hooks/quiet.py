"""Cards that are kept back: their user has accepted or overridden the same advice on the same data.

A card that was only sent keeps nothing back, because it may never have been seen. A critical card is always shown,
and so is every card when it is not known who asks, or not known what they answered before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from cds.clinical import Evidence, Fact, State
from cds.errors import Unavailable
from cds.hooks.groups import Group, card_of, chain_of
from cds.outcome import Firing
from cds.ruleset.model import Rule

Pseudonym: TypeAlias = Callable[[str, str], str]
"""A keyed hash: of what kind something is, and what; the caller it comes from is part of it."""

_ON_RECORD = (State.PRESENT, State.DENIED)


class Responses(Protocol):
    """What users did with the cards they were sent."""

    def __call__(self, patient: str, user: str, triggers: frozenset[str]) -> Mapping[str, datetime]:
        """When this user last accepted or overrode a card about this patient, by its trigger; of those asked for.

        No moment is later than the report of it came in. Raises ``Unavailable`` when it cannot be told.
        """


def marked(
    groups: Iterable[Group], facts: Mapping[str, Fact], steady: frozenset[tuple[str, str]], pseudonym: Pseudonym
) -> list[Group]:
    """Each with its trigger, by which it is known when it comes again: its rules, and the data that made them fire.

    ``facts``: of the call; ``steady``: of ``recorded.Asked``.
    """
    return [
        Group(group.firings, pseudonym("trigger", _grounds(group.firings, tuple(_items(group, facts)), steady)))
        for group in groups
    ]


def _items(group: Group, facts: Mapping[str, Fact]) -> Iterator[Fact]:
    """The orders a card is about. Clients use the id of a draft again for another one: what it says counts."""
    for firing in group.firings:
        if firing.item is not None:
            yield next(item for item in facts[firing.rule.each].items if item.name == firing.item)


def _grounds(firings: Iterable[Firing], items: Iterable[Fact], steady: frozenset[tuple[str, str]]) -> str:
    """What is on record and decided. That something is not, or could not be looked at, may come and go with what a
    client sends; and what moves with the clock, such as the days since an onset, is no news. Nor is it that the patient
    was seen again: there is an encounter for every visit, and a card would never be quiet.
    """
    reasons = [reason for firing in chain_of(firings) for reason in firing.reasons]
    on_record = (fact for reason in reasons for fact in reason.facts if fact.state in _ON_RECORD)
    facts = {fact.name: fact for fact in on_record if not fact.evidence or any(map(_tells, fact.evidence))}
    compared = {pair for reason in reasons for pair in reason.attributes if pair in steady and pair[0] in facts}
    return repr(
        (
            sorted((firing.rule.id, _major(firing.rule), firing.item or "") for firing in firings),
            sorted((name, fact.state.value) for name, fact in facts.items()),
            sorted(
                {
                    (one.reference, one.label, one.value, one.when)
                    for fact in facts.values()
                    for one in filter(_tells, fact.evidence)
                }
            ),
            sorted((name, attribute, repr(facts[name].attributes.get(attribute))) for name, attribute in compared),
            sorted((item.name, repr(item.evidence), repr(sorted(item.attributes.items()))) for item in items),
        )
    )


def _tells(evidence: Evidence) -> bool:
    """It is about the patient, not about their being seen."""
    return not evidence.reference.startswith("Encounter/")


def _major(rule: Rule) -> str:
    """A rule that means something else is another rule."""
    return rule.version.partition(".")[0]


def quiet_days(group: Group) -> float:
    """For how long a response keeps the card back: as long as every firing in it allows."""
    return 0.0 if group.critical else min(card_of(firing).quiet for firing in group.firings)


def kept_back(
    groups: Iterable[Group], patient: str, user: str, responses: Responses | None, now: datetime
) -> frozenset[str]:
    """The triggers of the groups whose cards are kept back now."""
    spans = {group.trigger: timedelta(days=days) for group in groups if group.trigger and (days := quiet_days(group))}
    if not spans or not user or responses is None:
        return frozenset()
    try:
        answered = responses(patient, user, frozenset(spans))
    except Unavailable:
        return frozenset()
    return frozenset(mark for mark, at in answered.items() if timedelta(0) <= now - at < spans[mark])
