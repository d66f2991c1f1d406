"""What townships were told of a household is remembered, so that nobody is told the same again and again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; empty, it holds nothing back: what is there may be told once more, and nothing is missed."""
    op.create_table(
        "told",
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.Column("township_code", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("household_id", "township_code", name="pk_told"),
    )
