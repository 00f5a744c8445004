"""Rules as clauses that the network can join, in groups that must stay together, each after what it depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cds.engine.questions import PRESENT, Question, alternatives, one_a_subject
from cds.ruleset.model import Rule
from cds.ruleset.selection import Rules


@dataclass(frozen=True, slots=True)
class Clause:
    """All the questions together: a rule, or with ``rule`` None one alternative of an ``any``."""

    questions: tuple[Question, ...]
    concludes: str
    rule: Rule | None

    @property
    def name(self) -> str:
        return self.rule.id if self.rule else self.concludes


@dataclass(frozen=True, slots=True)
class Clauses:
    """Writes rules as clauses. What several rules ask in the same words is asked once."""

    _named: dict[tuple[Question, ...], str] = field(default_factory=dict)

    def of(self, rule: Rule) -> Iterator[Clause]:
        """The alternatives that the rule is the first to ask for, then the rule."""
        wanted: list[Question] = []
        for condition in rule.when:
            choices = alternatives(condition)
            if len(choices) == 1:
                wanted += choices
                continue
            if choices not in self._named:
                self._named[choices] = f"any {len(self._named)}"  # no conclusion of a rule has a space in its name
                yield from (Clause((choice,), self._named[choices], None) for choice in choices)
            wanted.append(Question(self._named[choices], PRESENT))
        yield Clause(one_a_subject(wanted), rule.conclude, rule)


def served(clauses: Sequence[Clause], numbers: Mapping[str, Rules]) -> dict[str, Rules]:
    """For each clause by its name the rules it serves: an alternative serves all that ask for its ``any``."""
    alternatives = {clause.concludes for clause in clauses if clause.rule is None}
    rules = {**numbers, **dict.fromkeys(alternatives, 0)}
    for clause in clauses:
        for question in clause.questions:
            if question.subject in alternatives:
                rules[question.subject] |= numbers[clause.name]
    return rules


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
    producers: dict[str, int] = {}
    for number, clause in enumerate(clauses):
        if clause.concludes:
            producers[clause.concludes] = producers.get(clause.concludes, 0) | 1 << number
    depends = [0] * len(clauses)
    for number, clause in enumerate(clauses):
        for question in clause.questions:
            depends[number] |= producers.get(question.subject, 0)
    for between, reached in enumerate(depends):
        if reached:
            depends = [mask | depends[between] if mask >> between & 1 else mask for mask in depends]
    return depends


def _members(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
