"""The cards of an answer as a clinician sees them, held against those that were expected."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cds.hooks.answer import Answer
from cds.ruleset.cases import Shown


def shown(answered: Answer) -> Iterator[tuple[Shown, dict[str, Any]]]:
    """Each card with its rules as they are recorded, without versions; a card about missing data has none."""
    for card, issued in zip(answered.response["cards"], answered.decision.cards, strict=True):
        yield Shown(tuple(map(bare, issued.rules)), card["indicator"], card["summary"]), card


def bare(reference: str) -> str:
    """The rule of ``rule@version``."""
    return reference.partition("@")[0]


def differences(expected: Sequence[Shown], got: Sequence[Shown]) -> Iterator[tuple[str, str]]:
    """Each with the rule to explain, if there is one."""
    for card in (one for one in expected if one not in got):
        yield f"expected: {card}", _leading(card)
    for card in (one for one in got if one not in expected):
        yield f"got:      {card}", _leading(card)
    if sorted(map(str, expected)) == sorted(map(str, got)) and list(expected) != list(got):
        yield f"in another order: {json.dumps(list(map(_leading, got)))}", ""


def _leading(card: Shown) -> str:
    return card.rules[0] if card.rules else ""
