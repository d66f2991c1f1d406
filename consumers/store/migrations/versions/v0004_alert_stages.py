"""Stages of alerts are remembered, so that each is measured once; red alerts that nobody has seen are found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what is there was told when it was raised."""
    op.create_table(
        "alert_stage",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("notified_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("red_since", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.alert_id"], name="fk_alert_stage_alert_id"),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alert_stage"),
    )
    red_since = sa.text("red_since IS NOT NULL")
    op.create_index(
        "ix_alert_stage_red", "alert_stage", ["red_since"], sqlite_where=red_since, postgresql_where=red_since
    )
    op.execute(
        "INSERT INTO alert_stage (alert_id, published_at, notified_at, red_since) "
        "SELECT alert_id, raised_at, raised_at, "
        "CASE WHEN level = 'red' AND status IN ('ALERTED', 'REOPENED') THEN raised_at END "
        "FROM alert WHERE status NOT IN ('LEAD', 'WITHDRAWN')"
    )
