"""Rules that the library could not bear, refused before it sees them: it would crash, hang or lose firings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cds.engine.clauses import Clause
from cds.errors import Problem
from cds.ruleset.limits import MAX_BRANCHES, MAX_CIRCLE, MAX_CONDITIONS
from cds.ruleset.model import Place


def too_many_conditions(clauses: Iterable[Clause]) -> Iterator[Problem]:
    for clause in clauses:
        if clause.rule and len(clause.questions) > MAX_CONDITIONS:
            text = f"conditions on more than {MAX_CONDITIONS} facts; make some of them a conclusion"
            yield _problem(clause.rule.place, text)


def too_large_circles(groups: Iterable[Sequence[Clause]]) -> Iterator[Problem]:
    """A group has more than one clause only where each of them depends on the others."""
    for group in groups:
        about = Counter(question.subject for clause in group for question in clause.questions)
        if len(group) > 1 and (about.total() > MAX_CIRCLE or max(about.values()) > MAX_BRANCHES):
            first = next(clause.rule for clause in group if clause.rule)
            text = f'the rules in a cycle with rule "{first.id}" are too many for the engine; break the cycle'
            yield _problem(first.place, text)


def _problem(place: Place, text: str) -> Problem:
    return Problem(place.file, place.line, text)
