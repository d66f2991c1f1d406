"""Messages in a township's inbox: what became of an alert that somebody there should know of. Each exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Row, Table, Text, UniqueConstraint, func, select

from consumers.store.metadata import METADATA, Counting, Instant, insert_into

ALERT_KINDS = ("raised", "level_up", "new_cause", "withdrawn", "handed_over", "taken_over", "restored")
AREA_KINDS = ("area_raised", "area_settled")
"""Of messages about area alerts: the county's."""

KINDS = (*ALERT_KINDS, *AREA_KINDS)

MESSAGE = Table(
    "message",
    METADATA,
    Column("id", Counting, primary_key=True, autoincrement=True),
    Column("alert_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("township_code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("level_before", Text),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("account_id", Text),  # who read it
    UniqueConstraint("alert_id", "version", "township_code", "kind"),
    Index("ix_message_newest", "township_code", "id"),
    Index("ix_message_unread", "township_code", "read_at"),
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        township_code: whose inbox.
        kind: one of KINDS.
        level_before: where the level changed.
        created_at: when it was put there, ms.

    """

    alert_id: str
    version: int
    township_code: str
    kind: str
    level: str
    level_before: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it stands in the inbox; read_at and reader are None while it is new."""

    id: int
    message: Message
    read_at: int | None
    reader: str | None


def put_messages(conn: Connection, messages: Iterable[Message]) -> int:
    """Put messages into inboxes; one that is there already stays as it is. How many were new."""
    new = [asdict(message) for message in messages]
    if not new:
        return 0
    put = insert_into(conn, MESSAGE).on_conflict_do_nothing().returning(MESSAGE.c.id)
    return len(conn.execute(put, new).all())


def messages_for(conn: Connection, township: str, limit: int) -> list[Received]:
    """Newest messages of a township's inbox, the newest first."""
    found = select(MESSAGE).where(MESSAGE.c.township_code == township).order_by(MESSAGE.c.id.desc()).limit(limit)
    return [_received(row) for row in conn.execute(found)]


def messages_about(conn: Connection, alert_id: str, township: str) -> list[Received]:
    """All that a township was told about an alert, the oldest first."""
    of_alert = (MESSAGE.c.alert_id == alert_id, MESSAGE.c.township_code == township)
    return [_received(row) for row in conn.execute(select(MESSAGE).where(*of_alert).order_by(MESSAGE.c.id))]


def unread(conn: Connection, township: str, most: int) -> int:
    """How many messages of a township nobody has read; counted up to `most`."""
    new = select(MESSAGE.c.id).where(MESSAGE.c.township_code == township, MESSAGE.c.read_at.is_(None)).limit(most)
    return conn.execute(select(func.count()).select_from(new.subquery())).scalar_one()


def mark_read(conn: Connection, alert_id: str, township: str, account_id: str, now: int) -> int:
    """Note who first read a township's messages about an alert; how many were new to it."""
    new = (MESSAGE.c.alert_id == alert_id, MESSAGE.c.township_code == township, MESSAGE.c.read_at.is_(None))
    return conn.execute(MESSAGE.update().where(*new).values(read_at=now, account_id=account_id)).rowcount


def _received(row: Row[*tuple[Any, ...]]) -> Received:
    fields = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public way to a row's names begins with a line
    number, read_at, reader = fields.pop("id"), fields.pop("read_at"), fields.pop("account_id")
    return Received(number, Message(**fields), read_at, reader)
