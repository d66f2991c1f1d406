"""Townships find what concerns their villages, themselves or the whole county."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Note where each area alert belongs."""
    op.add_column("area_alert", sa.Column("area_code", sa.Text(), nullable=False, server_default="county"))
    op.create_index("ix_area_alert_place", "area_alert", ["is_open", "area_code", "known_at"])
