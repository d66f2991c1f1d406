"""A feed's table, read page by page in its order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, select
from sqlalchemy.exc import NoSuchTableError

from producers.database.config import ConfigError, Feed
from producers.database.rows import Position

Record = Mapping[str, Any]


def connect(feed: Feed) -> Engine:
    """Engine of a feed's database; it connects when it is used."""
    return create_engine(feed.url, pool_pre_ping=True, hide_parameters=True)


def table_of(feed: Feed, name: str, conn: Connection) -> Table:
    """Table or view of a feed, as the database has it now.

    Raises:
        ConfigError: it, or a column of the configuration, is not there.

    """
    schema, _, table = feed.table.rpartition(".")
    try:
        found = Table(table, MetaData(), schema=schema or None, autoload_with=conn)
    except NoSuchTableError as error:
        raise ConfigError(f"feeds.{name}.table: there is no table or view {feed.table}") from error
    missing = [column for column in (feed.order, *feed.columns) if column not in found.c]
    if missing:
        raise ConfigError(f"feeds.{name}: {feed.table} has no column {', '.join(missing)}")
    if "event_id" not in {feed.columns.get(column.name, column.name) for column in found.c}:
        raise ConfigError(f"feeds.{name}: {feed.table} has no column for event_id: name it under columns")
    return found


def pages(feed: Feed, table: Table, conn: Connection, since: Position | None) -> Iterator[list[Record]]:
    """Records from a position on, in their order, so many at a time; the database keeps what is not yet read."""
    order = table.c[feed.order]
    asked = select(table).where(order.is_not(None)).order_by(order)
    streamed = conn.execution_options(stream_results=True, yield_per=feed.batch)
    found = streamed.execute(asked if since is None else asked.where(order >= since))
    for page in found.mappings().partitions():
        yield [dict(record) for record in page]
