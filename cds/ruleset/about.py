"""Why a ruleset should be believed: who made it, for whom, from which sources; and why one rule is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

NOBODY = "none"
"""The reviewer of what no clinician has reviewed."""


@dataclass(frozen=True, slots=True)
class Source:
    """A guideline or study the ruleset rests on."""

    key: str
    cite: str
    label: str  # short name on the card
    url: str = ""
    edition: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """The reviewer's word for one version of the ruleset; it does not carry over to the next."""

    version: str
    on: date


@dataclass(frozen=True, slots=True)
class About:
    """Why the ruleset should be believed: the source attributes a clinician may ask for."""

    purpose: str
    intended_users: str
    population: str
    excludes: str
    developer: str
    funding: str
    released: str
    revised: str
    review_by: str
    reviewer: str  # NOBODY until a named clinician has approved it
    sources: Mapping[str, Source] = field(default_factory=dict)
    limits: str = ""
    approved: Approval | None = None
    line: int = 1  # where it is written


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the advice is believed: a source of the ruleset, and how strong it says the evidence is."""

    source: str  # key of About.sources
    strength: str = ""
    certainty: str = ""
    note: str = ""
