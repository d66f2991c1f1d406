"""A program's own SQLite file: WAL, mode 600, transactions that say at their start whether they write.

StoreError
    StoreBusyError      somebody else writes: try again, nothing was changed
    StoreGoneError      the file cannot be opened, read or written
    StoreNewerError     a newer release made it: start that one
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_LOCK_SECONDS = 5
_WRITING = "begins_writing"
Instant = BigInteger
"""Milliseconds since 1970-01-01T00:00:00Z."""


class StoreError(Exception):
    """The store did not do what was asked; nothing was changed."""


class StoreBusyError(StoreError):
    """Somebody else writes: try again."""


class StoreGoneError(StoreError):
    """The file cannot be opened, read or written."""


class StoreNewerError(StoreError):
    """A newer release of this program made the tables."""


def open_file(file: Path, tables: MetaData, version: int) -> Engine:
    """Open the file, with these tables of this version; make it where there is none.

    Raises:
        StoreError: see the tree above.

    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)  # what stands beside it takes its mode
    except OSError as error:
        raise StoreGoneError(f"{file}: {error.strerror}") from error
    engine = _engine(file.absolute())
    with writing(engine) as conn:
        found = conn.exec_driver_sql("PRAGMA user_version").scalar_one()
        if found > version:
            raise StoreNewerError(f"a newer release made {file}: start that release, or restore a backup")
        tables.create_all(conn)
        conn.exec_driver_sql(f"PRAGMA user_version = {version}")
    return engine


def positions_table(name: str, metadata: MetaData) -> Table:
    """Table of how far each partition was read."""
    return Table(
        name,
        metadata,
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("next_offset", BigInteger, nullable=False),
    )


def _engine(file: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(file, timeout=_LOCK_SECONDS, check_same_thread=False)
        connection.isolation_level = None  # no BEGIN of the driver's own: ours are below
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    engine = create_engine(URL.create("sqlite", database=str(file)), creator=connect, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def begun(conn: Connection) -> None:
        # A reader that turns writer may find the file changed meanwhile and fail at once: writers say so first.
        conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get(_WRITING) else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Transaction that only reads; raises StoreError."""
    with _named_errors(), engine.begin() as conn:
        yield conn


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Transaction that may write: all of it stands at the end, or nothing; raises StoreError."""
    with _named_errors(), engine.execution_options(**{_WRITING: True}).begin() as conn:
        yield conn


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreBusyError("all connections to the store are in use") from error
    except (IntegrityError, ProgrammingError):  # mistakes of ours
        raise
    except DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", "")
        busy = name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
        raise (StoreBusyError if busy else StoreGoneError)(str(error.orig).partition("\n")[0]) from error
