"""The reasoning about one patient as a graph: from entries of the record over facts and conclusions to cards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from cds.clinical import Evidence, Fact, State
from cds.conditions import Truth, negation
from cds.reasons import Reasoning
from cds.ruleset.model import Condition, FactSpec, Program, Rule, Test
from cds.workbench.attribute_words import name, whole

Kind: TypeAlias = Literal["entry", "fact", "conclusion", "card"]
Seed: TypeAlias = tuple[Reasoning, Rule]

OUTCOMES: Mapping[Truth, str] = {True: "fired", False: "silent", None: "unanswered"}
_STATES = {
    State.PRESENT: "present",
    State.DENIED: "denied on record",
    State.ABSENT: "not on record",
    State.UNUSABLE: "unknown: recorded, but not usable",
    State.UNSUPPLIED: "unknown: not supplied",
}
_KNOWN: Mapping[State, Truth] = {State.PRESENT: True, State.DENIED: False, State.ABSENT: False}


@dataclass(frozen=True, slots=True)
class Row:
    """A condition of a rule, and what it came to."""

    words: str
    truth: Truth


@dataclass(frozen=True, slots=True)
class Node:
    """``truth`` of a fact: whether it is there; of a rule: whether it fired. ``note``: its name to those who write."""

    id: str
    kind: Kind
    title: str
    truth: Truth = True
    above: str = ""
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    note: str = ""
    indicator: str = ""  # of a card


@dataclass(frozen=True, slots=True)
class Edge:
    """``row``: the condition of the target that it speaks to. ``truth``: what it makes of it."""

    source: str
    target: str
    truth: Truth = True
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def description(self) -> str:
        """In a sentence, for those who do not see it."""
        counted = {kind: sum(node.kind == kind for node in self.nodes) for kind in ("entry", "fact", "conclusion")}
        shown = (node for node in self.nodes if node.kind == "card")
        cards = [f"{node.title} ({node.above.lower()}, {OUTCOMES[node.truth]})" for node in shown]
        return (
            f"From {_number(counted['entry'], 'entry', 'entries')} of the record over "
            f"{_number(counted['fact'], 'fact', 'facts')} and "
            f"{_number(counted['conclusion'], 'conclusion', 'conclusions')} to "
            f"{'; '.join(cards) if cards else 'no card'}."
        )


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def graph(title: str, program: Program, seeds: Iterable[Seed], shut: Mapping[str, str] | None = None) -> Graph:
    """The seeds and all that they rest on. Of what failed or is unknown, also what would have been needed.

    ``shut``: rules that need not be followed further, with the reason.
    """
    drawing = _Drawing(program.facts, shut or {})
    for reasoning, rule in seeds:
        drawing.add_rule(reasoning, rule)
    return Graph(title, tuple(drawing.nodes.values()), tuple(drawing.edges))


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The nodes and edges found so far."""

    specs: Mapping[str, FactSpec]
    shut: Mapping[str, str]
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[Edge, None] = field(default_factory=dict)

    def add_rule(self, reasoning: Reasoning, rule: Rule, *, as_source: bool = False) -> str:
        id_ = f"rule {rule.id} {reasoning.item or ''}".rstrip()
        if id_ not in self.nodes:
            rows = tuple(Row(one.words, reasoning.situation.truth(one)) for one in rule.when)
            self.nodes[id_] = _rule_node(id_, reasoning, rule, rows)
            if as_source and rule.id in self.shut:
                self.nodes[id_] = replace(self.nodes[id_], lines=(*self.nodes[id_].lines, self.shut[rule.id]))
                return id_
            for number, condition in enumerate(rule.when):
                for source, truth in self._sources(reasoning, condition):
                    self.edges[Edge(source, id_, truth, number)] = None
        return id_

    def _sources(self, reasoning: Reasoning, condition: Condition) -> Iterator[tuple[str, Truth]]:
        """What a condition looked at. Of one that holds: only what is there, for it holds by that."""
        holds = reasoning.situation.truth(condition)
        for test in reasoning.deciding(condition, holds):
            truth = reasoning.situation.truth(test)
            fact = reasoning.situation.facts.get(test.subject)
            if fact is None:
                for of_whom, rule in _drawers(reasoning, test.subject, also_silent=holds is not True):
                    yield self.add_rule(of_whom, rule, as_source=True), _told_by(of_whom.truth(rule), test)
            elif holds is not True or fact.evidence or fact.state is not State.ABSENT:
                yield self._add_fact(fact, test.subject, test.attribute), truth

    def _add_fact(self, fact: Fact, subject: str, attribute: str) -> str:
        """One node for each fact; its lines grow with the attributes that are asked for."""
        id_ = f"fact {subject} {'' if fact.name == subject else fact.name}".rstrip()
        spec = self.specs[subject]
        shown = self.nodes[id_].lines if id_ in self.nodes else (_STATES[fact.state], *fact.missing)
        if attribute and fact.state is State.PRESENT:
            value = fact.attributes.get(attribute)
            told = (
                f"{name(attribute) or 'value'} not known"
                if value is None
                else whole(spec, attribute, value, self.specs)
            )
            shown = tuple(dict.fromkeys((*shown, told)))
        lines = tuple(line for line in shown if line != "present" or len(shown) == 1)
        self.nodes[id_] = Node(id_, "fact", spec.title, _KNOWN.get(fact.state), lines=lines, note=subject)
        for piece in fact.evidence:
            self.edges[Edge(self._add_entry(piece), id_)] = None
        return id_

    def _add_entry(self, piece: Evidence) -> str:
        id_ = f"entry {piece.reference}"
        words = " ".join(filter(None, (f"{piece.label}:" if piece.value else piece.label, piece.value)))
        line = " · ".join(filter(None, (words, piece.when, piece.note)))
        before = self.nodes[id_].lines if id_ in self.nodes else ()
        lines = tuple(dict.fromkeys((*before, line)))
        self.nodes[id_] = Node(id_, "entry", piece.reference.partition("/")[0], lines=lines, note=piece.reference)
        return id_


def _rule_node(id_: str, reasoning: Reasoning, rule: Rule, rows: tuple[Row, ...]) -> Node:
    card, about = rule.card, (f"for {reasoning.item}",) if reasoning.item else ()
    above = " · ".join(filter(None, (card.indicator.upper(), card.tier or ""))) if card else rule.conclude
    return Node(
        id_,
        "card" if card else "conclusion",
        rule.title,
        reasoning.truth(rule),
        above=above,
        lines=about,
        rows=rows,
        note=f"{rule.id}@{rule.version}",
        indicator=card.indicator if card else "",
    )


def _drawers(reasoning: Reasoning, conclusion: str, *, also_silent: bool) -> Iterator[tuple[Reasoning, Rule]]:
    """The rules that drew a conclusion; where none did, those that would."""
    whole = [
        (of_whom, rule)
        for of_whom in (reasoning, *([reasoning.patient] if reasoning.patient else []))
        for rule in of_whom.outline.drawing.get(conclusion, ())
    ]
    fired = [(of_whom, rule) for of_whom, rule in whole if of_whom.truth(rule) is True]
    yield from fired or (whole if also_silent else [])


def _told_by(drawn: Truth, test: Test) -> Truth:
    """What one of the rules that draw a conclusion says to a condition about it."""
    if test.relation == "unless":
        return drawn is not True
    return negation(drawn) if test.relation == "without" else drawn
