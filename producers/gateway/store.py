"""The gateway's own file: API keys, receipts, what became of their rows. SQLite (WAL), mode 600.

Only the gateway and `alertbus keys` open it, on one machine; what officers do is in the township side's store.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from producers.store_file import (
    Instant,
    StoreBusyError,
    StoreError,
    StoreGoneError,
    StoreNewerError,
    open_file,
    positions_table,
    reading,
    writing,
)

__all__ = [
    "StoreBusyError",
    "StoreError",
    "StoreGoneError",
    "StoreNewerError",
    "open_store",
    "reading",
    "writing",
]

VERSION = 2
METADATA = MetaData()

KEYS = Table(
    "api_key",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signed", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
)
SUBMISSIONS = Table(
    "submission",
    METADATA,
    Column("batch_id", Text, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("idempotency", LargeBinary, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("covers_to", Integer),
    Column("attempts", Integer, nullable=False),
    Column("done_at", Instant),
    Column("accepted", Integer),
    Column("rejected", Integer),
    Column("problems", Text),
    Index("ix_submission_started_at", "started_at"),
)
OUTCOMES = Table(
    "outcome",
    METADATA,
    Column("batch_id", Text, ForeignKey("submission.batch_id", ondelete="CASCADE"), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("applied", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("parked", Integer, nullable=False),
    Column("dead_lettered", Integer, nullable=False),
    Column("parked_now", Integer, nullable=False),
)
SENT = Table(
    "sent",
    METADATA,
    Column("batch_id", Text, ForeignKey("submission.batch_id", ondelete="CASCADE"), primary_key=True),
    Column("events", LargeBinary, nullable=False),
)
ALERTS = Table(
    "alert",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("raised", Boolean, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("verdict_version", Integer, nullable=False),
)
EVIDENCE = Table(
    "evidence",
    METADATA,
    Column("department", Text, primary_key=True),
    Column("event", BigInteger, primary_key=True),
    Column("alert_id", Text, primary_key=True),
    sqlite_with_rowid=False,
)
POSITIONS = positions_table("topic_position", METADATA)
SIGNED = Table(
    "signed_id",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("timestamp", Integer, nullable=False),
)


def open_store(file: Path) -> Engine:
    """Open the file; make it where there is none.

    Raises:
        StoreError: see `producers.store_file`.

    """
    return open_file(file, METADATA, VERSION)
