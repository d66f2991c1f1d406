"""The county finds the alerts that their townships disowned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark and the list's index, and mark what is there."""
    op.add_column("alert", sa.Column("not_mine", sa.Boolean(), server_default=sa.false(), nullable=False))
    alert = sa.table("alert", sa.column("not_mine", sa.Boolean), sa.column("content", sa.Text))
    op.execute(alert.update().where(alert.c.content.contains('"not_mine":true')).values(not_mine=True))
    op.create_index(
        "ix_alert_not_mine",
        "alert",
        ["urgency", "raised_at", "alert_id"],
        sqlite_where=alert.c.not_mine.is_(True),
        postgresql_where=alert.c.not_mine.is_(True),
    )
