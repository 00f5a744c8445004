"""When a finding began: statements of one concept on one side are one thing, whose dates are weighed together.

Within one thing a stated onset goes before one assumed from the date of a statement, and the earliest counts. Between
different things the newest counts: a new symptom must not hide behind an old one of the same list of codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from cds.clinical import Span
from cds.facts.concepts import Concept
from cds.facts.dates import newest
from cds.facts.statements import Statement
from cds.record import ConditionEntry

Group = tuple[Statement, ...]

_SEVERITY = {"mild": 1, "moderate": 2, "severe": 3}
_WORSE = frozenset({"recurrence", "relapse"})  # Condition.clinicalStatus


class Dated(NamedTuple):
    when: Span
    assumed: bool


class Onset(NamedTuple):
    """``last``: of the thing that began last; ``undated``: something else may have begun since."""

    last: Dated | None
    first: Dated | None
    undated: bool


def things(present: Iterable[Statement], background: Iterable[Statement], side: str | None = None) -> list[Group]:
    """The present statements by concept and side, each with the older ones (``background``) of the same thing.

    With ``side`` only what is of that side, by concept.
    """
    background = tuple(background)
    groups: list[Group] = []
    for concept in _by_concept(present):
        codes = frozenset[Concept]().union(*[one.concepts for one in concept])
        older = [one for one in background if one not in concept and not codes.isdisjoint(one.concepts)]
        for each in (side,) if side else _sides(concept):
            groups.append(tuple([one for one in (*concept, *older) if one.side in (each, "both", None)]))
    return groups


def _by_concept(statements: Iterable[Statement]) -> list[Group]:
    """Statements that share a code, or are linked by others that do, are of one concept."""
    groups: list[Group] = []
    for one in statements:
        linked = [group for group in groups if any(not one.concepts.isdisjoint(other.concepts) for other in group)]
        joined = tuple(other for group in linked for other in group)
        groups = [*(group for group in groups if group not in linked), (*joined, one)]
    return groups


def _sides(concept: Group) -> tuple[str | None, ...]:
    """The sides that are named; a statement without side belongs to each of them, or stands alone."""
    named = {one.side for one in concept}
    if "both" in named:
        return ("left", "right")
    return tuple(sorted(side for side in named if side)) or (None,)


def onset(groups: Sequence[Group], *, occurrences: bool = False, bouts: bool = False) -> Onset:
    """When the things began. With ``occurrences`` a later date of one thing is a new occurrence of it, with ``bouts``
    only one that is stated: what is merely observed again goes on."""
    firsts = [found for group in groups if (found := _began(group))]
    lasts = [found for group in groups if (found := _began(group, newest=occurrences or (bouts and _is_told(group))))]
    return Onset(
        last=max(lasts, key=_latest, default=None),
        first=min(firsts, key=_latest, default=None),
        undated=any(_is_undated(group) for group in groups),
    )


def _began(group: Group, *, newest: bool = False) -> Dated | None:
    dated = [Dated(one.onset, one.assumed) for one in group if one.onset is not None]
    stated = [found for found in dated if not found.assumed]
    pick = max if newest else min
    return pick(stated or dated, key=_latest, default=None)


def _is_told(group: Group) -> bool:
    return any(one.onset is not None and not one.assumed for one in group)


def _latest(found: Dated) -> date:
    return found.when.latest


def _is_undated(group: Group) -> bool:
    return not any(one.onset for one in group) and not all(one.history for one in group)


def worsened(present: Iterable[Statement], said: Iterable[Statement], worse: Iterable[Statement]) -> Span | None:
    """When it was last recorded to be worse: more severe than before, back again, or by a statement of ``worse``."""
    spans = [one.when for one in worse]
    told = (*present, *said)
    if len({severity(one) for one in told} - {0}) > 1 or any(_is_back(one) for one in told):
        for group in things(present, said):
            spans += [one.when for one in group if _is_back(one) or _is_severer(one, group)]
    return newest(*spans)


def _is_back(one: Statement) -> bool:
    return isinstance(one.entry, ConditionEntry) and one.entry.clinical_status in _WORSE


def _is_severer(one: Statement, group: Group) -> bool:
    """More severe than an earlier statement of the same thing."""
    return severity(one) > _SEVERITY["mild"] and any(
        one.when is not None
        and other.when is not None
        and other.when.latest < one.when.earliest
        and 0 < severity(other) < severity(one)
        for other in group
    )


def severity(one: Statement) -> int:
    """1 mild, 2 moderate, 3 severe, 0 not stated."""
    return _SEVERITY.get(one.entry.severity or "", 0) if isinstance(one.entry, ConditionEntry) else 0
