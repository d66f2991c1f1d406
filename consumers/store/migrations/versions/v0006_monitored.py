"""Households that the county included are counted by class, with the people in them."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and fill it from the alerts that are there."""
    monitored = op.create_table(
        "monitored",
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("household_class", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("household_id", name="pk_monitored"),
    )
    alert = sa.table("alert", sa.column("content", sa.Text))
    found = op.get_bind().execute(sa.select(alert.c.content).where(alert.c.content.contains('"household_class":"')))
    rows: dict[str, dict[str, object]] = {}
    for said in sorted((json.loads(content) for (content,) in found), key=lambda each: int(each["ordinal"])):
        given = {name: said[name] for name in ("household_id", "ordinal", "version", "household_class", "status")}
        rows[said["household_id"]] = {**given, "persons": said.get("persons") or 0}
    op.bulk_insert(monitored, list(rows.values()))
