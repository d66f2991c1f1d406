"""Alerts as the township side knows them: the newest version of each, and every version seen. Rebuilt from Kafka."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, Connection, ForeignKey, Index, Integer, Table, Text, bindparam, false, select

from consumers.store.alert_counts import Kind, count_changes
from consumers.store.fund import note_fund
from consumers.store.marks import note_marks
from consumers.store.metadata import METADATA, Instant, insert_into
from consumers.store.monitored import note_monitored

ENDED = frozenset(("WITHDRAWN", "REJECTED", "ALREADY_COVERED", "CLOSED"))
"""States in which nobody has to do anything."""

_URGENCY = {"red": 0, "orange": 1, "yellow": 2}
_LEAST_URGENT = 3
_MOST_AT_ONCE = 500
_PLACES = ("household_id", "township_code", "previous_township_code", "village_code", "grid_code")

ALERT = Table(
    "alert",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("household_id", Text, nullable=False, index=True),
    Column("township_code", Text),
    Column("previous_township_code", Text),
    Column("village_code", Text),
    Column("grid_code", Text),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("urgency", Integer, nullable=False),  # of the level: 0 first
    Column("is_open", Boolean, nullable=False),
    Column("not_mine", Boolean, nullable=False, server_default=false()),  # its township says so: the county decides
    Column("raised_at", Instant, nullable=False),
    Column("known_at", Instant, nullable=False),
    Column("content", Text, nullable=False),  # the whole decoded alert, JSON
    Column("updated_at", Instant, nullable=False),
    Index("ix_alert_of_township", "township_code", "is_open", "urgency", "raised_at", "alert_id"),
    Index("ix_alert_open", "is_open", "urgency", "raised_at", "alert_id"),
    Index("ix_alert_of_township_in_state", "township_code", "status", "urgency", "raised_at", "alert_id"),
    Index("ix_alert_in_state", "status", "urgency", "raised_at", "alert_id"),
)
DISOWNED = ALERT.c.not_mine.is_(True)
"""As the index has it: SQLite uses a partial index only where a query says the same words."""

Index(
    "ix_alert_not_mine",
    *(ALERT.c[name] for name in ("urgency", "raised_at", "alert_id")),
    sqlite_where=DISOWNED,
    postgresql_where=DISOWNED,
)

ALERT_VERSION = Table(
    "alert_version",
    METADATA,
    Column("alert_id", Text, ForeignKey("alert.alert_id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("known_at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("content", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was known of an alert before a newer version came.

    Attributes:
        version: 0 where nothing was known; the rest is empty then.
        content: the whole decoded alert.

    """

    version: int
    status: str
    level: str
    township_code: str | None
    content: dict[str, Any]


def apply_alert(conn: Connection, alert: Mapping[str, Any], now: int) -> Seen | None:
    """Take in one decoded version.

    Returns:
        What was known before it; None where it is no newer than what is known: nobody must be told.

    """
    return apply_alerts(conn, (alert,), now)[0]


def apply_alerts(conn: Connection, alerts: Sequence[Mapping[str, Any]], now: int) -> list[Seen | None]:
    """Take in decoded versions in their order, as `apply_alert` does one by one."""
    answers: list[Seen | None] = []
    kinds: tuple[list[Kind], list[Kind]] = [], []
    for start in range(0, len(alerts), _MOST_AT_ONCE):
        answers += _apply(conn, alerts[start : start + _MOST_AT_ONCE], now, *kinds)
    count_changes(conn, *kinds)
    return answers


def urgency_of(level: str) -> int:
    """Place of a level in lists: 0 first."""
    return _URGENCY.get(level, _LEAST_URGENT)


def _apply(
    conn: Connection, alerts: Sequence[Mapping[str, Any]], now: int, were: list[Kind], are: list[Kind]
) -> list[Seen | None]:
    newest = _locked(conn, sorted({alert["alert_id"] for alert in alerts}))
    changed: dict[str, dict[str, Any]] = {}
    answers: list[Seen | None] = []
    rows = [_row(alert, now) for alert in alerts]
    for alert, row in zip(alerts, rows, strict=True):
        before = newest[row["alert_id"]]
        if row["version"] <= before.version:
            answers.append(None)
            continue
        answers.append(before)
        if before.version:
            were.append(Kind(before.township_code, before.level, before.status))
        are.append(Kind(row["township_code"], row["level"], row["status"]))
        newest[row["alert_id"]] = Seen(row["version"], row["status"], row["level"], row["township_code"], dict(alert))
        changed[row["alert_id"]] = row
    if changed:
        named = [{**row, "this_alert": row["alert_id"]} for row in changed.values()]
        conn.execute(ALERT.update().where(ALERT.c.alert_id == bindparam("this_alert")), named)
        contents = [newest[alert_id].content for alert_id in changed]
        note_monitored(conn, contents)
        note_marks(conn, changed.values(), contents)
        note_fund(conn, contents)
    versions = [{name: row[name] for name in ALERT_VERSION.c.keys()} for row in rows]  # noqa: SIM118  # columns by name
    conn.execute(insert_into(conn, ALERT_VERSION).on_conflict_do_nothing(), versions)
    return answers


def _locked(conn: Connection, alert_ids: Sequence[str]) -> dict[str, Seen]:
    """What is known of each; who else would change them waits until this transaction's end.

    An alert that is new gets an empty row first, so that there is something to wait for; it is never seen outside.
    """
    known = (ALERT.c.alert_id, ALERT.c.version, ALERT.c.status, ALERT.c.level, ALERT.c.township_code, ALERT.c.content)
    conn.execute(insert_into(conn, ALERT).on_conflict_do_nothing(), [_empty_row(name) for name in alert_ids])
    locked = select(*known).where(ALERT.c.alert_id.in_(alert_ids)).order_by(ALERT.c.alert_id).with_for_update()
    return {
        name: Seen(version, status, level, township, msgspec.json.decode(content))
        for name, version, status, level, township, content in conn.execute(locked)
    }


def _empty_row(alert_id: str) -> dict[str, Any]:
    nothing = dict.fromkeys(_PLACES) | {
        "household_id": "",
        "version": 0,
        "raised_at": 0,
        "known_at": 0,
        "not_mine": False,
    }
    return _row({**nothing, "alert_id": alert_id, "status": "", "level": ""}, 0) | {"content": "{}"}


def _row(alert: Mapping[str, Any], now: int) -> dict[str, Any]:
    given = ("alert_id", *_PLACES, "version", "status", "level", "raised_at", "known_at")
    return {
        **{name: alert[name] for name in given},
        "urgency": urgency_of(alert["level"]),
        "is_open": alert["status"] not in ENDED,
        "not_mine": alert["not_mine"],
        "content": msgspec.json.encode(alert).decode(),
        "updated_at": now,
    }
