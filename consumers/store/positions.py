"""How far each partition of the log has been applied to the store, kept with what was applied.

A wiped store begins at the log's start. What stands below the group's committed offset was told before:
it is applied (`is_historic`), and becomes no message and no delivery again.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, Integer, Table, Text, select

from consumers.store.metadata import METADATA, Instant, insert_into

LOG_POSITION = Table(
    "log_position",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", Instant, nullable=False),
)


def positions(conn: Connection, topic: str) -> dict[int, int]:
    """Partition -> offset of the first record not yet applied; one that is missing begins at the log's start."""
    found = select(LOG_POSITION.c.partition, LOG_POSITION.c.next_offset).where(LOG_POSITION.c.topic == topic)
    return {row.partition: row.next_offset for row in conn.execute(found)}


def advance(conn: Connection, topic: str, partition: int, next_offset: int) -> None:
    """Note that everything below an offset is applied; never goes back."""
    new = insert_into(conn, LOG_POSITION).values(topic=topic, partition=partition, next_offset=next_offset)
    further = new.excluded.next_offset > LOG_POSITION.c.next_offset
    key = (LOG_POSITION.c.topic, LOG_POSITION.c.partition)
    conn.execute(
        new.on_conflict_do_update(index_elements=key, set_={"next_offset": new.excluded.next_offset}, where=further)
    )


def is_historic(offset: int, committed: int | None) -> bool:
    """Whether a record was told before the store was wiped: it stands below the group's committed offset."""
    return committed is not None and offset < committed
