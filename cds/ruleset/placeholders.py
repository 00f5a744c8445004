"""Placeholders in the texts of a card: ``{egfr}``, ``{leg_pain.side}``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds.ruleset.model import Rule

BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
"""A placeholder, with its inside as the group; or a brace that belongs to none, with no group."""


def facts_shown(rule: Rule) -> Iterator[str]:
    """The facts and counts that the card of a rule names."""
    if rule.card:
        yield from (remark.subject for remark in rule.card.remarks)
        texts = (rule.card.summary, rule.card.detail, *(remark.text for remark in rule.card.remarks))
        for match in BRACES.finditer("\n".join(texts)):
            yield (match[1] or "").partition(".")[0]
