"""Plans of monitored households are counted, alerts have marks with a list each, and what funds paid is known."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and count the plans of the alerts that are there."""
    op.add_column("monitored", sa.Column("planned", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "alert_mark",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mark", "alert_id", name="pk_alert_mark"),
    )
    op.create_index("ix_alert_mark_order", "alert_mark", ["mark", "urgency", "raised_at", "alert_id"])
    op.create_index("ix_alert_mark_alert_id", "alert_mark", ["alert_id"])
    for name, key in (("fund_paid", "alert_id"), ("fund_waiting", "action_id")):
        op.create_table(
            name,
            sa.Column(key, sa.Text(), nullable=False),
            sa.Column("amount_fen", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
        )
    _count_plans()


def _count_plans() -> None:
    alert = sa.table("alert", sa.column("household_id", sa.Text), sa.column("content", sa.Text))
    monitored = sa.table("monitored", *(sa.column(name) for name in ("household_id", "ordinal", "planned")))
    same = alert.c.household_id == monitored.c.household_id
    found = sa.select(monitored.c.household_id, monitored.c.ordinal, alert.c.content).join_from(monitored, alert, same)
    for household_id, ordinal, content in op.get_bind().execute(found).all():
        said = json.loads(content)
        if said.get("ordinal") == ordinal and said.get("planned"):
            of = monitored.update().where(monitored.c.household_id == household_id)
            op.execute(of.values(planned=len(said["planned"])))
