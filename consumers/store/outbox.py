"""Actions on their way to `township.actions`: written with what the officer did, in one transaction; sent afterwards.

Sending may happen twice (two publishers, a kill between sending and noting): the processor folds an action id once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

from consumers.store.metadata import METADATA, Counting, Instant, insert_into

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("number", Counting, primary_key=True, autoincrement=True),  # their order
    Column("action_id", Text, nullable=False),
    Column("household_id", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),  # as it goes to the bus
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    UniqueConstraint("action_id"),
    Index("ix_outbox_of_household", "household_id", "number"),
    Index("ix_outbox_unsent", "sent_at", "number"),
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An action as it goes to the bus.

    Attributes:
        message: Avro single-object encoding of an Action.
        created_at: when it was done, ms.
        sent_at: when the bus acknowledged it, ms; None while it waits.

    """

    action_id: str
    household_id: str
    message: bytes
    created_at: int
    sent_at: int | None = None


def put_action(conn: Connection, action: Outgoing) -> bool:
    """Put an action on its way; False where its id is there already: a double tap."""
    put = insert_into(conn, OUTBOX).values(
        action_id=action.action_id,
        household_id=action.household_id,
        message=action.message,
        created_at=action.created_at,
    )
    return conn.execute(put.on_conflict_do_nothing().returning(OUTBOX.c.number)).first() is not None


def unsent(conn: Connection, limit: int) -> list[Outgoing]:
    """Actions that wait, in the order in which they were done."""
    return _found(conn, OUTBOX.c.sent_at.is_(None), limit)


def actions_of(conn: Connection, household_id: str) -> list[Outgoing]:
    """Actions done here about a household, sent or not, the oldest first."""
    return _found(conn, OUTBOX.c.household_id == household_id, None)


def mark_sent(conn: Connection, action_ids: Iterable[str], now: int) -> None:
    """Note that the bus acknowledged them."""
    waiting = (OUTBOX.c.action_id.in_(list(action_ids)), OUTBOX.c.sent_at.is_(None))
    conn.execute(OUTBOX.update().where(*waiting).values(sent_at=now))


def waiting(conn: Connection) -> tuple[int, int | None]:
    """How many actions wait, and since when the oldest does, ms."""
    found = select(func.count(), func.min(OUTBOX.c.created_at)).where(OUTBOX.c.sent_at.is_(None))
    number, oldest = conn.execute(found).one()
    return number, oldest


def _found(conn: Connection, where: ColumnElement[bool], limit: int | None) -> list[Outgoing]:
    columns = (OUTBOX.c.action_id, OUTBOX.c.household_id, OUTBOX.c.message, OUTBOX.c.created_at, OUTBOX.c.sent_at)
    found = select(*columns).where(where).order_by(OUTBOX.c.number).limit(limit)
    return [Outgoing(*row) for row in conn.execute(found)]
