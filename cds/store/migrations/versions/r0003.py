"""The ledger of what was stored."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    place = BigInteger().with_variant(Integer(), "sqlite")
    op.create_table(
        "ledger",
        Column("place", place, nullable=False, autoincrement=False),
        *(Column(name, Text(), nullable=False) for name in ("kind", "id", "digest", "seal", "gone")),
        PrimaryKeyConstraint("place", name="pk_ledger"),
    )
    op.create_index("ix_ledger_id", "ledger", ["id"])
