"""What a ruleset can speak of: its own facts, counts and conclusions and those of the rulesets it uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds.ruleset.kinds import KINDS, Attribute
from cds.ruleset.model import FactSpec
from cds.ruleset.names import listed, suggestion, unknown


@dataclass(frozen=True, slots=True)
class Scope:
    """``broken``: names whose definition has a problem that is told already; whatever is asked of them is let pass.

    ``opaque``: not even the names are known, because the file could not be read.
    """

    facts: Mapping[str, FactSpec]
    counts: frozenset[str]
    conclusions: Mapping[str, str]  # -> the fact of `each`, "" for conclusions about the patient
    broken: frozenset[str] = frozenset()
    opaque: bool = False

    def lets_pass(self, name: str) -> bool:
        return self.opaque or name in self.broken

    def unknown(self, what: str, name: str) -> str:
        return unknown(what, name, [*self.facts, *self.counts, *self.conclusions])


def union(scopes: Iterable[Scope]) -> Scope:
    """What all of them know; of a name defined twice the first counts (the program refuses it)."""
    ordered = list(scopes)[::-1]
    return Scope(
        facts={name: spec for scope in ordered for name, spec in scope.facts.items()},
        counts=frozenset().union(*(scope.counts for scope in ordered)),
        conclusions={name: each for scope in ordered for name, each in scope.conclusions.items()},
        broken=frozenset().union(*(scope.broken for scope in ordered)),
        opaque=any(scope.opaque for scope in ordered),
    )


def attributes_of(spec: FactSpec) -> Mapping[str, Attribute]:
    return KINDS[spec.kind].attributes


def no_attribute(spec: FactSpec, name: str) -> str:
    """That the fact has no such attribute, with the one that was probably meant or all there are."""
    offered = attributes_of(spec)
    has = f"; it has {listed(sorted(offered))}" if offered else "; it has none"
    return f'{spec.name}, of kind "{spec.kind}", has no attribute "{name}"{suggestion(name, offered) or has}'


def speaks_of_one(spec: FactSpec, each: str, scope: Scope) -> bool:
    """Whether a fact is there once, or a rule with this ``each`` tells which of several is meant."""
    if not KINDS[spec.kind].items or spec.name == each:
        return True
    told = scope.facts.get(each)
    return told is not None and told.kind == spec.kind


def events_of(spec: FactSpec) -> tuple[str, ...]:
    """The events of a fact that have a date: ``onset`` for the attribute ``onset_days``."""
    return tuple(name.removesuffix("_days") for name in attributes_of(spec) if name.endswith("_days"))
