"""The notifier's memory: what goes to whom over which channel, and how far it got.

Two notifiers never hold the same delivery: a claim moves `next_at` ahead by a lease and counts an attempt;
what a claimant reports counts only while its attempt is still the last.
Versions of one alert go to one recipient in their order: the next waits until the one before is sent or given up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, bindparam, exists, func, select, tuple_

from consumers.store.metadata import METADATA, Instant, insert_into

PENDING, SENT, GAVE_UP = "pending", "sent", "gave_up"

DELIVERY = Table(
    "delivery",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("last_error", Text),  # a code
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),  # sent or given up
    Index("ix_delivery_due", "state", "next_at"),
)
_KEY = (DELIVERY.c.alert_id, DELIVERY.c.version, DELIVERY.c.recipient, DELIVERY.c.channel)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one recipient over one channel.

    Attributes:
        kind: as of inbox messages.
        created_at: when it was planned, ms.
        attempts: how often it was claimed, this time included.

    """

    alert_id: str
    version: int
    recipient: str
    channel: str
    kind: str
    created_at: int
    attempts: int = 0


def plan(conn: Connection, deliveries: Iterable[Delivery]) -> None:
    """Note deliveries to be made at once; one that is known already stays as it is."""
    new = [{**_fields(one), "next_at": one.created_at, "state": PENDING} for one in deliveries]
    if new:
        conn.execute(insert_into(conn, DELIVERY).on_conflict_do_nothing(), new)


def claim(
    conn: Connection, now: int, lease_ms: int, limit: int, without: Collection[tuple[str, str]] = ()
) -> list[Delivery]:
    """Take deliveries that are due; nobody else gets them until the lease is over. Commit before sending.

    Args:
        conn: where.
        now: ms.
        lease_ms: how long they are the caller's.
        limit: at most so many.
        without: recipients and channels to which nothing can go now.

    """
    earlier = DELIVERY.alias()
    same_thread = (earlier.c[name] == DELIVERY.c[name] for name in ("alert_id", "recipient", "channel"))
    waits = exists().where(*same_thread, earlier.c.version < DELIVERY.c.version, earlier.c.state == PENDING)
    due = (
        select(*_KEY)
        .where(DELIVERY.c.state == PENDING, DELIVERY.c.next_at <= now, ~waits)
        .where(tuple_(DELIVERY.c.recipient, DELIVERY.c.channel).not_in(sorted(without)))
        .order_by(DELIVERY.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=DELIVERY)
    )
    keys = [tuple(row) for row in conn.execute(due)]
    if not keys:
        return []
    taken = {"attempts": DELIVERY.c.attempts + 1, "next_at": now + lease_ms}
    given = (*_KEY, DELIVERY.c.kind, DELIVERY.c.created_at, DELIVERY.c.attempts)
    claimed = conn.execute(DELIVERY.update().where(tuple_(*_KEY).in_(keys)).values(taken).returning(*given))
    return sorted((Delivery(*row) for row in claimed), key=lambda one: (one.created_at, one.alert_id, one.version))


def sent(conn: Connection, delivery: Delivery, now: int) -> bool:
    """Note that it arrived; False where another claimed it meanwhile."""
    return _report(conn, delivery, {"state": SENT, "done_at": now, "last_error": None})


def try_again(conn: Connection, delivery: Delivery, next_at: int, error: str) -> bool:
    """Note why it failed, a code, and when to try again; False where another claimed it meanwhile."""
    return _report(conn, delivery, {"next_at": next_at, "last_error": error})


def give_up(conn: Connection, delivery: Delivery, now: int, error: str) -> bool:
    """Note that nobody will try again; False where another claimed it meanwhile."""
    return _report(conn, delivery, {"state": GAVE_UP, "done_at": now, "last_error": error})


def next_due(conn: Connection) -> int | None:
    """When the next delivery is due, ms; None: nothing waits."""
    return conn.execute(select(func.min(DELIVERY.c.next_at)).where(DELIVERY.c.state == PENDING)).scalar()


def states(conn: Connection) -> dict[tuple[str, str], int]:
    """(channel, state) -> how many deliveries, for metrics and the county."""
    by = (DELIVERY.c.channel, DELIVERY.c.state)
    return {
        (channel, state): number for channel, state, number in conn.execute(select(*by, func.count()).group_by(*by))
    }


def _fields(one: Delivery) -> dict[str, object]:
    return {name: getattr(one, name) for name in Delivery.__dataclass_fields__}


def _report(conn: Connection, delivery: Delivery, values: dict[str, object]) -> bool:
    mine = (
        *(column == bindparam(f"this_{column.name}", getattr(delivery, column.name)) for column in _KEY),
        DELIVERY.c.state == PENDING,
        DELIVERY.c.attempts == delivery.attempts,
    )
    return conn.execute(DELIVERY.update().where(*mine).values(values)).rowcount == 1
