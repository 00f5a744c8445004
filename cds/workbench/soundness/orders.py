"""Which facts about orders cannot be about the same one: an order for an examination is for one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

from cds.ruleset.model import Codes, FactSpec, ValueSet
from cds.ruleset.systems import matched_form

_OF_ONE_THING = "draft-request"
"""An order for a medicine may be for a combination, which is in the choices of all its ingredients."""


def apart(specs: Iterable[FactSpec], valuesets: Mapping[str, ValueSet]) -> frozenset[frozenset[str]]:
    """The pairs of facts whose choices have no code in common."""
    listed = {
        spec.name: _members(spec.codes["in"], valuesets)
        for spec in specs
        if spec.kind == _OF_ONE_THING and "in" in spec.codes
    }
    pairs = combinations(listed, 2)
    return frozenset(frozenset((one, other)) for one, other in pairs if listed[one].isdisjoint(listed[other]))


def _members(codes: Codes, valuesets: Mapping[str, ValueSet]) -> set[tuple[str, str]]:
    listed = [coding for name in codes.sets for coding in (*valuesets[name].codings, *valuesets[name].prefixes)]
    return {(one.system, matched_form(one.system, one.code)) for one in (*listed, *codes.codings)}
