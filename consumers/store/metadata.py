"""The one MetaData of all tables, and column types that both databases know."""

from __future__ import annotations

from sqlalchemy import BigInteger, Connection, Integer, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

Instant = BigInteger
"""Milliseconds since 1970-01-01T00:00:00Z."""

Counting = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives out; SQLite does so for its own integer key only."""

Insert = postgresql.Insert | sqlite.Insert


def insert_into(conn: Connection, table: Table) -> Insert:
    """INSERT of this connection's database: both know ON CONFLICT and RETURNING, the general one does not."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def can_be_stored(given: str) -> bool:
    """Whether a database can have this text at all: PostgreSQL takes no NUL, so nothing is stored under such a name."""
    return "\0" not in given
