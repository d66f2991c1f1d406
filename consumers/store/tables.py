"""Every table, in one place, for migrations and tests."""

from __future__ import annotations

from consumers.store import (
    accounts,
    alert_counts,
    alert_stages,
    alerts,
    area_alerts,
    book,
    deliveries,
    fund,
    funnel,
    marks,
    monitored,
    notes,
    outbox,
    positions,
    sessions,
    tasks,
    told,
)
from consumers.store.metadata import METADATA

GROUPS = (
    accounts,
    alert_counts,
    alert_stages,
    alerts,
    area_alerts,
    book,
    deliveries,
    fund,
    funnel,
    marks,
    monitored,
    notes,
    outbox,
    positions,
    sessions,
    tasks,
    told,
)

__all__ = ["GROUPS", "METADATA"]
