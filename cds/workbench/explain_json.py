"""Explanations for programs: the same trees and lists that people are told, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from math import isinf

from cds.clinical import Bounds, Fact, Number, State, is_recorded
from cds.outcome import Firing, Outcome, Reason
from cds.workbench.changes import Value
from cds.workbench.flips import Flips
from cds.workbench.graph import OUTCOMES
from cds.workbench.whynot import Gap, Silence


def firing_json(firing: Firing, truth: bool | None = True) -> dict[str, object]:
    """A rule with its conditions, the facts these looked at, and the rules that drew what they ask for."""
    return {
        "rule": firing.rule.id,
        "ruleset": firing.rule.ruleset,
        "version": firing.rule.version,
        "item": firing.item,
        "outcome": OUTCOMES[truth],
        "title": firing.rule.title,
        "conditions": [_reason_json(reason) for reason in firing.reasons],
    }


def _reason_json(reason: Reason) -> dict[str, object]:
    return {
        "words": reason.words,
        "truth": reason.truth,
        "facts": [fact_json(fact) for fact in reason.facts],
        "because": [firing_json(cause) for cause in reason.because],
    }


def fact_json(fact: Fact) -> dict[str, object]:
    return {
        "name": fact.name,
        "state": fact.state.value,
        "attributes": {name: _plain(value) for name, value in fact.attributes.items()},
        "evidence": [
            {"reference": e.reference, "label": e.label, "value": e.value, "when": e.when, "note": e.note}
            for e in fact.evidence
        ],
        "missing": list(fact.missing),
        **({"items": [fact_json(item) for item in fact.items]} if fact.items else {}),
    }


def _plain(value: Number | str) -> object:
    """JSON has no infinity: an open end is null."""
    if not isinstance(value, Bounds):
        return value
    return {name: None if isinf(end) else end for name, end in zip(("low", "high"), value, strict=True)}


def report_json(outcome: Outcome) -> dict[str, object]:
    """Everything one evaluation found: cards with their reasons, what was withheld, what could not be decided."""
    return {
        "at": outcome.at.isoformat(),
        "cards": [_card_json(firing) for firing in outcome.recommendations],
        "withheld": [_card_json(firing) for firing in outcome.withheld],
        "actions": [firing_json(firing) for firing in outcome.actions],
        "conclusions": sorted(outcome.conclusions),
        "unanswered": [
            {"rule": one.rule.id, "item": one.item, "missing": list(one.missing)} for one in outcome.unanswered
        ],
        "facts": [fact_json(fact) for fact in outcome.facts.values() if is_recorded(fact) or fact.evidence],
    }


def _card_json(firing: Firing) -> dict[str, object]:
    assert firing.rule.card is not None
    return {"indicator": firing.rule.card.indicator, "tier": firing.rule.card.tier, **firing_json(firing)}


def silence_json(silence: Silence) -> dict[str, object]:
    """Of a rule that did not fire: what failed, what is not known and what would settle it."""
    return {
        "failing": list(silence.failing),
        "unknown": [_gap_json(gap) for gap in silence.gaps],
        "out_of_reach": [list(gate) for gate in silence.closed],
        "drawn_by_none": [
            {"conclusion": rule.conclude, "rule": rule.id, "outcome": OUTCOMES[truth], "not_met": list(not_met)}
            for rule, truth, not_met in silence.drawers
        ],
    }


def _gap_json(gap: Gap) -> dict[str, object]:
    return {
        "words": gap.words,
        "condition": gap.condition,
        "fact": fact_json(gap.fact),
        "reads": list(gap.reads),
        "settled_by": [{"change": words, "outcome": OUTCOMES[truth]} for words, truth in gap.settled_by],
    }


def flips_json(found: Iterable[Flips]) -> list[dict[str, object]]:
    return [
        {
            "rule": one.rule.id,
            "item": one.item,
            "outcome": OUTCOMES[one.truth],
            "wanted": OUTCOMES[one.wanted],
            "facts_changed": one.facts,
            "cut": one.cut,
            "more": one.more,
            "flips": [
                {
                    "words": list(flip.words),
                    "changes": [
                        {
                            "fact": change.fact,
                            "item": change.item or None,
                            "attribute": change.attribute or "state",
                            "value": _value(change.value),
                        }
                        for change in sorted(flip.changes, key=lambda change: change.thing)
                    ],
                }
                for flip in one.found
            ],
        }
        for one in found
    ]


def _value(value: Value) -> object:
    return value.value if isinstance(value, State) else None if value is None else _plain(value)
