"""What users did with the cards of a patient, by what the cards were about."""

from alembic import op
from sqlalchemy import Column, DateTime, PrimaryKeyConstraint, Text

revision = "0002"
down_revision = "0001"

_BEFORE = """
    INSERT INTO answered (patient, "user", "trigger", at)
    SELECT decisions.patient, decisions."user", cards."trigger",
           max(CASE WHEN feedback.at < feedback.received THEN feedback.at ELSE feedback.received END)
    FROM feedback
    JOIN cards ON cards.uuid = feedback.card
    JOIN decisions ON decisions.id = cards.decision
                  AND decisions.issuer = feedback.issuer AND decisions.tenant = feedback.tenant
    WHERE decisions."user" <> '' AND cards."trigger" <> ''
    GROUP BY decisions.patient, decisions."user", cards."trigger"
"""


def upgrade() -> None:
    op.create_table(
        "answered",
        *(Column(name, Text(), nullable=False) for name in ("patient", "user", "trigger")),
        Column("at", DateTime(timezone=True), nullable=False),
        PrimaryKeyConstraint("patient", "user", "trigger", name="pk_answered"),
    )
    op.create_index("ix_answered_at", "answered", ["at"])
    op.execute(_BEFORE)
