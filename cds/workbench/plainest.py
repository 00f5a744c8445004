"""Facts as few and as plain as they can be for something still to be so of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from cds.clinical import Bounds, Fact, Number, State
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec

Known: TypeAlias = Mapping[str, Fact]
"""Facts that are not absent. One of which there may be many speaks of the one order that there is."""

_FINEST = 100  # numbers are told to the hundredth where that does


def plainest(found: Known, is_so: Callable[[Known], bool]) -> dict[str, Fact]:
    """Without the facts and attributes that may be left out, and in rounder numbers where these do.

    ``is_so`` of what was found.
    """
    facts = dict(found)
    for name in found:
        if is_so(fewer := {other: fact for other, fact in facts.items() if other != name}):
            facts = fewer
    for name, attribute in [(name, attribute) for name, fact in facts.items() for attribute in fact.attributes]:
        facts = _plainer(facts, name, attribute, is_so)
    return facts


def whole(specs: Mapping[str, FactSpec], facts: Known) -> dict[str, Fact]:
    """Every fact of a program: those not told are absent, and orders are the first of their kind."""
    absent = {name: Fact(name, State.ABSENT) for name in specs}
    return absent | {name: as_order(specs[name], fact) for name, fact in facts.items() if name in specs}


def as_order(spec: FactSpec, fact: Fact) -> Fact:
    """A fact of which there may be many, of the one that there is."""
    if fact.items or not KINDS[spec.kind].items:
        return fact
    return Fact(fact.name, fact.state, items=(replace(fact, name=f"{spec.kind}/1"),))


def _plainer(facts: dict[str, Fact], name: str, attribute: str, is_so: Callable[[Known], bool]) -> dict[str, Fact]:
    """The first that does of: without the attribute, known exactly, in a rounder number; else as it is."""
    fact = facts[name]
    others = {key: value for key, value in fact.attributes.items() if key != attribute}
    candidates = (others, *({**others, attribute: value} for value in _rounder(fact.attributes[attribute])))
    tried = (facts | {name: replace(fact, attributes=attributes)} for attributes in candidates)
    return next((plainer for plainer in tried if is_so(plainer)), facts)


def _rounder(value: Number | str) -> Iterator[Number]:
    if isinstance(value, str):
        return
    ends = [end for end in (value if isinstance(value, Bounds) else (value,)) if math.isfinite(end)]
    for number in ends:
        yield float(round(number))
        yield round(number * _FINEST) / _FINEST
    yield from ends
