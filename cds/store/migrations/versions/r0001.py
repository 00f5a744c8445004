"""Decisions with their cards and rules, feedback, used tokens, erased patients."""

from typing import Any

from alembic import op
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Text,
)

revision = "0001"
down_revision = None

_MOMENT = DateTime(timezone=True)


def upgrade() -> None:
    _decisions()
    _cards()
    _unshown()
    _feedback()
    _tokens()


def _decisions() -> None:
    op.create_table(
        "decisions",
        _column("id"),
        _column("at", _MOMENT),
        *_texts("client", "issuer", "tenant", "jti", "service", "hook", "hook_instance"),
        _column("status", Integer()),
        _column("milliseconds", Float()),
        *_texts("patient", "user", "encounter"),
        _column("orders", Integer()),
        *_texts("software", "knowledge", "unavailable", "facts", "body"),
        PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_at", "decisions", ["at"])
    op.create_index("ix_decisions_hook_instance", "decisions", ["hook_instance"])
    op.create_index("ix_decisions_patient_user", "decisions", ["patient", "user"])


def _cards() -> None:
    op.create_table(
        "cards",
        _column("decision"),
        _column("place", Integer()),
        *_texts("uuid", "indicator"),
        _column("quieted", Boolean()),
        *_texts("trigger", "suggestions"),
        PrimaryKeyConstraint("decision", "place", name="pk_cards"),
        ForeignKeyConstraint(["decision"], ["decisions.id"], name="fk_cards", ondelete="CASCADE"),
    )
    op.create_index("ix_cards_uuid", "cards", ["uuid"])
    op.create_index("ix_cards_trigger", "cards", ["trigger"])
    cards = ["cards.decision", "cards.place"]
    op.create_table(
        "card_rules",
        _column("decision"),
        _column("place", Integer()),
        _column("rank", Integer()),
        *_texts("rule", "version"),
        PrimaryKeyConstraint("decision", "place", "rank", name="pk_card_rules"),
        ForeignKeyConstraint(["decision", "place"], cards, name="fk_card_rules", ondelete="CASCADE"),
    )
    op.create_index("ix_card_rules_rule_version", "card_rules", ["rule", "version"])


def _unshown() -> None:
    op.create_table(
        "unshown",
        *_texts("decision", "why"),
        _column("place", Integer()),
        *_texts("rule", "version"),
        PrimaryKeyConstraint("decision", "why", "place", name="pk_unshown"),
        ForeignKeyConstraint(["decision"], ["decisions.id"], name="fk_unshown", ondelete="CASCADE"),
    )
    op.create_index("ix_unshown_rule_version", "unshown", ["rule", "version"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        _column("id"),
        _column("received", _MOMENT),
        *_texts("client", "issuer", "tenant", "jti", "service", "card", "outcome"),
        _column("at", _MOMENT),
        *_texts("suggestions", "reason_system", "reason_code", "reason_display", "comment"),
        PrimaryKeyConstraint("id", name="pk_feedback"),
    )
    op.create_index("ix_feedback_card", "feedback", ["card"])
    op.create_index("ix_feedback_received", "feedback", ["received"])


def _tokens() -> None:
    op.create_table(
        "tokens",
        *_texts("issuer", "digest"),
        _column("expires", _MOMENT),
        PrimaryKeyConstraint("issuer", "digest", name="pk_tokens"),
    )
    op.create_index("ix_tokens_expires", "tokens", ["expires"])
    op.create_table(
        "erased",
        _column("patient"),
        _column("at", _MOMENT),
        PrimaryKeyConstraint("patient", name="pk_erased"),
    )


def _column(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _texts(*names: str) -> list[Column[Any]]:
    return [_column(name) for name in names]
