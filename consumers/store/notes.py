"""What officers wrote freely. It never leaves the store: actions on the bus carry codes."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Column, Connection, ForeignKey, Table, Text, select

from consumers.store.metadata import METADATA, Instant, insert_into

NOTE = Table(
    "note",
    METADATA,
    Column("action_id", Text, primary_key=True),
    Column("alert_id", Text, nullable=False, index=True),
    Column("account_id", Text, ForeignKey("account.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote with an action, and when, ms."""

    action_id: str
    alert_id: str
    account_id: str
    text: str
    at: int


def put_note(conn: Connection, note: Note) -> None:
    """Keep a note; a second one of the same action changes nothing. NUL, which PostgreSQL cannot keep, is left out."""
    row = asdict(note) | {"text": note.text.replace("\0", "")}
    conn.execute(insert_into(conn, NOTE).on_conflict_do_nothing(), row)


def notes_of(conn: Connection, alert_id: str) -> list[Note]:
    """Notes about an alert, the oldest first."""
    found = select(NOTE).where(NOTE.c.alert_id == alert_id).order_by(NOTE.c.at, NOTE.c.action_id)
    return [Note(**row) for row in conn.execute(found).mappings()]
