"""What a rule shows to the clinician, as values: the card with its suggestions and links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from cds.clinical import Coding
from cds.ruleset.placeholders import BRACES, days_in

Indicator: TypeAlias = Literal["critical", "warning", "info"]

INDICATORS: tuple[Indicator, ...] = ("critical", "warning", "info")
"""Most urgent first."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing the clinician can accept. ``when``, ``unless``: facts or conclusions it is offered with, or not."""

    label: str
    actions: tuple[Action, ...]
    recommended: bool = False
    when: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """``template``: a new resource, or for ``update`` a JSON merge patch for the draft order; ``delete`` has none."""

    type: Literal["create", "update", "delete"]
    description: str
    template: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    type: Literal["absolute", "smart"] = "absolute"
    app_context: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A paragraph of a card that is said only when a fact is present or a conclusion was drawn."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a rule shows. Texts are templates with ``{fact}`` and ``{fact.attribute}``.

    ``quiet``: for how many days the card is kept back from a user who has accepted or overridden it, as long as it
    rests on the same data; 0: it is always shown.
    ``offer_at_most``: so many suggestions, the first ones; of a merged card the least of its parts counts. None: all.
    """

    indicator: Indicator
    summary: str
    detail: str = ""
    tier: str = ""  # "T0" … "T4", urgency; orders cards of one indicator
    merge: str = ""  # cards of one merge group become one: the first leads, the others are its "Also" lines
    suggest: tuple[Suggestion, ...] = ()
    selection: Literal["any", "at-most-one"] = "any"
    offer_at_most: int | None = None
    links: tuple[Link, ...] = ()
    remarks: tuple[Remark, ...] = ()
    override: tuple[Coding, ...] = ()
    quiet: float = 0.0
    opposes: tuple[str, ...] = ()  # rules, or topics, whose cards say the opposite: never to be shown beside it
    shown: tuple[str, ...] = field(init=False, repr=False, compare=False)  # the facts and counts that it names

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", tuple(dict.fromkeys(_named(self))))


def _named(card: Card) -> Iterator[str]:
    """In its texts or in what it suggests."""
    yield from (remark.subject for remark in card.remarks)
    texts = (card.summary, card.detail, *(remark.text for remark in card.remarks))
    for match in BRACES.finditer("\n".join(texts)):
        yield (match[1] or "").partition(".")[0]
    for suggestion in card.suggest:
        yield from filter(None, (suggestion.when, suggestion.unless))
        for action in suggestion.actions:
            yield from (day["fact"] for _, day in days_in(action.template or {}))
