"""What alerts that are open are marked with, so that each mark has a list: kept with them and rebuilt from Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, exists, func, select

from consumers.store.metadata import METADATA, Instant
from consumers.store.monitored import MONITORED

NOT_ENROLLED = "not_enrolled"
_EXPOSURE, _WATCH = "exposure", "watch"

ALERT_MARK = Table(
    "alert_mark",
    METADATA,
    Column("mark", Text, primary_key=True),
    Column("alert_id", Text, primary_key=True),
    Column("household_id", Text, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Index("ix_alert_mark_order", "mark", "urgency", "raised_at", "alert_id"),
    Index("ix_alert_mark_alert_id", "alert_id"),
)
IS_MONITORED = exists().where(MONITORED.c.household_id == ALERT_MARK.c.household_id)
"""That the county ever included the household."""


def _is_not_enrolled(alert: Mapping[str, Any]) -> bool:
    return any(cause["cause"] == _EXPOSURE and cause["level"] != _WATCH for cause in alert.get("causes", ()))


_MARKS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "insurer_nudge": lambda alert: alert.get("insurer_nudge"),
    "fund_referral": lambda alert: alert.get("fund_referral"),
    "without_follow_up": lambda alert: alert.get("without_follow_up"),
    NOT_ENROLLED: _is_not_enrolled,
}


def marked(row: Mapping[str, Any], alert: Mapping[str, Any]) -> frozenset[tuple[str, int, int]]:
    """Mark, urgency and raised_at of each of an alert's marks; `row` is the alert's in its table."""
    if not row["is_open"]:
        return frozenset()
    return frozenset((mark, row["urgency"], row["raised_at"]) for mark, holds in _MARKS.items() if holds(alert))


def note_marks(conn: Connection, rows: Iterable[Mapping[str, Any]], alerts: Iterable[Mapping[str, Any]]) -> None:
    """Note the marks of alerts of which newer versions came, in the place of those that they had."""
    known = list(zip(rows, alerts, strict=True))
    ids = [row["alert_id"] for row, _ in known]
    found = conn.execute(select(ALERT_MARK).where(ALERT_MARK.c.alert_id.in_(ids))).mappings()
    before: dict[str, set[tuple[str, int, int]]] = {}
    for each in found:
        before.setdefault(each["alert_id"], set()).add((each["mark"], each["urgency"], each["raised_at"]))
    changed = [(row, now) for row, alert in known if (now := marked(row, alert)) != before.get(row["alert_id"], set())]
    if gone := [row["alert_id"] for row, _ in changed if row["alert_id"] in before]:
        conn.execute(ALERT_MARK.delete().where(ALERT_MARK.c.alert_id.in_(gone)))
    new = [
        {name: row[name] for name in ("alert_id", "household_id")} | {"mark": mark, "urgency": urgency, "raised_at": at}
        for row, now in changed
        for mark, urgency, at in sorted(now)
    ]
    if new:
        conn.execute(ALERT_MARK.insert(), new)


def count_marks(conn: Connection) -> dict[str, int]:
    """How many alerts have each mark."""
    found = select(ALERT_MARK.c.mark, func.count()).group_by(ALERT_MARK.c.mark)
    return {row.mark: row[1] for row in conn.execute(found)}


def count_not_enrolled(conn: Connection) -> int:
    """How many monitored households have somebody who is not enrolled."""
    found = select(func.count(ALERT_MARK.c.household_id.distinct()))
    return conn.execute(found.where(ALERT_MARK.c.mark == NOT_ENROLLED, IS_MONITORED)).scalar_one()
