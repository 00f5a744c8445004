"""Why a rule did not fire: which conditions fail, which are unknown, and what would settle them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cds.clinical import Bounds, Fact, State, is_recorded
from cds.conditions import Truth
from cds.reasons import Reasoning
from cds.ruleset.asked import tests_of
from cds.ruleset.gates import Gate, gates_of
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec, Program, Rule, Test
from cds.ruleset.selection import rules_of
from cds.workbench.attribute_words import name as name_of
from cds.workbench.attribute_words import valued, within
from cds.workbench.changes import changed, told
from cds.workbench.flips import feeding, truth_of
from cds.workbench.obstacles import place_of
from cds.workbench.variety import Variety

_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Gap:
    """A condition that is unknown: of which fact what is not known, where it would stand, and what would settle it.

    ``settled_by``: a change of this fact alone, and what the rule then comes to.
    """

    condition: str
    words: str
    fact: Fact
    reads: tuple[str, ...]
    settled_by: tuple[tuple[str, Truth], ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """``closed``: of each of these none is on record, so that no call looks at the rule.

    ``drawers``: the rules that could have drawn what fails or is unknown, with the conditions they lack.
    """

    failing: tuple[str, ...]
    gaps: tuple[Gap, ...]
    closed: tuple[tuple[str, ...], ...]
    drawers: tuple[tuple[Rule, Truth, tuple[str, ...]], ...]


def silence(program: Program, facts: Mapping[str, Fact], reasoning: Reasoning, rule: Rule) -> Silence:
    truths = [(one, reasoning.situation.truth(one)) for one in rule.when]
    return Silence(
        failing=tuple(one.words for one, truth in truths if truth is False),
        gaps=tuple(_gaps(program, facts, reasoning, rule)),
        closed=tuple(_closed(gates_of(program)[rule.id], facts)),
        drawers=tuple(
            (drawer, of_whom.truth(drawer), tuple(one.words for one in drawer.when if not of_whom.situation.truth(one)))
            for of_whom, drawer in _behind(reasoning, rule)
            if drawer is not rule and of_whom.truth(drawer) is not True
        ),
    )


def shut(program: Program, facts: Mapping[str, Fact]) -> dict[str, tuple[str, ...]]:
    """The rules that cannot be but silent, each with the fewest facts of which one would have to be on record."""
    found = {rule: sorted(_closed(gates, facts), key=len) for rule, gates in gates_of(program).items()}
    return {rule: closed[0] for rule, closed in found.items() if closed}


def _closed(gates: Iterable[Gate], facts: Mapping[str, Fact]) -> Iterator[tuple[str, ...]]:
    return (tuple(sorted(gate)) for gate in gates if not any(is_recorded(facts[one]) for one in gate))


def none_on_record(names: tuple[str, ...]) -> str:
    """Of a long list its beginning."""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"none on record of {', '.join(names[:_MOST_NAMED])}{more}"


def _behind(reasoning: Reasoning, rule: Rule) -> list[tuple[Reasoning, Rule]]:
    """The rule, and all whose conclusions it waits for where they fail or are unknown, each once."""
    found = {(rule.id, reasoning.item): (reasoning, rule)}
    waiting = [(reasoning, rule)]
    for of_whom, one in waiting:
        for drawer in _lacking(of_whom, one):
            key = (drawer[1].id, drawer[0].item)
            if key not in found:
                found[key] = drawer
                waiting.append(drawer)
    return waiting


def _lacking(reasoning: Reasoning, rule: Rule) -> Iterator[tuple[Reasoning, Rule]]:
    for condition in rule.when:
        truth = reasoning.situation.truth(condition)
        if truth is not True:
            for test in reasoning.deciding(condition, truth):
                if test.relation == "present" and reasoning.situation.truth(test) is not True:
                    yield from drawers(reasoning, test.subject)


def drawers(reasoning: Reasoning, conclusion: str) -> Iterator[tuple[Reasoning, Rule]]:
    """The rules that draw a conclusion, about this order and about the patient."""
    for of_whom in (reasoning, *([reasoning.patient] if reasoning.patient else [])):
        for rule in of_whom.outline.drawing.get(conclusion, ()):
            yield of_whom, rule


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks what a rule would come to if one fact were otherwise."""

    part: Program
    known: Mapping[str, Fact]
    rule: Rule
    item: str | None
    variety: Variety

    def gap(self, reasoning: Reasoning, test: Test) -> Gap:
        fact, spec = reasoning.situation.facts[test.subject], self.part.facts[test.subject]
        kind = KINDS[spec.kind]
        settled = tuple(self._settled(fact, test, place_of(test.subject, reasoning, self.variety)[1]))
        return Gap(test.words, _missing(fact, test, self.part.facts), fact, (*kind.reads, *kind.also), settled)

    def _settled(self, fact: Fact, test: Test, item: str) -> Iterator[tuple[str, Truth]]:
        """The question answered yes and answered no, by the first way there is, and what comes of the rule."""
        for wanted in (True, False):
            option = next(self.variety.options(test, fact, item, wanted=wanted), None)
            if option:
                words = "; ".join(told(option, self.known, self.part.facts))
                yield words, truth_of(self.part, changed(self.known, option), self.rule, self.item)


def _gaps(program: Program, facts: Mapping[str, Fact], reasoning: Reasoning, rule: Rule) -> Iterator[Gap]:
    """Each unknown question of fact once, in the order in which the rules ask."""
    part = feeding(program, rule)
    variety = Variety.of(part.facts, (test for one in rules_of(part) for test in tests_of(one, part.counts)))
    asker = _Asker(part, {name: facts[name] for name in part.facts}, rule, reasoning.item, variety)
    asked: set[tuple[str, str, str]] = set()
    for of_whom, one in _behind(reasoning, rule):
        for test in _unknown(of_whom, one):
            question = (*place_of(test.subject, of_whom, variety), test.attribute)
            if question not in asked:
                asked.add(question)
                yield asker.gap(of_whom, test)


def _unknown(reasoning: Reasoning, rule: Rule) -> Iterator[Test]:
    """The questions of fact that a rule turns on and that have no answer."""
    for condition in rule.when:
        if reasoning.situation.truth(condition) is not True:
            for test in reasoning.deciding(condition, None):
                if test.subject in reasoning.situation.facts and reasoning.situation.truth(test) is None:
                    yield test


def _missing(fact: Fact, test: Test, specs: Mapping[str, FactSpec]) -> str:
    spec = specs[test.subject]
    if fact.state is not State.PRESENT:
        state = "recorded, but not usable" if fact.state is State.UNUSABLE else "not supplied"
        return f"{spec.title}: {'; '.join(fact.missing) or state}"
    value = fact.attributes.get(test.attribute)
    what = f"{name_of(test.attribute)} of {within(spec.title)}" if name_of(test.attribute) else spec.title
    if isinstance(value, Bounds):
        return f"{what}: known only as {valued(spec, test.attribute, value, specs)}"
    return f"{what}: not recorded"
