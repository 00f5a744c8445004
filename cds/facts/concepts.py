"""What makes two codings the same concept."""

from __future__ import annotations

from collections.abc import Iterable

from cds.clinical import Coding
from cds.ruleset.systems import ALIASES, matched_form

Concept = tuple[str, str]
"""A code in the one form it is compared in, with the URI of its system."""


def concept(coding: Coding) -> Concept:
    system = ALIASES.get(coding.system, coding.system)
    return system, matched_form(system, coding.code)


def concepts(codings: Iterable[Coding]) -> frozenset[Concept]:
    return frozenset([concept(coding) for coding in codings])
