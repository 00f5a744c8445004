"""Says in words, or as JSON, why rules fired, stayed silent or could not be decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from cds import conditions
from cds.clinical import Bounds, Evidence, Fact, Number
from cds.errors import InputError
from cds.evaluate import Prepared, decide
from cds.facts import derive
from cds.fhir.bundle import patient_record
from cds.hooks.catalogue import Catalogue
from cds.hooks.received import received
from cds.outcome import Firing, Outcome, Reason
from cds.reasons import Reasoning, reasonings
from cds.ruleset.names import unknown
from cds.ruleset.selection import only

_MARKS = {True: "✓", False: "✗", None: "?"}
_USUAL_HOOK = "patient-view"
_OUTCOMES = {True: "fired", False: "silent", None: "unanswered"}


@dataclass(frozen=True, slots=True)
class Question:
    """Why this, for one patient at one moment; ``rule_id`` None: why every card."""

    prepared: Prepared
    outcome: Outcome
    rule_id: str | None

    def lines(self) -> Iterator[str]:
        if self.rule_id:
            return rule_lines(self.prepared, self.outcome, [self.rule_id])
        return report_lines(self.outcome)

    def as_json(self) -> object:
        if self.rule_id is None:
            return report_json(self.outcome)
        return [
            firing_json(reasoning.firing(rule), reasoning.truth(rule))
            for reasoning in reasoned(self.prepared, self.outcome)
            for rule in reasoning.outline.rules.values()
            if rule.id == self.rule_id
        ]


def ask(
    served: Catalogue, content: bytes, now: datetime, *, service_id: str, hook: str | None, rule_id: str | None
) -> Question:
    """The question about the patient of a FHIR Bundle, or of a whole hook request (which names its own hook).

    Raises ``InputError`` for a rule, or a hook of the service, that there is not; what reading the content raises.
    """
    offers = served.offers(service_id)
    if b'"hookInstance"' in content:
        if hook:
            raise InputError("a hook request names its own hook: leave --hook out")
        call = received(offers, content, now)
        offer, record = call.offer, call.record
    else:
        name = hook or _USUAL_HOOK
        offer = offers.get(name) or _unknown("hook of this service", name, offers)
        record = patient_record(content, offer.prepared.index, now.tzinfo or UTC)
    rules = {rule.id for ruleset in served.knowledge.rulesets.values() for rule in ruleset.rules}
    if rule_id and rule_id not in rules:
        _unknown("rule", rule_id, rules)
    known = derive(offer.prepared.plan, record, now)
    outcome = decide(offer.prepared, offer.service, known, now, deceased=record.patient.deceased)
    return Question(offer.prepared, outcome, rule_id)


def _unknown(what: str, name: str, names: Iterable[str]) -> NoReturn:
    raise InputError(unknown(what, name, names))


def reasoned(prepared: Prepared, outcome: Outcome) -> tuple[Reasoning, ...]:
    """The reasoning behind an outcome, by the plain evaluator: for rules that stayed silent, too."""
    program = only(prepared.program, prepared.rules)
    return reasonings(program, prepared.outlines, outcome.facts, conditions.infer(program, outcome.facts))


def rule_lines(prepared: Prepared, outcome: Outcome, rule_ids: Iterable[str]) -> Iterator[str]:
    """What rules came to, about the patient and about each item, condition by condition; each rule once."""
    wanted, told = set(rule_ids), set[str]()
    for reasoning in reasoned(prepared, outcome):
        for rule in reasoning.outline.rules.values():
            if rule.id in wanted:
                truth = reasoning.truth(rule)
                about = f" for {reasoning.item}" if reasoning.item else ""
                yield f"{_MARKS[truth]} {rule.id}{about}: {_OUTCOMES[truth]}. {rule.title}"
                yield from firing_lines(reasoning.firing(rule), 1, told)


def firing_lines(firing: Firing, depth: int, told: set[str]) -> Iterator[str]:
    """A tree: each condition, under it the data it looked at, and the rules that drew what it asks for.

    A rule whose reasons are ``told`` already is only named.
    """
    told.add(firing.rule.id)
    for reason in firing.reasons:
        yield f"{_indent(depth)}{_MARKS[reason.truth]} {reason.words}"
        for fact in reason.facts:
            yield from _fact_lines(fact, reason, depth + 1)
        for cause in reason.because:
            known = cause.rule.id in told
            yield f"{_indent(depth + 1)}← {cause.rule.id}: {cause.rule.title}{' (above)' if known else ''}"
            if not known:
                yield from firing_lines(cause, depth + 2, told)


def _fact_lines(fact: Fact, reason: Reason, depth: int) -> Iterator[str]:
    compared = {name: value for name, value in fact.attributes.items() if (fact.name, name) in reason.attributes}
    yield f"{_indent(depth)}{fact.name} is {fact.state.value}{_attributes(compared)}"
    yield from (f"{_indent(depth + 1)}{_evidence(piece)}" for piece in fact.evidence)
    yield from (f"{_indent(depth + 1)}missing: {words}" for words in fact.missing)


def _attributes(attributes: Mapping[str, Number | str]) -> str:
    if not attributes:
        return ""
    return " (" + ", ".join(f"{name} {_shown(value)}" for name, value in attributes.items()) + ")"


def _shown(value: Number | str) -> str:
    if isinstance(value, Bounds):
        return f"{value.low:g}…{value.high:g}"
    return value if isinstance(value, str) else f"{value:g}"


def _evidence(piece: Evidence) -> str:
    parts = [piece.label, piece.value, piece.when, f"({piece.note})" if piece.note else "", f"[{piece.reference}]"]
    return " ".join(part for part in parts if part)


def _indent(depth: int) -> str:
    return "  " * depth


def firing_json(firing: Firing, truth: bool | None = True) -> dict[str, object]:
    """The same tree for programs."""
    return {
        "rule": firing.rule.id,
        "ruleset": firing.rule.ruleset,
        "version": firing.rule.version,
        "item": firing.item,
        "outcome": _OUTCOMES[truth],
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
    }


def _plain(value: Number | str) -> object:
    """JSON has no infinity: an open end is null."""
    if not isinstance(value, Bounds):
        return value
    return {
        "low": None if value.low == float("-inf") else value.low,
        "high": None if value.high == float("inf") else value.high,
    }


def report_json(outcome: Outcome) -> dict[str, object]:
    """Everything one evaluation found: cards with their reasons, what was withheld, what could not be decided."""
    return {
        "at": outcome.at.isoformat(),
        "cards": [_card_json(firing) for firing in outcome.recommendations],
        "withheld": [_card_json(firing) for firing in outcome.withheld],
        "conclusions": sorted(outcome.conclusions),
        "unanswered": [
            {"rule": one.rule.id, "item": one.item, "missing": list(one.missing)} for one in outcome.unanswered
        ],
        "facts": [fact_json(fact) for fact in outcome.facts.values() if fact.evidence or fact.missing],
    }


def _card_json(firing: Firing) -> dict[str, object]:
    assert firing.rule.card is not None
    return {"indicator": firing.rule.card.indicator, "tier": firing.rule.card.tier, **firing_json(firing)}


def report_lines(outcome: Outcome) -> Iterator[str]:
    """The same for a person: why each card; then what could not be decided, and for want of what."""
    if not outcome.recommendations:
        yield "No card."
    told: set[str] = set()
    for firing in outcome.recommendations:
        card = firing.rule.card
        assert card is not None
        about = f" for {firing.item}" if firing.item else ""
        yield f"{card.indicator.upper()} {firing.rule.id}@{firing.rule.version}{about}: {firing.rule.title}"
        yield from firing_lines(firing, 1, told)
    for firing in outcome.withheld:
        yield f"withheld: {firing.rule.id}: {firing.rule.title}"
    for one in outcome.unanswered:
        yield f"? {one.rule.id} could not be decided: {'; '.join(one.missing)}"
