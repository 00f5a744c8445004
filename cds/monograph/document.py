"""The monograph of a ruleset as values: its JSON is these structures, its page is rendered from them.

A monograph needs nothing else to be shown, so one that was kept tells of a version that is loaded no more.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from cds.monograph.logic import Conclusion, Count, Reference, Rule


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """``approved``: a named clinician stands behind this very version."""

    approved: bool
    reviewer: str
    approved_version: str
    approved_on: str
    review_by: str
    statement: str


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    purpose: str
    intended_users: str
    population: str
    excludes: str
    limits: str
    time_critical: str


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """One of the thirteen of 45 CFR 170.315(b)(11)(iv)(A). ``used``: None where that is no question."""

    number: int
    name: str
    value: str
    used: bool | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    label: str
    cite: str
    edition: str
    url: str
    anchor: str
    cited_by: int  # rules


class Service(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    hook: str
    title: str


class Codes(msgspec.Struct, frozen=True, kw_only=True):
    """What one parameter of a fact looks for. ``other_than``: what does not count."""

    asks: str
    valuesets: tuple[Reference, ...]
    codes: tuple[str, ...]
    other_than: tuple[Reference, ...]
    other_than_codes: tuple[str, ...]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """``age``: how old what is read may be."""

    name: str
    about: str
    value: str
    age: bool


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute of a fact that some rule asks for."""

    name: str
    about: str
    unit: str


class Input(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    anchor: str
    asks: str
    defined_in: Reference  # another ruleset; "" where it is this one
    reads: tuple[str, ...]
    also_reads: tuple[str, ...]
    unit: str
    codes: tuple[Codes, ...]
    settings: tuple[Setting, ...]
    compared: tuple[Compared, ...]
    builds_on: tuple[Reference, ...]
    definition: str  # derivations: what they follow


class Code(msgspec.Struct, frozen=True, kw_only=True):
    system: str
    code: str
    display: str
    and_below: bool


class ValueSet(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    version: str
    title: str
    anchor: str
    source: str
    codes: tuple[Code, ...]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    about: str
    default: str
    value: str
    set_here: bool


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    reached: int
    of: int
    remark: str = ""


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of this very version, and of these very files.

    ``mutation``: nothing where it was measured of another state of the rulesets that use this one.
    """

    measured_on: str
    software: str
    cases: int
    failed: tuple[str, ...]
    coverage: tuple[Measure, ...]
    mutation: tuple[Measure, ...]
    remark: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A test beside the ruleset: what is given, and all that has to follow.

    ``pin``: found by search, it holds fast what the rules do; nobody judged that it is right.
    """

    name: str
    pin: bool
    given: str
    cards: tuple[str, ...]
    conclusions: tuple[str, ...]
    unanswered: tuple[str, ...]


class Monograph(msgspec.Struct, frozen=True, kw_only=True):
    """``address``: its path at this service. ``validation``: None, nothing was recorded of these files.
    ``earlier_results``: when an earlier state of them was measured; "" never, or nothing has changed since.

    ``further_inputs``: what the rules of other rulesets ask for that draw conclusions these rules ask for.
    """

    id: str
    version: str
    address: str
    canonical: str
    title: str
    status: Literal["draft", "active", "retired"]
    domain: str
    review: Review
    about: Purpose
    source_attributes: tuple[Attribute, ...]
    sources: tuple[Source, ...]
    services: tuple[Service, ...]
    uses: tuple[Reference, ...]
    used_by: tuple[Reference, ...]
    inputs: tuple[Input, ...]
    further_inputs: tuple[Reference, ...]
    rules: tuple[Rule, ...]
    conclusions: tuple[Conclusion, ...]
    counts: tuple[Count, ...]
    valuesets: tuple[ValueSet, ...]
    parameters: tuple[Parameter, ...]
    validation: Validation | None
    cases: tuple[Case, ...]
    software: str
    rulesets_fingerprint: str
    earlier_results: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset in the list of all. ``versions``: those that can be read here, the one in use first."""

    id: str
    version: str
    address: str
    title: str
    status: str
    domain: str
    purpose: str
    approved: bool
    review_by: str
    rules: int
    cards: int
    versions: tuple[Reference, ...]


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """``query``: what was searched for, "" for all."""

    query: str
    total: int
    rulesets: tuple[Entry, ...]
    software: str
    rulesets_fingerprint: str


Told: TypeAlias = Monograph | Contents
