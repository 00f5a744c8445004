"""What was found, and the facts that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cds.clinical import Fact
from cds.ruleset.model import Place, Rule

Sort: TypeAlias = Literal[
    "unreachable",  # a rule that no facts let fire, because of one condition
    "never together",  # conditions of one rule that no facts satisfy at once
    "never so",  # an exception for something that can never be while the rest holds
    "covered",  # a rule that only fires where others with the same conclusion or card do
    "gap",  # numbers between those of sibling rules
    "overlap",  # numbers that belong to two sibling rules
    "contradiction",  # two cards on one input that cannot both be followed
    "never read",  # a conclusion, fact or count that nobody asks for
    "untested",  # a rule that no case lets fire, or whose card no case shows
    "source",  # an attribute of a source, or a statement about the ruleset, that is not there
    "overdue",  # a review date that is over
    "no card",  # a service at a hook where none of its rules shows anything
    "unit",  # a number that is easily taken for one in another unit
]


@dataclass(frozen=True, slots=True)
class Witness:
    """Facts that are not absent, and the rules that were seen to fire and to stay silent on them."""

    facts: Mapping[str, Fact]
    fired: tuple[Rule, ...]
    silent: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """``of`` tells findings of one sort apart, whatever line they stand in: ids of rules, names of conclusions."""

    sort: Sort
    ruleset: str
    of: tuple[str, ...]
    place: Place
    message: str
    witness: Witness | None = None

    def __str__(self) -> str:
        return f"{self.place.file}:{self.place.line}: {self.sort}: {self.message}"

    @property
    def name(self) -> str:
        """By which a reason speaks of it."""
        return " / ".join(self.of)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.ruleset, self.sort, self.name
