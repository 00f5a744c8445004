"""What is written down: who asked what and was told what, and what became of it.

These values go to the spool as JSON and from there into the database, in any order and perhaps twice: each has an id of
its own, and storing it again changes nothing. None holds the name, number or words of a patient; patients, users and
encounters go by pseudonyms (a keyed hash), and what a record tells of the data is as little as ``CDS_RECORD`` says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

import msgspec

Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""Aware: one without a zone is read as no entry."""


class Caller(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who called, as its token said. ``client`` is its name in the clients file, "" for a caller of an open service."""

    client: str = ""
    issuer: str = ""
    tenant: str = ""
    jti: str = ""


NOBODY = Caller()
NO_FACTS = msgspec.Raw()
"""Said by this very value: another empty one would be written, and be no JSON."""


class IssuedCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One card that was sent. ``rules``: ``id@version``, the leading one first; ``trigger``: of ``hooks.quiet``."""

    uuid: str
    indicator: str
    rules: tuple[str, ...]
    suggestions: tuple[str, ...] = ()  # their uuids
    trigger: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="decision"):
    """One hook call and its answer, of whatever status.

    ``facts`` (with ``CDS_RECORD`` minimal or full): what the rules were asked about, without references or labels, as
    ``cds.hooks.recording`` writes it. ``body`` (full): the request, encrypted.
    """

    id: str
    at: Moment
    caller: Caller
    service: str
    status: int
    milliseconds: float
    hook: str = ""
    hook_instance: str = ""
    patient: str = ""  # pseudonym, as user and encounter
    user: str = ""
    encounter: str = ""
    orders: int = 0  # under review in this call
    software: str = ""
    knowledge: str = ""  # fingerprint of the rulesets
    cards: tuple[IssuedCard, ...] = ()
    quieted: tuple[IssuedCard, ...] = ()  # that held and were kept back; their uuids were never sent
    folded: tuple[str, ...] = ()  # rules whose cards had no room
    withheld: tuple[str, ...] = ()  # rules in shadow, or about a patient who has died
    unanswered: tuple[str, ...] = ()  # rules that could not be decided
    acted: tuple[str, ...] = ()  # rules that added to orders, unasked: system actions
    unavailable: tuple[str, ...] = ()  # resource types that were not supplied and could not be read
    facts: msgspec.Raw = NO_FACTS
    body: str = ""


class Feedback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="feedback"):
    """What became of one card, as its client tells it. ``id`` is made of what it says: told twice, it is the same.

    Whether the card was ever issued, and to this caller, is found out where it is read: the record of the card may
    arrive later.
    """

    id: str
    received: Moment
    caller: Caller
    service: str
    card: str
    outcome: Literal["accepted", "overridden"]
    at: Moment  # when it happened, in UTC
    suggestions: tuple[str, ...] = ()
    reason_system: str = ""
    reason_code: str = ""
    reason_display: str = ""
    comment: str = ""  # encrypted: it may be about a patient


Entry = Decision | Feedback
