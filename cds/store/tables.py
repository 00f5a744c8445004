"""The tables, the same on SQLite and PostgreSQL. Every change of them needs a migration beside it.

Lists and facts are JSON in text columns: a decision is given back as it was told, byte for byte, and no query looks
inside. What queries do look for (rules, card uuids, pseudonyms, moments) has columns, rows and indexes of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware moment. SQLite keeps no zones: it is UTC there, and comes back as UTC from everywhere."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class Words(TypeDecorator[str]):
    """Text. U+0000 becomes U+FFFD: PostgreSQL cannot hold it, and no client shall have records refused by it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return value and value.replace("\0", "\ufffd")


class Listed(TypeDecorator[tuple[str, ...]]):
    """Texts in their order, as a JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, _dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else msgspec.json.decode(value, type=tuple[str, ...])


def _column(name: str, kind: Any = Words) -> Column[Any]:
    return Column(name, kind, nullable=False)


decisions = Table(
    "decisions",
    metadata,
    _column("id"),
    _column("at", Moment),
    _column("client"),
    _column("issuer"),
    _column("tenant"),
    _column("jti"),
    _column("service"),
    _column("hook"),
    _column("hook_instance"),
    _column("status", Integer),
    _column("milliseconds", Float),
    _column("patient"),  # pseudonym, as user and encounter
    _column("user"),
    _column("encounter"),
    _column("orders", Integer),
    _column("software"),
    _column("knowledge"),
    _column("unavailable", Listed),
    _column("facts"),  # JSON; "" when the record holds none
    _column("body"),  # encrypted; "" when it was not kept
    PrimaryKeyConstraint("id"),
    Index(None, "at"),
    Index(None, "hook_instance"),
    Index(None, "patient", "user"),
)

# The cards of a decision: first those that were sent, then those that were kept back because they had been answered.
cards = Table(
    "cards",
    metadata,
    _column("decision"),
    _column("place", Integer),
    _column("uuid"),
    _column("indicator"),
    _column("quieted", Boolean),
    _column("trigger"),
    _column("suggestions", Listed),
    PrimaryKeyConstraint("decision", "place"),
    ForeignKeyConstraint(["decision"], ["decisions.id"], ondelete="CASCADE"),
    Index(None, "uuid"),
    Index(None, "trigger"),
)

# The rules of a card; the one of rank 0 leads.
card_rules = Table(
    "card_rules",
    metadata,
    _column("decision"),
    _column("place", Integer),
    _column("rank", Integer),
    _column("rule"),
    _column("version"),
    PrimaryKeyConstraint("decision", "place", "rank"),
    ForeignKeyConstraint(["decision", "place"], ["cards.decision", "cards.place"], ondelete="CASCADE"),
    Index(None, "rule", "version"),
)

# Rules that gave no card although they held or might have: "folded" (no room), "withheld" (shadow), "unanswered"; and
# those that "acted": added to an order without a card.
unshown = Table(
    "unshown",
    metadata,
    _column("decision"),
    _column("why"),
    _column("place", Integer),
    _column("rule"),
    _column("version"),
    PrimaryKeyConstraint("decision", "why", "place"),
    ForeignKeyConstraint(["decision"], ["decisions.id"], ondelete="CASCADE"),
    Index(None, "rule", "version"),
)

# Not bound to the cards: it may be stored before its card, or be about one that was never issued. It belongs to a card
# when uuid, issuer and tenant agree.
feedback = Table(
    "feedback",
    metadata,
    _column("id"),
    _column("received", Moment),
    _column("client"),
    _column("issuer"),
    _column("tenant"),
    _column("jti"),
    _column("service"),
    _column("card"),
    _column("outcome"),
    _column("at", Moment),
    _column("suggestions", Listed),
    _column("reason_system"),
    _column("reason_code"),
    _column("reason_display"),
    _column("comment"),  # encrypted
    PrimaryKeyConstraint("id"),
    Index(None, "card"),
    Index(None, "received"),
)

# When a user last accepted or overrode a card about a patient, by the trigger of the card: ``cds.store.responses``.
answered = Table(
    "answered",
    metadata,
    _column("patient"),
    _column("user"),
    _column("trigger"),
    _column("at", Moment),
    PrimaryKeyConstraint("patient", "user", "trigger"),
    Index(None, "at"),
)

# A row for each decision and piece of feedback in the order in which they were stored, each sealed to the row before:
# ``cds.store.ledger``. ``gone``: "", or why the record was removed, sealed.
ledger = Table(
    "ledger",
    metadata,
    Column("place", BigInteger().with_variant(Integer, "sqlite"), nullable=False, autoincrement=False),
    _column("kind"),
    _column("id"),
    _column("digest"),
    _column("seal"),
    _column("gone"),
    PrimaryKeyConstraint("place"),
    Index(None, "id"),
)

# Tokens that were used: ``digest`` of the jti.
tokens = Table(
    "tokens",
    metadata,
    _column("issuer"),
    _column("digest"),
    _column("expires", Moment),
    PrimaryKeyConstraint("issuer", "digest"),
    Index(None, "expires"),
)

# Patients whose decisions up to this moment were erased: what still waits in some spool is not stored any more.
erased = Table(
    "erased",
    metadata,
    _column("patient"),
    _column("at", Moment),
    PrimaryKeyConstraint("patient"),
)
