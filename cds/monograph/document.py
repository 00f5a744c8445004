"""The monograph of a ruleset as values: its JSON is these structures, its page is rendered from them.

A monograph needs nothing else to be shown, so one that was kept tells of a version that is loaded no more. ``to`` is
where something is told: an anchor of the same page (``#rule-X``) or an address of this service; "" is nowhere.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Every member is written out, also when it says nothing."""


class Reference(_Part):
    name: str
    to: str = ""


class Review(_Part):
    """``approved``: a named clinician stands behind this very version."""

    approved: bool
    reviewer: str
    approved_version: str
    approved_on: str
    review_by: str
    statement: str


class Purpose(_Part):
    purpose: str
    intended_users: str
    population: str
    excludes: str
    limits: str
    time_critical: str


class Attribute(_Part):
    """One of the thirteen of 45 CFR 170.315(b)(11)(iv)(A). ``used``: None where that is no question."""

    number: int
    name: str
    value: str
    used: bool | None = None


class Source(_Part):
    key: str
    label: str
    cite: str
    edition: str
    url: str
    anchor: str
    cited_by: int  # rules


class Service(_Part):
    id: str
    hook: str
    title: str


class Codes(_Part):
    """What one parameter of a fact looks for. ``other_than``: what does not count."""

    asks: str
    valuesets: tuple[Reference, ...]
    codes: tuple[str, ...]
    other_than: tuple[Reference, ...]
    other_than_codes: tuple[str, ...]


class Setting(_Part):
    """``age``: how old what is read may be."""

    name: str
    about: str
    value: str
    age: bool


class Compared(_Part):
    """An attribute of a fact that some rule asks for."""

    name: str
    about: str
    unit: str


class Input(_Part):
    name: str
    title: str
    anchor: str
    asks: str
    ruleset: str  # where it is defined
    reads: tuple[str, ...]
    also_reads: tuple[str, ...]
    unit: str
    codes: tuple[Codes, ...]
    settings: tuple[Setting, ...]
    compared: tuple[Compared, ...]
    builds_on: tuple[Reference, ...]
    definition: str  # derivations: what they follow


class Clause(_Part):
    """``subject`` ``says``: "Fever" "is present". With ``parts`` it says how many of them: "at least one of:".
    ``aspect``: what of the subject is compared, where that is not the subject itself.

    ``words``: as the ruleset has it. ``points``: what a part of a count is worth.
    """

    subject: Reference
    says: str
    words: str
    aspect: str = ""
    points: int | None = None
    parts: tuple[Clause, ...] = ()


class Evidence(_Part):
    source: Reference
    strength: str
    certainty: str
    note: str


class Suggestion(_Part):
    label: str
    recommended: bool
    actions: tuple[str, ...]
    offered: str  # "" or when it is


class Remark(_Part):
    when: str
    text: str


class Link(_Part):
    label: str
    url: str


class Card(_Part):
    """Texts are Markdown; what they name of the patient stands between ‹ and ›. ``one_card_with``: merged with these."""

    indicator: Literal["critical", "warning", "info"]
    tier: str
    summary: str
    detail: str
    remarks: tuple[Remark, ...]
    suggestions: tuple[Suggestion, ...]
    links: tuple[Link, ...]
    override_reasons: tuple[str, ...]
    quiet: str
    one_card_with: tuple[Reference, ...]


class Rule(_Part):
    """``unless``: any of these keeps it silent. ``silences``: rules that this one's conclusion keeps silent."""

    id: str
    anchor: str
    title: str
    topic: str
    each: str
    when: tuple[Clause, ...]
    unless: tuple[Clause, ...]
    concludes: Reference
    silences: tuple[Reference, ...]
    card: Card | None
    hooks: tuple[str, ...]  # where its card may show; none: wherever the service is offered
    system_actions: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    replaces: str
    as_written: str  # file and line


class Conclusion(_Part):
    name: str
    anchor: str
    drawn_by: tuple[Reference, ...]
    asked_by: tuple[Reference, ...]
    keeps_silent: tuple[Reference, ...]


class Count(_Part):
    name: str
    anchor: str
    parts: tuple[Clause, ...]


class Code(_Part):
    system: str
    code: str
    display: str
    and_below: bool


class ValueSet(_Part):
    id: str
    version: str
    title: str
    anchor: str
    source: str
    codes: tuple[Code, ...]


class Parameter(_Part):
    name: str
    about: str
    default: str
    value: str
    set_here: bool


class Measure(_Part):
    name: str
    reached: int
    of: int
    remark: str = ""


class Validation(_Part):
    """What was measured of this very version, and of these very files."""

    measured_on: str
    software: str
    cases: int
    failed: tuple[str, ...]
    coverage: tuple[Measure, ...]
    mutation: tuple[Measure, ...]
    remark: str


class Case(_Part):
    """A test beside the ruleset: what is given, and all that has to follow."""

    name: str
    given: str
    cards: tuple[str, ...]
    conclusions: tuple[str, ...]
    unanswered: tuple[str, ...]


class Monograph(_Part):
    """``address``: its path at this service. ``validation``: None, nothing was recorded.

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


class Entry(_Part):
    """A ruleset in the list of all. ``versions``: those that can be read here, the one in use first."""

    id: str
    version: str
    address: str
    title: str
    status: str
    domain: str
    purpose: str
    approved: bool
    rules: int
    cards: int
    versions: tuple[Reference, ...]


class Contents(_Part):
    """``query``: what was searched for, "" for all."""

    query: str
    total: int
    rulesets: tuple[Entry, ...]
    software: str
    rulesets_fingerprint: str


Told: TypeAlias = Monograph | Contents
