"""What concerns no single household: a person whom the register puts into two, troubles of villages, regional risks.

The newest version of each area alert: rebuilt from Kafka.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Boolean, Column, Connection, Index, Integer, Row, Table, Text, func, select

from consumers.store.metadata import METADATA, Instant, can_be_stored, insert_into

_TOWNSHIP_DIGITS, _COUNTY_DIGITS = 9, 6
ALONE = "county"
"""Area code of what no township can do anything about."""
SETTLED = "WITHDRAWN"
"""State in which nobody has to do anything any more."""

AREA_ALERT = Table(
    "area_alert",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("area_code", Text, nullable=False, server_default=ALONE),  # township, or county as a whole
    Column("known_at", Instant, nullable=False),
    Column("content", Text, nullable=False),  # the whole decoded area alert, JSON
    Column("updated_at", Instant, nullable=False),
    Index("ix_area_alert_newest", "is_open", "known_at", "alert_id"),
    Index("ix_area_alert_place", "is_open", "area_code", "known_at"),
)
_SHOWN = tuple(
    AREA_ALERT.c[name] for name in ("alert_id", "version", "kind", "level", "is_open", "known_at", "content")
)


@dataclass(frozen=True, slots=True)
class StoredArea:
    """An area alert.

    Attributes:
        is_open: whether somebody has to look at it.
        known_at: the source record's Kafka timestamp, ms.
        content: the whole decoded area alert.

    """

    alert_id: str
    version: int
    kind: str
    level: str
    is_open: bool
    known_at: int
    content: dict[str, Any]


class Applied(NamedTuple):
    """What taking in a version came to; `before` is what was known, decoded, None where that was nothing."""

    is_newer: bool
    before: dict[str, Any] | None


def apply_area_alert(conn: Connection, alert: Mapping[str, Any], now: int) -> Applied:
    """Take in one decoded version; one that is no newer than what is known changes nothing.

    A new one gets an empty row first: who else would change it waits until this transaction's end.
    """
    row = _row(alert, now)
    conn.execute(insert_into(conn, AREA_ALERT).values(row | {"version": 0, "content": "{}"}).on_conflict_do_nothing())
    this = AREA_ALERT.c.alert_id == row["alert_id"]
    version, content = conn.execute(
        select(AREA_ALERT.c.version, AREA_ALERT.c.content).where(this).with_for_update()
    ).one()
    before = msgspec.json.decode(content, type=dict[str, Any]) or None
    if row["version"] <= version:
        return Applied(is_newer=False, before=before)
    conn.execute(AREA_ALERT.update().where(this).values(row))
    return Applied(is_newer=True, before=before)


def area_alert_of(conn: Connection, alert_id: str) -> StoredArea | None:
    """Newest version of an area alert; they are the county's to see."""
    if not can_be_stored(alert_id):
        return None
    row = conn.execute(select(*_SHOWN).where(AREA_ALERT.c.alert_id == alert_id)).first()
    return _stored(row) if row else None


def list_area_alerts(
    conn: Connection, limit: int, *, is_open: bool = True, township: str | None = None
) -> list[StoredArea]:
    """Area alerts that somebody has to look at, or those that are settled; the newest first.

    Those of a township are its own, its villages' and the whole county's; None: all there are.
    """
    order = (AREA_ALERT.c.known_at.desc(), AREA_ALERT.c.alert_id.desc())
    found = select(*_SHOWN).where(AREA_ALERT.c.is_open == is_open).order_by(*order).limit(limit)
    if township is not None:
        found = found.where(AREA_ALERT.c.area_code.in_((township, township[:_COUNTY_DIGITS])))
    return [_stored(row) for row in conn.execute(found)]


def open_area_alerts(conn: Connection, kind: str) -> list[StoredArea]:
    """Those of a kind that somebody has to look at; the newest first."""
    found = select(*_SHOWN).where(AREA_ALERT.c.is_open.is_(True), AREA_ALERT.c.kind == kind)
    return [_stored(row) for row in conn.execute(found.order_by(AREA_ALERT.c.known_at.desc()))]


def concerns(alert: Mapping[str, Any], township: str) -> bool:
    """Whether a decoded area alert is a township's to see."""
    return area_code_of(alert) in (township, township[:_COUNTY_DIGITS])


def area_code_of(alert: Mapping[str, Any]) -> str:
    """Township of a decoded area alert, or the county that it concerns as a whole; ALONE: it is the county's alone."""
    return str(alert.get("place_code", ""))[:_TOWNSHIP_DIGITS] or ALONE


def area_alerts_of(conn: Connection, alert_ids: Collection[str]) -> dict[str, StoredArea]:
    """Newest versions of area alerts, by id."""
    found = select(*_SHOWN).where(AREA_ALERT.c.alert_id.in_(alert_ids))
    return {row.alert_id: _stored(row) for row in conn.execute(found)}


def count_area_alerts(conn: Connection, most: int) -> int:
    """How many somebody has to look at; counted up to `most`."""
    found = select(AREA_ALERT.c.alert_id).where(AREA_ALERT.c.is_open.is_(True)).limit(most)
    return conn.execute(select(func.count()).select_from(found.subquery())).scalar_one()


def is_open(alert: Mapping[str, Any]) -> bool:
    """Whether somebody has to look at a decoded area alert."""
    return bool(alert["status"] != SETTLED)


def _row(alert: Mapping[str, Any], now: int) -> dict[str, Any]:
    given = {name: alert[name] for name in ("alert_id", "version", "kind", "level", "known_at")}
    content = msgspec.json.encode(alert).decode()
    return {**given, "is_open": is_open(alert), "area_code": area_code_of(alert), "content": content, "updated_at": now}


def _stored(row: Row[*tuple[Any, ...]]) -> StoredArea:
    content = msgspec.json.decode(row.content, type=dict[str, Any])
    return StoredArea(row.alert_id, row.version, row.kind, row.level, row.is_open, row.known_at, content)
