"""Gaps and overlaps between sibling rules: of one ruleset, alike but for the span of one number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from cds.ruleset.model import AnyOf, Condition, Rule, Test
from cds.ruleset.ranges import range_of
from cds.ruleset.spans import EVERYTHING, Span, span_of, tests_of
from cds.workbench.soundness.finding import Finding
from cds.workbench.soundness.solving import Prover


class Number(NamedTuple):
    """An attribute of a fact, or a count."""

    subject: str
    attribute: str
    whole: bool

    def __str__(self) -> str:
        return self.subject if self.attribute == "value" else f"{self.subject}.{self.attribute}"


class Band(NamedTuple):
    """A rule by the span of one of its numbers. ``rest``: its other conditions."""

    rule: Rule
    number: Number
    span: Span
    rest: tuple[Condition, ...]

    def within(self, span: Span) -> Rule:
        """As the rule, for this span of the number."""
        tests = tests_of(span, self.number.subject, self.number.attribute)
        return replace(
            self.rule, id=f"{self.rule.id} {self.number} {span}", when=(*self.rest, *tests), conclude="", card=None
        )


def findings(prover: Prover, rules: Iterable[Rule]) -> Iterator[Finding]:
    families: dict[Hashable, list[Band]] = defaultdict(list)
    asked: dict[tuple[str, Number], dict[str, Rule]] = defaultdict(dict)
    for rule in rules:
        for band in _bands(prover, rule):
            rest = frozenset(map(_without_words, band.rest))
            families[rule.ruleset, rule.each, band.number, rest].append(band)
            asked[rule.ruleset, band.number][rule.id] = rule
    for family in families.values():
        if len({band.span for band in family}) > 1:
            yield from _overlaps(prover, family)
            asking = asked[family[0].rule.ruleset, family[0].number]
            yield from _gaps(prover, family, list(asking.values()))


def _bands(prover: Prover, rule: Rule) -> Iterator[Band]:
    by_number: dict[Number, list[Test]] = defaultdict(list)
    for condition in rule.when:
        if isinstance(condition, Test) and span_of(condition) is not None:
            by_number[_number(prover, condition)].append(condition)
    for number, tests in by_number.items():
        span = EVERYTHING
        for test in tests:
            span = span.common(span_of(test) or EVERYTHING)
        rest = tuple(one for one in rule.when if one not in tests)
        yield Band(rule, number, span.of_whole_numbers() if number.whole else span, rest)


def _number(prover: Prover, test: Test) -> Number:
    if test.subject in prover.counts:
        return Number(test.subject, test.attribute, whole=True)
    return Number(test.subject, test.attribute, range_of(prover.specs[test.subject], test.attribute).whole)


def _without_words(condition: Condition) -> Condition:
    if isinstance(condition, AnyOf):
        return AnyOf(tuple(replace(test, words="") for test in condition.tests))
    return replace(condition, words="")


def _overlaps(prover: Prover, family: Sequence[Band]) -> Iterator[Finding]:
    """Spans of which one holds the other are steps, each for more than the last; others that meet are an oversight."""
    for one, other in combinations(family, 2):
        common = one.span.common(other.span)
        if common.is_empty or common in (one.span, other.span) or _does_the_same(one.rule, other.rule):
            continue
        if witness := prover.witness([one.within(common), one.rule, other.rule]):
            message = f'{one.number} {common} belongs to both "{one.rule.id}" and "{other.rule.id}"'
            shown = replace(witness, fired=(one.rule, other.rule))
            yield _finding("overlap", one, other, message, shown)


def _gaps(prover: Prover, family: Sequence[Band], asking: Sequence[Rule]) -> Iterator[Finding]:
    """Where no rule of the ruleset that asks for the number fires, for some number in between."""
    reached, *others = sorted(family, key=lambda band: band.span.begins)
    for band in others:
        hole = reached.span.between(band.span)
        if reached.number.whole:
            hole = hole.of_whole_numbers()
        if not hole.is_empty and (witness := prover.witness([reached.within(hole)], asking)):
            message = f'{band.number} {hole} belongs neither to "{reached.rule.id}" nor to "{band.rule.id}"'
            shown = replace(witness, fired=(), silent=tuple(asking))
            yield _finding("gap", reached, band, message, shown)
        if band.span.ends > reached.span.ends:
            reached = band


def _does_the_same(one: Rule, other: Rule) -> bool:
    return bool(one.conclude) and one.conclude == other.conclude and one.card == other.card


def _finding(sort: Mapping[str, str] | str, one: Band, other: Band, message: str, witness: object) -> Finding:
    alike = f"{message}, which are alike but for {one.number}"
    return Finding(sort, one.rule.ruleset, (one.rule.id, other.rule.id), other.rule.place, alike, witness)  # type: ignore[arg-type]
