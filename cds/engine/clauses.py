"""Rules as clauses that the network can join, in groups that must stay together, each after what it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cds.engine.patterns import FLAG, Pattern, Vocabulary, alternatives, tests_of
from cds.ruleset.model import Rule


@dataclass(frozen=True, slots=True)
class Clause:
    """All the patterns together: a rule, or with ``rule`` None one alternative of an ``any``."""

    patterns: tuple[Pattern, ...]
    concludes: int | None
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Clauses:
    """Writes rules as clauses. What several rules ask in the same words is asked once."""

    words: Vocabulary
    unnamed: Iterator[int]  # numbers for subjects that only the engine knows of
    _asked: dict[tuple[Pattern, ...], int] = field(default_factory=dict)

    def of(self, rule: Rule) -> Iterator[Clause]:
        """The alternatives that the rule is the first to ask for, then the rule."""
        wanted: list[Pattern] = []
        for condition in rule.when:
            choices = tuple(choice for test in tests_of(condition) for choice in alternatives(test, self.words))
            if len(choices) == 1:
                wanted += choices
                continue
            if choices not in self._asked:
                self._asked[choices] = next(self.unnamed)
                yield from (Clause((choice,), self._asked[choices], None) for choice in choices)
            wanted.append(Pattern(self._asked[choices], FLAG["present"]))
        yield Clause(tuple(_one_a_subject(wanted)), self.words.subjects.get(rule.conclude), rule)


def _one_a_subject(patterns: Iterable[Pattern]) -> Iterator[Pattern]:
    """Patterns about one subject made one, because no message can meet two patterns of a clause."""
    wanted: dict[int, list[Pattern]] = {}
    for pattern in patterns:
        wanted.setdefault(pattern.subject, []).append(pattern)
    for subject, about in wanted.items():
        comparisons = dict.fromkeys(comparison for pattern in about for comparison in pattern.comparisons)
        yield Pattern(subject, "".join(dict.fromkeys(pattern.flags for pattern in about)), tuple(comparisons))


def in_order(clauses: Sequence[Clause]) -> Iterator[list[Clause]]:
    """Each clause right after those it depends on; those that depend on each other in a circle are one group."""
    depends = _dependencies(clauses)
    placed: set[int] = set()
    for number, mask in enumerate(depends):
        for member in sorted(_members(mask | 1 << number), key=lambda one: (depends[one] | 1 << one).bit_count()):
            group = {member, *(other for other in _members(depends[member]) if depends[other] >> member & 1)}
            if member not in placed:
                placed |= group
                yield [clauses[one] for one in sorted(group)]


def _dependencies(clauses: Sequence[Clause]) -> list[int]:
    """For each clause a bit for every clause it depends on, directly or not."""
    producers: dict[int, int] = {}
    for number, clause in enumerate(clauses):
        if clause.concludes is not None:
            producers[clause.concludes] = producers.get(clause.concludes, 0) | 1 << number
    depends = [0] * len(clauses)
    for number, clause in enumerate(clauses):
        for pattern in clause.patterns:
            depends[number] |= producers.get(pattern.subject, 0)
    for between, reached in enumerate(depends):
        if reached:
            depends = [mask | depends[between] if mask >> between & 1 else mask for mask in depends]
    return depends


def _members(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
