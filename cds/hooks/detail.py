"""The Markdown detail of a card: the rule's own words, why it is shown, the data, what is missing, the evidence.

The sections are the same on every card. Words from the record are escaped, so none can turn into a link or an image.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cds.clinical import KNOWN_STATES, Evidence, Fact, State
from cds.hooks.call import Call
from cds.hooks.contexts import REFERENCE, reference_to
from cds.hooks.groups import chain_of, rule_reference
from cds.hooks.wording import authored, escaped, filled
from cds.outcome import Firing, Reason
from cds.ruleset.approval import is_over
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Condition, Test


@dataclass(frozen=True, slots=True)
class Basis:
    """What a card rests on: its firings with those below them, and the facts that these looked at."""

    chain: tuple[Firing, ...]
    facts: tuple[Fact, ...]

    @classmethod
    def of(cls, call: Call, firings: Iterable[Firing]) -> Basis:
        chain = tuple(chain_of(firings))
        return cls(chain, tuple(_facts(call, chain)))


def detail(call: Call, firings: tuple[Firing, ...], basis: Basis, notes: Iterable[str] = ()) -> str:
    """The first firing leads; the others are those merged into its card. ``notes`` are in Markdown."""
    sections = (
        own_words(call, firings[0]),
        *notes,
        _section("Why this card", _why(basis.chain)),
        _section("Data used", _used(call, basis.facts)),
        _section("Data missing or unusable", _missing(call, basis.facts)),
        _section("Evidence", (*_evidence(call, firings), *_overdue(call, basis.chain))),
        ", ".join(map(rule_reference, firings)),
    )
    return "\n\n".join(section for section in sections if section)


_OFTEN = 2  # so many of the same are told one by one


def evidence_references(call: Call, basis: Basis) -> tuple[str, ...]:
    """The resources the card rests on, each once. What has no id, or is itself only a draft, cannot be referred to."""
    drafts = {reference_to(draft) for draft in call.context.proposed}
    pieces = dict.fromkeys(piece.reference for fact in basis.facts for piece in fact.evidence)
    return tuple(each for each in pieces if REFERENCE.fullmatch(each) and each not in drafts)


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _section(title: str, lines: Iterable[str]) -> str:
    text = "\n".join(dict.fromkeys(lines))
    return f"**{title}**\n\n{text}" if text else ""


def own_words(call: Call, firing: Firing) -> str:
    """What the rule's card says for itself, filled in, with those of its remarks that apply."""
    card = firing.rule.card
    assert card is not None
    return "\n\n".join(text for text in (_said(call, card.detail, firing), *remarks(call, firing)) if text)


def remarks(call: Call, firing: Firing) -> tuple[str, ...]:
    """Those of its card that apply, filled in."""
    card = firing.rule.card
    assert card is not None
    return tuple(_said(call, one.text, firing) for one in card.remarks if call.holds(one.subject, firing))


def _said(call: Call, text: str, firing: Firing) -> str:
    return filled(text, lambda name: escaped(call.words_for(name, firing))).strip()


def _why(chain: tuple[Firing, ...]) -> Iterator[str]:
    """What holds, nearest to the card first: the titles of the rules that look at the record itself.

    Those in between only put conclusions together; ``cds explain`` shows them all.
    """
    grounds = [firing for firing in chain if any(map(_on_record, firing.rule.when, firing.reasons))]
    for firing in grounds or chain[:1]:
        yield f"- {authored(firing.rule.title)}"


def _on_record(condition: Condition, reason: Reason) -> bool:
    """Whether a condition holds by what is, or is not, on record; that nothing speaks against it is no ground."""
    return bool(reason.facts) and not (isinstance(condition, Test) and condition.relation in ("without", "unless"))


def _facts(call: Call, chain: tuple[Firing, ...]) -> Iterator[Fact]:
    """Every fact the rules looked at, in the order they name them, deciding or not; of remarks those on record."""
    facts = call.outcome.facts
    told: set[tuple[str, str | None]] = set()
    for firing in chain:
        for subject in _subjects(call, firing.rule.when):
            if subject in facts and (subject, firing.item) not in told:
                told.add((subject, firing.item))
                yield call.fact(subject, firing)
        said = (one.subject for one in firing.rule.card.remarks if one.subject in facts) if firing.rule.card else ()
        yield from (fact for subject in said if (fact := call.fact(subject, firing)).state is not State.ABSENT)


