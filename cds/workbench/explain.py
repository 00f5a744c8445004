"""Says in words why rules fired, stayed silent or could not be decided, and what would change that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cds import conditions
from cds.clinical import Bounds, Evidence, Fact, Number
from cds.evaluate import Prepared
from cds.outcome import Firing, Outcome, Reason
from cds.reasons import Reasoning, reasonings
from cds.ruleset.model import Rule
from cds.ruleset.selection import only
from cds.ruleset.spoken import amount
from cds.workbench.flips import Flips
from cds.workbench.graph import OUTCOMES
from cds.workbench.whynot import Gap, Silence, drawers, none_on_record, shut

_MARKS = {True: "✓", False: "✗", None: "?"}
_COMES_TO = {True: "fires", False: "is silent", None: "is unanswered"}
_WANTED = {True: "fire", False: "be silent"}


def reasoned(prepared: Prepared, outcome: Outcome) -> tuple[Reasoning, ...]:
    """The reasoning behind an outcome, by the plain evaluator: for rules that stayed silent, too."""
    program = only(prepared.program, prepared.rules)
    return reasonings(program, prepared.outlines, outcome.facts, conditions.infer(program, outcome.facts))


def rule_lines(prepared: Prepared, outcome: Outcome, rule_ids: Iterable[str]) -> Iterator[str]:
    """What rules came to, about the patient and about each item, condition by condition; each rule once."""
    wanted = set(rule_ids)
    if not wanted:
        return
    known = _Known(shut(only(prepared.program, prepared.rules), outcome.facts))
    for reasoning in reasoned(prepared, outcome):
        for rule in reasoning.outline.rules.values():
            if rule.id in wanted:
                truth = reasoning.truth(rule)
                about = f" for {reasoning.item}" if reasoning.item else ""
                yield f"{_MARKS[truth]} {rule.id}{about}: {OUTCOMES[truth]}. {rule.title}"
                yield from _reasoned_lines(reasoning, rule, 1, known)


@dataclass(frozen=True, slots=True)
class _Known:
    """``shut``: rules with the facts of which none is on record; ``told``: those whose reasons stand above."""

    shut: Mapping[str, tuple[str, ...]]
    told: set[str] = field(default_factory=set)


def _reasoned_lines(reasoning: Reasoning, rule: Rule, depth: int, known: _Known) -> Iterator[str]:
    """As ``firing_lines``; beneath what fails or is unknown, the rules that did not draw it, with what they lack."""
    known.told.add(rule.id)
    reasons = reasoning.firing(rule).reasons
    for condition, reason in zip(rule.when, reasons, strict=True):
        if reason.truth is True and depth > 1:
            continue
        yield from _reason_lines(reason, depth, known.told)
        if reason.truth is not True:
            for test in reasoning.deciding(condition, reason.truth):
                if test.subject in reasoning.situation.counts:
                    reached = amount(reasoning.situation.count(test.subject), "1")
                    yield f"{_indent(depth + 1)}{test.subject} comes to {reached}"
                elif test.relation == "present":
                    for of_whom, drawer in drawers(reasoning, test.subject):
                        yield from _drawer_lines(of_whom, drawer, depth + 1, known)


def _drawer_lines(reasoning: Reasoning, rule: Rule, depth: int, known: _Known) -> Iterator[str]:
    """A rule that cannot be but silent is told with the facts that it would need, not with all its conditions."""
    truth = reasoning.truth(rule)
    if truth is True:
        return
    start = f"{_indent(depth)}{_MARKS[truth]} {rule.id}: {rule.title}"
    if rule.id in known.told:
        yield f"{start} (above)"
    elif rule.id in known.shut:
        yield f"{start} ({none_on_record(known.shut[rule.id])})"
    else:
        yield start
        yield from _reasoned_lines(reasoning, rule, depth + 1, known)


def firing_lines(firing: Firing, depth: int, told: set[str]) -> Iterator[str]:
    """A tree: each condition, under it the data it looked at, and the rules that drew what it asks for.

    A rule whose reasons are ``told`` already is only named.
    """
    told.add(firing.rule.id)
    for reason in firing.reasons:
        yield from _reason_lines(reason, depth, told)


def _reason_lines(reason: Reason, depth: int, told: set[str]) -> Iterator[str]:
    yield f"{_indent(depth)}{_MARKS[reason.truth]} {reason.words}"
    for fact in reason.facts:
        compared = {name: value for name, value in fact.attributes.items() if (fact.name, name) in reason.attributes}
        yield from fact_lines(fact, compared, depth + 1)
    for cause in reason.because:
        known = cause.rule.id in told
        yield f"{_indent(depth + 1)}← {cause.rule.id}: {cause.rule.title}{' (above)' if known else ''}"
        if not known:
            yield from firing_lines(cause, depth + 2, told)


def fact_lines(fact: Fact, attributes: Mapping[str, Number | str], depth: int = 0) -> Iterator[str]:
    """What it is, with these of its attributes, and what that was read from."""
    yield f"{_indent(depth)}{fact.name} is {fact.state.value}{_attributes(attributes)}"
    yield from (f"{_indent(depth + 1)}{_evidence(piece)}" for piece in fact.evidence)
    yield from (f"{_indent(depth + 1)}missing: {words}" for words in fact.missing)


def _attributes(attributes: Mapping[str, Number | str]) -> str:
    if not attributes:
        return ""
    return " (" + ", ".join(f"{name} {shown(value)}" for name, value in attributes.items()) + ")"


def shown(value: Number | str) -> str:
    if isinstance(value, Bounds):
        return f"{value.low:g}…{value.high:g}"
    return value if isinstance(value, str) else f"{value:g}"


def _evidence(piece: Evidence) -> str:
    parts = [piece.label, piece.value, piece.when, f"({piece.note})" if piece.note else "", f"[{piece.reference}]"]
    return " ".join(part for part in parts if part)


def _indent(depth: int) -> str:
    return "  " * depth


def report_lines(outcome: Outcome) -> Iterator[str]:
    """Why each card; then what could not be decided, and for want of what."""
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


# Why not, and what if


def silence_lines(silence: Silence) -> Iterator[str]:
    """What fails, what is unknown and what would settle that, and why no call looks at the rule, if so."""
    if silence.failing:
        yield f"Fails: {'; '.join(silence.failing)}"
    for gap in silence.gaps:
        yield from _gap_lines(gap)
    for gate in silence.closed:
        yield f"No call gets as far as this rule: {none_on_record(gate)}"


def _gap_lines(gap: Gap) -> Iterator[str]:
    yield f"Unknown: {gap.condition}"
    yield f"  {gap.words}"
    yield from (f"  {_evidence(piece)}" for piece in gap.fact.evidence)
    if gap.reads:
        yield f"  would be read from {', '.join(gap.reads)}"
    comes_to = {truth for _, truth in gap.settled_by}
    if len(comes_to) == 1 and len(gap.settled_by) > 1:
        yield f"  → whatever it is, by itself: {OUTCOMES[comes_to.pop()]}"
    else:
        yield from (f"  → {words}: {OUTCOMES[truth]}" for words, truth in gap.settled_by)


def flips_lines(found: Flips) -> Iterator[str]:
    """Each set of changes on one line; then what is left open."""
    about = f" for {found.item}" if found.item else ""
    now = f"{found.rule.id}{about} {_COMES_TO[found.truth]}"
    wanted = _WANTED[found.wanted]
    many = "one fact" if found.facts == 1 else f"{found.facts} facts"
    if found.found:
        sets = f"one of these sets of changes, {many} each, none smaller"
        how = "any one of these changes" if found.facts == 1 else sets
        yield f"{now}. It would {wanted} with {how}:"
        yield from (f"  {' and '.join(flip.words)}" for flip in found.found)
    elif not found.cut:
        yield f"{now}. No change of up to {many} makes it {wanted}."
    else:
        yield f"{now}. No change was found that makes it {wanted}."
    if found.more:
        yield f"  … and {found.more} more"
    if found.cut:
        yield f"The search was ended before every change of {many} was tried: there may be others."
