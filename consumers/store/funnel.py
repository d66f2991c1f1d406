"""Sums over all alerts that the funnel shows: kept with the alerts, for counting them anew takes too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Column, Connection, Integer, Table, Text, select

from consumers.store.alerts import ALERT, DISOWNED
from consumers.store.metadata import METADATA, insert_into

FUNNEL = Table(
    "funnel",
    METADATA,
    Column("what", Text, primary_key=True),
    Column("number", Integer, nullable=False),
)


def add_sums(conn: Connection, more: Mapping[str, int]) -> None:
    """Add to sums; who else adds to them waits until this transaction's end."""
    rows = [{"what": what, "number": number} for what, number in sorted(more.items()) if number]
    if rows:
        new = insert_into(conn, FUNNEL)
        total = {"number": FUNNEL.c.number + new.excluded.number}
        conn.execute(new.on_conflict_do_update(index_elements=(FUNNEL.c.what,), set_=total), rows)


def sums(conn: Connection) -> dict[str, int]:
    """All sums; of what there never was any there is none."""
    return {row.what: row.number for row in conn.execute(select(FUNNEL))}


def disowned_by_state(conn: Connection) -> dict[str, int]:
    """State -> how many alerts their township says are not its own."""
    found = select(ALERT.c.status).where(DISOWNED)  # few: grouped there, SQLite would read all by another index
    return Counter(conn.execute(found).scalars())
