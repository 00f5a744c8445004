"""The ways in which one test may be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cds.ruleset.model import Relation, Test
from cds.workbench.mutation.mutant import Kind
from cds.workbench.steps import limits, step


@dataclass(frozen=True, slots=True)
class Variant:
    kind: Kind
    what: str
    test: Test


_NEGATED: Mapping[Relation, Relation] = {
    "present": "without",
    "without": "present",
    "unless": "present",
    "denied": "present",
    "unrecorded": "present",
    "above": "at most",
    "at least": "below",
    "below": "at least",
    "at most": "above",
    "is": "is not",
    "is not": "is",
    "known": "unknown",
    "unknown": "known",
}
_SHIFTED: Mapping[Relation, Relation] = {
    "above": "at least",
    "at least": "above",
    "below": "at most",
    "at most": "below",
}
_UNKNOWN: Mapping[Relation, tuple[Relation, ...]] = {
    "unless": ("without",),
    "without": ("unless", "denied"),
    "denied": ("without",),
}


def variants(test: Test, conclusions: frozenset[str]) -> Iterator[Variant]:
    """``conclusions``: names that are no facts; of these nothing is ever on record."""
    for relation in _UNKNOWN.get(test.relation, ()):
        if relation != "denied" or test.subject not in conclusions:
            yield _of_relation("unknown", test, relation)
    if test.relation in _NEGATED:
        yield _of_relation("negated", test, _NEGATED[test.relation])
    if test.relation in _SHIFTED:
        yield _of_relation("comparison", test, _SHIFTED[test.relation])
    yield from _moved(test)
    if test.relation == "is one of" and isinstance(test.operand, tuple):
        for text in test.operand:
            left = tuple(str(other) for other in test.operand if other != text)
            yield Variant("choice", f"`{test.words}` without {text}", replace(test, operand=left))


def _of_relation(kind: Kind, test: Test, relation: Relation) -> Variant:
    changed = replace(test, relation=relation)
    return Variant(kind, f"`{test.words}` -> {said(changed)}", changed)


def _moved(test: Test) -> Iterator[Variant]:
    kind: Kind = "window" if test.anchor or test.attribute.endswith(("_days", "_hours")) else "limit"
    ends = limits(test)
    for place in range(len(ends)):
        for sign in (1, -1):
            moved = [limit + sign * step(test) if here == place else limit for here, limit in enumerate(ends)]
            operand = moved[0] if test.relation != "between" else (moved[0], moved[1])
            changed = replace(test, operand=operand)
            if test.relation != "between" or moved[0] <= moved[1]:
                yield Variant(kind, f"`{test.words}` -> {said(changed)}", changed)


def said(test: Test) -> str:
    """What a test asks, in the attribute's own unit: "below 29", "without", "between 7 and 9"."""
    match test.operand:
        case float(number):
            return f"{test.relation} {number:.10g}"
        case (float(low), float(high)):
            return f"between {low:.10g} and {high:.10g}"
        case None:
            return test.relation
        case _:
            return f"{test.relation} {test.operand}"
