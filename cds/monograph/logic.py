"""The part of a monograph that is logic: rules with their conditions and cards, conclusions and counts, as values."""

from __future__ import annotations

from typing import Literal

import msgspec


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """``to``: an anchor of the same page (``#rule-X``) or an address of this service; "" is nowhere."""

    name: str
    to: str = ""


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """``subject`` ``says``: "Fever" "is present". With ``parts`` it says how many of them: "at least one of:".
    ``aspect``: what of the subject is compared, where that is not the subject itself.

    ``words``: as the ruleset has it. ``points``: what a part of a count is worth. ``drawn_when``: of a conclusion, the
    titles of rules that draw it.
    """

    subject: Reference
    says: str
    words: str
    aspect: str = ""
    points: int | None = None
    parts: tuple[Clause, ...] = ()
    drawn_when: tuple[str, ...] = ()


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    source: Reference
    strength: str
    certainty: str
    note: str


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    recommended: bool
    actions: tuple[str, ...]
    offered: str  # "" or when it is


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    when: str
    text: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    url: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Texts are Markdown; what they name of the patient stands between ‹ and ›.

    ``one_card_with``: rules of the same ruleset whose cards are merged with it; ``and_of_others``: how many of others.
    """

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
    and_of_others: int


class Rule(msgspec.Struct, frozen=True, kw_only=True):
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


class Conclusion(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    anchor: str
    drawn_by: tuple[Reference, ...]
    asked_by: tuple[Reference, ...]
    keeps_silent: tuple[Reference, ...]


class Count(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    anchor: str
    parts: tuple[Clause, ...]
