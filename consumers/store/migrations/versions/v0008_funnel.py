"""Sums over all alerts, for the funnel."""

from __future__ import annotations

import json
from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and fill it from the alerts that are there; what was told of them is counted from now on."""
    funnel = op.create_table(
        "funnel",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_funnel"),
    )
    alert = sa.table("alert", sa.column("content", sa.Text))
    alerts = op.get_bind().execute(sa.select(sa.func.count()).select_from(alert)).scalar_one()
    with_evidence = sa.select(alert.c.content).where(alert.c.content.contains('"evidence_count":'))
    found = Counter(alerts=alerts)
    for (content,) in op.get_bind().execute(with_evidence):
        causes = json.loads(content)["causes"]
        listed = {event for cause in causes for event in cause["evidence"]}
        number = max([len(listed), *(cause["evidence_count"] for cause in causes)])
        found.update({"evidence": number, "first": min(number, 1), "merged": max(number - 1, 0)})
    op.bulk_insert(funnel, [{"what": what, "number": number} for what, number in found.items()])
