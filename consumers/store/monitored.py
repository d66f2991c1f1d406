"""Households that the county included, with their class: kept with the alerts and rebuilt from Kafka as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, Text, func, or_, select

from consumers.store.metadata import METADATA, insert_into

MONITORED = Table(
    "monitored",
    METADATA,
    Column("household_id", Text, primary_key=True),
    Column("ordinal", Integer, nullable=False),  # of the last case in which it was included
    Column("version", Integer, nullable=False),
    Column("household_class", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("persons", Integer, nullable=False),
    Column("planned", Integer, nullable=False, server_default="0"),  # measures in its plan
)
_NAMES = tuple(column.name for column in MONITORED.c)


@dataclass(frozen=True, slots=True)
class Monitored:
    """How many households of a class, people in them and measures planned, are in a state of their last case."""

    household_class: str
    status: str
    households: int
    persons: int
    planned: int = 0


def note_monitored(conn: Connection, alerts: Iterable[Mapping[str, Any]]) -> None:
    """Note what decoded versions say of households that were included; an older case or version changes nothing."""
    newest: dict[str, Mapping[str, Any]] = {}
    for alert in alerts:
        known = newest.get(alert["household_id"])
        if alert["household_class"] and (known is None or _age(known) < _age(alert)):
            newest[alert["household_id"]] = alert
    rows = [
        {name: alert[name] for name in _NAMES} | {"persons": alert["persons"] or 0, "planned": len(alert["planned"])}
        for alert in newest.values()
    ]
    if not rows:
        return
    new = insert_into(conn, MONITORED)
    later_case = new.excluded.ordinal > MONITORED.c.ordinal
    later = or_(
        later_case, (new.excluded.ordinal == MONITORED.c.ordinal) & (new.excluded.version > MONITORED.c.version)
    )
    put = new.on_conflict_do_update(
        index_elements=[MONITORED.c.household_id], set_={name: new.excluded[name] for name in _NAMES}, where=later
    )
    conn.execute(put, sorted(rows, key=lambda row: str(row["household_id"])))


def count_monitored(conn: Connection) -> list[Monitored]:
    """All households that were ever included, by class and state."""
    by = (MONITORED.c.household_class, MONITORED.c.status)
    sums = (func.sum(MONITORED.c.persons), func.sum(MONITORED.c.planned))
    found = select(*by, func.count(), *sums).group_by(*by).order_by(*by)
    return [Monitored(*row) for row in conn.execute(found)]


def _age(alert: Mapping[str, Any]) -> tuple[int, int]:
    return alert["ordinal"], alert["version"]
