"""Clauses compiled in blocks of a size the network bears, and the run of one block on what is told of a patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cds.engine.clauses import Clause, in_order
from cds.engine.network import MAX_PATTERNS, Network
from cds.engine.patterns import FLAGS
from cds.engine.projection import Projection, Properties, bits
from cds.errors import Problem, RulesetError
from cds.ruleset.model import Rule

BLOCK_PATTERNS = 40
"""A session costs as much as its block is large, and a little more: smaller blocks and larger ones are slower."""

MAX_BRANCHES = 50
"""The library follows at most 64 patterns about one subject at a time."""

MAX_CIRCLE = 200
"""Patterns of rules that must share a block. The library's own limit is 256 at the least, and it does not say so."""


class Block:
    """A network of clauses that stand in for rules. A clause is *live* when all that it needs from outside holds.

    What a clause needs is kept in the bits of ``Projection``, so that most clauses are dismissed by one ``and``.
    """

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self._clauses = clauses
        self._network = Network([clause.patterns for clause in clauses])
        read = {pattern.subject for clause in clauses for pattern in clause.patterns}
        self._inner = frozenset(read & {clause.concludes for clause in clauses})
        self._consequences = {
            number: message({"p": clause.concludes})
            for number, clause in enumerate(clauses)
            if clause.concludes is not None and clause.concludes in self._inner
        }
        self._needs = [_needs(clause, frozenset()) for clause in clauses]
        self._outside = [
            (_needs(clause, self._inner), frozenset(pattern.subject for pattern in clause.patterns))
            for clause in clauses
        ]

    def run(self, projection: Projection) -> Iterator[tuple[Rule, bool]]:
        """Adds the conclusions that follow; answers with the rules that fire, and whether they surely do."""
        possibly, surely = self._fired(projection)
        for number in sorted(possibly):
            clause = self._clauses[number]
            if clause.concludes is not None:
                projection.conclude(clause.concludes, surely=number in surely)
            if clause.rule is not None:
                yield clause.rule, number in surely

    def _fired(self, projection: Projection) -> tuple[frozenset[int], frozenset[int]]:
        """The clauses that fire when what is unknown is taken to hold, and when it is not."""
        if not self._starts(projection.possibly):
            return frozenset(), frozenset()
        told = [projection.told(subject) for subject in self._asked(projection.possibly)]
        possibly = self._infer(possible for _, possible in told)
        if all(sure == possible for sure, possible in told):
            return possibly, possibly
        if not possibly or not self._starts(projection.surely):
            return possibly, frozenset()
        return possibly, self._infer(sure for sure, _ in told)

    def _starts(self, holding: int) -> bool:
        """Whether some clause may fire before any other has."""
        return any(needs & holding == needs for needs in self._needs)

    def _asked(self, holding: int) -> list[int]:
        """The subjects that live clauses read; a conclusion of this very block only if it has been drawn before."""
        live = [read for needs, read in self._outside if needs & holding == needs]
        subjects = frozenset().union(*live)
        return sorted(s for s in subjects if s not in self._inner or bits(s, "p") & holding)

    def _infer(self, told: Iterable[Properties]) -> frozenset[int]:
        return self._network.fired([message(properties) for properties in told if properties], self._consequences)


def message(properties: Properties) -> str:
    return ",".join(f'"{key}":{value}' for key, value in properties.items())


def blocks(clauses: Sequence[Clause]) -> Iterator[Block]:
    """In the order they are to run. Raises ``RulesetError`` for what the network could not bear."""
    groups = list(in_order(clauses))
    problems = [*_too_many_conditions(clauses), *_too_large_circles(groups)]
    if problems:
        raise RulesetError(tuple(problems))
    block: list[Clause] = []
    for group in groups:
        if block and _size(block) + _size(group) > BLOCK_PATTERNS:
            yield Block(block)
            block = []
        block += group
    if block:
        yield Block(block)


def _too_many_conditions(clauses: Iterable[Clause]) -> Iterator[Problem]:
    for clause in clauses:
        if clause.rule and len(clause.patterns) > MAX_PATTERNS:
            words = f"conditions on more than {MAX_PATTERNS} facts; name a part of them as a conclusion"
            yield Problem(clause.rule.place.file, clause.rule.place.line, words)


def _too_large_circles(groups: Iterable[Sequence[Clause]]) -> Iterator[Problem]:
    for group in groups:
        rules = [clause.rule for clause in group if clause.rule]
        branches = Counter(pattern.subject for clause in group for pattern in clause.patterns)
        if _size(group) > MAX_CIRCLE or max(branches.values(), default=0) > MAX_BRANCHES:
            words = f"a circle of {len(rules)} rules that conclude each other is too large; break it up"
            yield Problem(rules[0].place.file, rules[0].place.line, words)


def _size(clauses: Iterable[Clause]) -> int:
    return sum(max(1, len(clause.patterns)) for clause in clauses)


def _needs(clause: Clause, inner: frozenset[int]) -> int:
    """The relations that have to hold, but for those of the subjects left out."""
    needs = 0
    for subject, comparisons in clause.patterns:
        if subject not in inner:
            needs |= bits(subject, "".join(c.property for c in comparisons if c.property in FLAGS))
    return needs
