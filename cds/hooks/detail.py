"""The Markdown detail of a card: the rule's own words, why it is shown, the data, what is missing, the evidence.

The sections are the same on every card. Words from the record are escaped, so none can turn into a link or an image.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cds.clinical import KNOWN_STATES, Evidence, Fact, State
from cds.hooks.call import Call
from cds.hooks.contexts import reference_to
from cds.hooks.wording import authored, escaped, filled
from cds.outcome import Firing, Reason
from cds.ruleset.model import Condition, Test

_NAME = re.compile(r"[a-z][a-z0-9_\-]*")


def detail(call: Call, firings: tuple[Firing, ...], remarks: Iterable[str] = ()) -> str:
    """The first firing leads; the others are those merged into its card. ``remarks`` are in Markdown."""
    chain = tuple(_chain(firings))
    sections = (
        _own_words(call, firings[0]),
        *remarks,
        _section("Why this card", _why(call, firings)),
        _section("Data used", _used(call, chain)),
        _section("Data missing or unusable", _missing(call, chain)),
        _section("Evidence", _evidence(call, firings)),
        ", ".join(map(rule_reference, firings)),
    )
    return "\n\n".join(section for section in sections if section)


def rule_reference(firing: Firing) -> str:
    return f"{firing.rule.id}@{firing.rule.version}"


_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[^\s/]+")


def evidence_references(call: Call, firings: tuple[Firing, ...]) -> tuple[str, ...]:
    """The resources the card rests on, each once. What has no id, or is itself only a draft, cannot be referred to."""
    drafts = {reference_to(draft) for draft in call.context.proposed}
    pieces = (piece.reference for fact in _facts(call, tuple(_chain(firings))) for piece in fact.evidence)
    return tuple(dict.fromkeys(each for each in pieces if _REFERENCE.fullmatch(each) and each not in drafts))


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _section(title: str, lines: Iterable[str]) -> str:
    text = "\n".join(dict.fromkeys(lines))
    return f"**{title}**\n\n{text}" if text else ""


def _own_words(call: Call, firing: Firing) -> str:
    assert firing.rule.card is not None
    return filled(firing.rule.card.detail, lambda name: escaped(call.words_for(name, firing))).strip()


def _why(call: Call, firings: tuple[Firing, ...]) -> Iterator[str]:
    """The conditions that held; with several firings, under the title of each."""
    for firing in firings:
        if len(firings) > 1:
            yield f"- {authored(firing.rule.title)}"
        yield from _conditions(call, firing, len(firings) > 1, frozenset())


def _conditions(call: Call, firing: Firing, depth: int, above: frozenset[str]) -> Iterator[str]:
    """Down the chain of conclusions; a rule that is its own reason is named once."""
    for reason in firing.reasons:
        yield f"{'  ' * depth}- {authored(_words(call, firing, reason))}"
        for cause in reason.because:
            if cause.rule.id not in above:
                yield f"{'  ' * (depth + 1)}- {authored(f'{cause.rule.title} ({cause.rule.id})')}"
                yield from _conditions(call, cause, depth + 2, above | {cause.rule.id})


def _words(call: Call, firing: Firing, reason: Reason) -> str:
    """The condition as it was written, with titles in place of names."""
    titles = {subject: _title(call, subject) for subject in _named(firing.rule.when)}
    titles |= {fact.name: call.title(fact) for fact in reason.facts}
    return _NAME.sub(lambda match: titles.get(match[0], match[0]), reason.words)


def _title(call: Call, subject: str) -> str:
    """A fact has a title; a conclusion or a count goes by its name."""
    spec = call.program.facts.get(subject)
    return spec.title if spec else subject.replace("-", " ").replace("_", " ")


def _named(conditions: Iterable[Condition]) -> Iterator[str]:
    for condition in conditions:
        tests = (condition,) if isinstance(condition, Test) else condition.tests
        yield from (test.subject for test in tests)


def _chain(firings: Iterable[Firing]) -> Iterator[Firing]:
    """The firings and, below them, those that drew what they rest on, each once."""
    waiting, seen = list(firings), set[tuple[str, str | None]]()
    while waiting:
        firing = waiting.pop(0)
        if (firing.rule.id, firing.item) not in seen:
            seen.add((firing.rule.id, firing.item))
            waiting += [cause for reason in firing.reasons for cause in reason.because]
            yield firing


def _facts(call: Call, chain: tuple[Firing, ...]) -> Iterator[Fact]:
    """Every fact the rules looked at, in the order they name them: deciding or not."""
    for firing in chain:
        for subject in _subjects(call, firing.rule.when):
            if subject in call.outcome.facts:
                yield call.fact(subject, firing)


def _subjects(call: Call, conditions: Iterable[Condition]) -> Iterator[str]:
    for condition in conditions:
        for test in (condition,) if isinstance(condition, Test) else condition.tests:
            count = call.program.counts.get(test.subject)
            yield from _subjects(call, count.tests) if count else (test.subject,)


def _used(call: Call, chain: tuple[Firing, ...]) -> Iterator[str]:
    """The data of each fact; last, in one line, what was looked for and is not in the data supplied."""
    none: dict[str, None] = {}
    for fact in _facts(call, chain):
        if fact.evidence:
            yield from (f"- {_datum(piece)}" for piece in fact.evidence)
        elif fact.state is State.PRESENT:
            yield f"- {authored(call.title(fact))}"
        elif fact.state in KNOWN_STATES:
            none[authored(call.title(fact))] = None
    if none:
        yield f"- Not in the data supplied: {'; '.join(none)}"


def _datum(piece: Evidence) -> str:
    value = f": {escaped(piece.value)}" if piece.value else ""
    when = f", {escaped(piece.when)}" if piece.when else ""
    note = f"; {escaped(piece.note)}" if piece.note else ""
    return f"{escaped(piece.label)}{value}{when} ({escaped(piece.reference)}){note}"


def _missing(call: Call, chain: tuple[Firing, ...]) -> Iterator[str]:
    for fact in _facts(call, chain):
        if fact.state not in KNOWN_STATES:
            words = fact.missing or (f"{call.title(fact)}: {fact.state.value}",)
            yield f"- {escaped('; '.join(words))}"


def _evidence(call: Call, firings: Iterable[Firing]) -> Iterator[str]:
    for firing in firings:
        sources = call.ruleset(firing).about.sources
        for evidence in firing.rule.evidence:
            source = sources[evidence.source]
            strength = f"strength: {evidence.strength}" if evidence.strength else ""
            certainty = f"certainty: {evidence.certainty}" if evidence.certainty else ""
            cite = f"[{authored(source.cite)}]({source.url})" if source.url else authored(source.cite)
            parts = (source.edition, strength, certainty, evidence.note)
            yield f"- {'; '.join([cite, *(authored(part) for part in parts if part)])}"
