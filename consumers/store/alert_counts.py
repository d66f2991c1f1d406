"""How many alerts each township has of each level and state: kept with the alerts, for counting them takes too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Column, Connection, Integer, Table, Text, func, select

from consumers.store.metadata import METADATA, insert_into

NOWHERE = "-"
"""Stands for no township: a key cannot be NULL."""

ALERT_COUNT = Table(
    "alert_count",
    METADATA,
    Column("township_code", Text, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("status", Text, primary_key=True),
    Column("alerts", Integer, nullable=False),
)


_KEY = (ALERT_COUNT.c.township_code, ALERT_COUNT.c.level, ALERT_COUNT.c.status)


class Kind(NamedTuple):
    """What alerts are counted by."""

    township_code: str | None
    level: str
    status: str


def count_changes(conn: Connection, before: Iterable[Kind], after: Iterable[Kind]) -> None:
    """Note that alerts were of some kinds and are of others now."""
    changed = Counter(after)
    changed.subtract(before)
    rows = [
        {"township_code": kind.township_code or NOWHERE, "level": kind.level, "status": kind.status, "alerts": more}
        for kind, more in changed.items()
        if more
    ]
    if rows:
        added = insert_into(conn, ALERT_COUNT)
        total = ALERT_COUNT.c.alerts + added.excluded.alerts
        in_order = sorted(rows, key=lambda row: (str(row["township_code"]), str(row["level"]), str(row["status"])))
        conn.execute(added.on_conflict_do_update(index_elements=_KEY, set_={"alerts": total}), in_order)


def alerts_by_state(conn: Connection) -> dict[tuple[str, str], int]:
    """(level, state) -> how many alerts; zero where there were some before."""
    by = (ALERT_COUNT.c.level, ALERT_COUNT.c.status)
    found = select(*by, func.sum(ALERT_COUNT.c.alerts)).group_by(*by)
    return {(level, status): int(alerts) for level, status, alerts in conn.execute(found)}
