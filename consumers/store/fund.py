"""What funds of last resort paid, by the alerts, and what is on its way to the processor: never more than there is.

`fund_paid` is rebuilt from Kafka; `fund_waiting` holds what was written down here and is not on an alert yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Table, Text, func, select, text

from consumers.store.metadata import METADATA, insert_into

_PAID = "fund_paid"

FUND_PAID = Table(
    "fund_paid",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("amount_fen", BigInteger, nullable=False),
)
FUND_WAITING = Table(
    "fund_waiting",
    METADATA,
    Column("action_id", Text, primary_key=True),
    Column("amount_fen", BigInteger, nullable=False),
)


class Paid(NamedTuple):
    """How many cases were paid for, and how much, fen; `waiting` is not confirmed by the processor yet."""

    cases: int
    amount: int
    waiting: int


def note_fund(conn: Connection, alerts: Iterable[Mapping[str, Any]]) -> None:
    """Note what newer versions of alerts say was paid; what they answer waits no more, accepted or not."""
    about = [alert for alert in alerts if any(done["action"] == _PAID for done in alert["actions"])]
    answered = [done["action_id"] for alert in about for done in alert["actions"] if done["action"] == _PAID]
    if answered:
        conn.execute(FUND_WAITING.delete().where(FUND_WAITING.c.action_id.in_(answered)))
    rows = [{"alert_id": a["alert_id"], "amount_fen": a["fund_paid_fen"]} for a in about if a["fund_paid_fen"]]
    if rows:
        new = insert_into(conn, FUND_PAID)
        put = new.on_conflict_do_update(index_elements=["alert_id"], set_={"amount_fen": new.excluded.amount_fen})
        conn.execute(put, rows)


def paid(conn: Connection) -> Paid:
    """All that was ever paid."""
    waiting = select(func.coalesce(func.sum(FUND_WAITING.c.amount_fen), 0)).scalar_subquery()
    amount = func.coalesce(func.sum(FUND_PAID.c.amount_fen), 0)
    cases, so_far, on_its_way = conn.execute(select(func.count(FUND_PAID.c.alert_id), amount, waiting)).one()
    return Paid(cases, int(so_far), int(on_its_way))


def reserve(conn: Connection, action_id: str, amount: int, pool: int) -> int | None:
    """Put an amount aside, fen; where the pool has not got that much, how much it has, and nothing is put aside.

    Nobody else can put anything aside until this transaction ends: on SQLite only one writes anyway.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE fund_waiting IN SHARE ROW EXCLUSIVE MODE"))
    known = paid(conn)
    left = max(0, pool - known.amount - known.waiting)
    if amount > left:
        return left
    put = insert_into(conn, FUND_WAITING).values(action_id=action_id, amount_fen=amount)
    conn.execute(put.on_conflict_do_nothing())
    return None
