"""The program's own file: reports, records that wait for the bus, and what became of reports. SQLite (WAL), mode 600.

No identity number, telephone or name is in it: who is concerned and who reported are ids under the county key.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Engine, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

from producers.store_file import Instant, open_file, positions_table

VERSION = 1
METADATA = MetaData()

REPORTS = Table(
    "report",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("need", Text, nullable=False),
    Column("heard_via", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("reporter_id", Text, nullable=False),
    Column("accepted_at", Instant, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("sender", Text, nullable=False),
    Column("earlier", Text, ForeignKey("report.number")),
    Column("token", LargeBinary, nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("withdrawn_at", Instant),
    Column("parked_now", Integer, nullable=False, server_default="0"),
    Column("dead_lettered", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default="accepted"),
    Column("answer_known_at", Instant),
    Column("answer_ordinal", Integer),
    Column("answered_at", Instant),
    Column("result", Text),
    Column("reason", Text),
    Column("looked_at", Instant),
    Index("ix_report_person", "person_id", "accepted_at"),
    Index("ix_report_state", "state", "result"),
)
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("place", Integer, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("since", Instant, nullable=False),
    sqlite_autoincrement=True,
)
THREADS = Table(
    "thread",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("thread", LargeBinary, nullable=False),
)
LISTED = Table(
    "listed",
    METADATA,
    Column("number", Text, ForeignKey("report.number"), primary_key=True),
    Column("alert_id", Text, ForeignKey("thread.alert_id"), primary_key=True),
    Index("ix_listed_alert", "alert_id"),
)
POSITIONS = positions_table("position", METADATA)
SESSIONS = Table(
    "session",
    METADATA,
    Column("token", LargeBinary, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("ends_at", Instant, nullable=False),
)


def open_store(file: Path) -> Engine:
    """Open the file; make it where there is none.

    Raises:
        StoreError: see `producers.store_file`.

    """
    return open_file(file, METADATA, VERSION)