def _subjects(call: Call, conditions: Iterable[Condition]) -> Iterator[str]:
    for condition in conditions:
        for test in (condition,) if isinstance(condition, Test) else condition.tests:
            count = call.program.counts.get(test.subject)
            yield from _subjects(call, count.tests) if count else (test.subject,)


def _is_of_record(call: Call, fact: Fact) -> bool:
    """Not of the orders under review, nor of what a site has set: these are no data to be looked for."""
    spec = call.program.facts.get(fact.name)
    return spec is None or bool(KINDS[spec.kind].reads)


def _used(call: Call, facts: Iterable[Fact]) -> Iterator[str]:
    """The data of each fact; last, in one line, what was looked for and is not in the data supplied."""
    pieces: list[Evidence] = []
    bare: dict[str, None] = {}
    none: dict[str, None] = {}
    for fact in facts:
        pieces += fact.evidence
        if not fact.evidence and fact.state in KNOWN_STATES and _is_of_record(call, fact):
            (bare if fact.state is State.PRESENT else none)[authored(call.title(fact))] = None
    yield from (f"- {line}" for line in data_lines(pieces))
    yield from (f"- {title}" for title in bare)
    if none:
        yield f"- Not in the data supplied: {'; '.join(none)}"


def data_lines(pieces: Iterable[Evidence]) -> Iterator[str]:
    """One line for the same said often; what only names a resource again is left out."""
    pieces = tuple(dict.fromkeys(pieces))
    told = {piece.reference for piece in pieces if piece.value or piece.when}
    same: dict[tuple[str, str, str], list[Evidence]] = {}
    for piece in pieces:
        if piece.value or piece.when or piece.reference not in told:
            same.setdefault((piece.label, piece.value, piece.note), []).append(piece)
    lines = {
        piece: _series(group) if len(group) > _OFTEN else _datum(piece) for group in same.values() for piece in group
    }
    yield from dict.fromkeys(lines[piece] for piece in pieces if piece in lines)


def _datum(piece: Evidence) -> str:
    when = f", {escaped(piece.when)}" if piece.when else ""
    return _told(piece, when)


def _series(group: list[Evidence]) -> str:
    """The newest is the one referred to."""
    first, *_, last = sorted(group, key=lambda piece: piece.when)
    return _told(last, f", {len(group)} times, {escaped(first.when)} to {escaped(last.when)}")


def _told(piece: Evidence, when: str) -> str:
    value = f": {escaped(piece.value)}" if piece.value else ""
    note = f"; {escaped(piece.note)}" if piece.note else ""
    return f"{escaped(piece.label)}{value}{when} ({escaped(piece.reference)}){note}"


def _missing(call: Call, facts: Iterable[Fact]) -> Iterator[str]:
    """What is missing of the facts that are not known, and what could not be used beside those that are."""
    for fact in facts:
        unknown = () if fact.state in KNOWN_STATES else (f"{call.title(fact)}: {fact.state.value}",)
        if words := fact.missing or unknown:
            yield f"- {escaped('; '.join(words))}"


def _evidence(call: Call, firings: Iterable[Firing]) -> Iterator[str]:
    """Each source once, with what the rules say of it."""
    said: dict[str, dict[str, None]] = {}
    for firing in firings:
        sources = call.ruleset(firing).about.sources
        for evidence in firing.rule.evidence:
            source = sources[evidence.source]
            cite = f"[{authored(source.label)}]({source.url})" if source.url else authored(source.cite)
            certainty = f"certainty {evidence.certainty}" if evidence.certainty else ""
            parts = (evidence.strength, certainty, evidence.note)
            said.setdefault(cite, {}).update(dict.fromkeys(authored(part) for part in parts if part))
    yield from (f"- {'; '.join([cite, *parts])}" for cite, parts in said.items())


def _overdue(call: Call, chain: Iterable[Firing]) -> Iterator[str]:
    """The rulesets it rests on whose review was due before the day of the call, by when it was due."""
    today = call.outcome.at.date()
    due: dict[str, dict[str, None]] = {}
    for name in dict.fromkeys(firing.rule.ruleset for firing in chain):
        ruleset = call.knowledge.rulesets[name]
        if is_over(ruleset.about.review_by, today):
            due.setdefault(str(ruleset.about.review_by), {})[authored(ruleset.title)] = None
    yield from (
        f"- The review of these rules was due on {day}: {'; '.join(titles)}" for day, titles in sorted(due.items())
    )
