"""A mutant: one ruleset with one small mistake in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from cds.ruleset.model import Count, FactSpec, Place, Rule, ValueSet

Kind: TypeAlias = Literal[
    "dropped",  # a condition, an alternative, or what is counted
    "negated",
    "combined",  # any <-> all <-> at least n
    "unknown",  # unless <-> without <-> denied: what is not known counts otherwise
    "limit",  # a number one step up or down
    "comparison",  # above <-> at least, below <-> at most
    "window",  # of a condition: one day or hour more or less
    "choice",  # a text that may be, left out
    "points",
    "look-back",  # of a fact: one day or hour more or less
    "parameter",  # of a fact: another value, or left out
    "codes",  # a code or a value set left out
    "card",
]

Changed: TypeAlias = Rule | Count | FactSpec | ValueSet


@dataclass(frozen=True, slots=True)
class Mutant:
    """``what`` and the names in it stay the same when lines move; ``changed`` takes the place of what has its name."""

    subject: str  # rule id, or name of the fact, count or value set
    kind: Kind
    what: str  # "`egfr: below 30` -> below 29"
    ruleset: str  # "" for a value set, which belongs to none
    place: Place
    changed: Changed
    number: int = 1  # of those that read alike

    @property
    def id(self) -> str:
        return f"{self.subject} | {self.kind} | {self.what}" + (f" ({self.number})" if self.number > 1 else "")


def numbered(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Those that read alike told apart, in the order in which they are written."""
    seen: dict[str, int] = {}
    for mutant in mutants:
        seen[mutant.id] = seen.get(mutant.id, 0) + 1
        yield replace(mutant, number=seen[mutant.id])
