"""Opening the store: SQLite (WAL) or PostgreSQL, migrated to the newest tables; transactions and their errors.

StoreError
    StoreBusyError      somebody else holds what is needed: try again, nothing was changed
    StoreGoneError      the database cannot be reached or read: say so, nothing was changed
    StoreNewerError     a newer release made its tables: start that one
    StoreAddressError   its address is none of SQLite or PostgreSQL: correct the setting
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

LOCK_SECONDS = 5
_CONNECT_SECONDS = 5
_ENGINE: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": 10,
    "pool_timeout": 5,
    "hide_parameters": True,  # what officers write must not reach a log with an error
}
_MIGRATION_LOCK = 4_711_004
_WRITING = "begins_writing"
_WHICH_URL = "the store's address must begin with sqlite:/// and a path, or with postgresql://"
_BUSY_SQLSTATES = frozenset(("55P03", "40P01", "40001", "57014"))  # lock timeout, deadlock, serialization, cancelled


class StoreError(Exception):
    """The store did not do what was asked; nothing was changed."""


class StoreBusyError(StoreError):
    """Somebody else holds what is needed: try again."""


class StoreGoneError(StoreError):
    """The database cannot be reached or read."""


class StoreNewerError(StoreError):
    """A newer release of this program made the tables."""


class StoreAddressError(StoreError):
    """The address is none of SQLite or PostgreSQL."""


def open_store(url: str, *, lock_seconds: float = LOCK_SECONDS) -> Engine:
    """Connect, and bring the tables to the newest migration.

    Raises:
        StoreError: see the tree above.

    """
    try:
        where = make_url(url)
    except ArgumentError:  # its text holds the URL, which may hold a password
        raise StoreAddressError(_WHICH_URL) from None
    engine = _engine(where, lock_seconds)
    with writing(engine) as conn:
        if conn.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE lets only one in anyway
            conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK})
        _migrate(conn)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Transaction that only reads.

    Raises:
        StoreError: see the tree above.

    """
    with _named_errors(), engine.begin() as conn:
        yield conn


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Transaction that may write: all of it stands at the end, or nothing.

    Raises:
        StoreError: see the tree above.

    """
    with _named_errors(), engine.execution_options(**{_WRITING: True}).begin() as conn:
        yield conn


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreBusyError("all connections to the store are in use") from error
    except (DataError, IntegrityError, NotSupportedError, ProgrammingError):  # mistakes of ours
        raise
    except DBAPIError as error:
        raise (StoreBusyError if _is_busy(error) else StoreGoneError)(_first_line(error)) from error


def _is_busy(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    name = getattr(error.orig, "sqlite_errorname", "")
    return state in _BUSY_SQLSTATES or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _first_line(error: DBAPIError) -> str:
    """What the database said, without the statement and its values."""
    return str(error.orig).partition("\n")[0]


def _engine(url: URL, lock_seconds: float) -> Engine:
    if url.get_backend_name() == "postgresql":
        return _postgresql(url, lock_seconds)
    if url.get_backend_name() == "sqlite" and url.database:
        return _sqlite(url, Path(url.database).absolute(), lock_seconds)
    raise StoreAddressError(_WHICH_URL)


def _sqlite(url: URL, file: Path, lock_seconds: float) -> Engine:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)  # what stands beside it takes its mode
    except OSError as error:
        raise StoreGoneError(f"{file}: {error.strerror}") from error
    existing = f"{file.as_uri()}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(existing, uri=True, timeout=lock_seconds, check_same_thread=False)
        connection.isolation_level = None  # no BEGIN of the driver's own: ours are below
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    engine = create_engine(url, creator=connect, **_ENGINE)
    _notice_another_file(engine, file)

    @event.listens_for(engine, "begin")
    def begun(conn: Connection) -> None:
        # A reader that turns writer may find the file changed meanwhile and fail at once: writers say so first.
        conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get(_WRITING) else "BEGIN")

    return engine


def _notice_another_file(engine: Engine, file: Path) -> None:
    """SQLite would go on writing into a file that was deleted or replaced."""

    @event.listens_for(engine, "connect")
    def connected(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(file)

    @event.listens_for(engine, "checkout")
    def taken(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        if record.info["file"] != _identity(file):
            raise DisconnectionError


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _postgresql(url: URL, lock_seconds: float) -> Engine:
    timeouts = f"-c lock_timeout={round(lock_seconds * 1000)} -c idle_in_transaction_session_timeout=60000"
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": _CONNECT_SECONDS, "options": timeouts},
        pool_pre_ping=True,
        **_ENGINE,
    )


def _migrate(conn: Connection, to: str = "head") -> None:
    from alembic import command  # noqa: PLC0415  # Alembic is heavy, and needed once
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise StoreNewerError("a newer release made this store: start that release, or restore a backup") from error
