"""Opening the store: SQLite (WAL) or PostgreSQL, migrated to the newest tables; transactions and their errors.

StoreError
    StoreBusyError   somebody else holds what is needed: try again, nothing was changed
    StoreGoneError   the database cannot be reached or read: say so, nothing was changed
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

LOCK_SECONDS = 5
_CONNECT_SECONDS = 5
_MIGRATION_LOCK = 4_711_004
_WRITING = "alertbus_writing"
_BUSY_SQLSTATES = frozenset(("55P03", "40P01", "40001", "57014"))  # lock timeout, deadlock, serialization, cancelled


class StoreError(Exception):
    """The store did not do what was asked; nothing was changed."""


class StoreBusyError(StoreError):
    """Somebody else holds what is needed: try again."""


class StoreGoneError(StoreError):
    """The database cannot be reached or read."""


def open_store(url: str, *, lock_seconds: float = LOCK_SECONDS) -> Engine:
    """Connect, and bring the tables to the newest migration.

    Raises:
        StoreError: it cannot be reached, or others hold it.

    """
    where = make_url(url)
    engine = _sqlite(where, lock_seconds) if where.get_backend_name() == "sqlite" else _postgresql(where, lock_seconds)
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
    except OperationalError as error:
        raise (StoreBusyError if _is_busy(error) else StoreGoneError)(_first_line(error)) from error


def _is_busy(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    name = getattr(error.orig, "sqlite_errorname", "")
    return state in _BUSY_SQLSTATES or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _first_line(error: DBAPIError) -> str:
    """What the database said, without the statement and its values."""
    return str(error.orig).partition("\n")[0]


def _sqlite(url: URL, lock_seconds: float) -> Engine:
    if url.database:
        file = Path(url.database)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)  # what stands beside it takes its mode
    engine = create_engine(url, connect_args={"timeout": lock_seconds})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # no BEGIN of the driver's own: ours are below
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(conn: Connection) -> None:
        # A reader that turns writer may find the file changed meanwhile and fail at once: writers say so first.
        conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get(_WRITING) else "BEGIN")

    return engine


def _postgresql(url: URL, lock_seconds: float) -> Engine:
    timeouts = f"-c lock_timeout={round(lock_seconds * 1000)} -c idle_in_transaction_session_timeout=60000"
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": _CONNECT_SECONDS, "options": timeouts},
        pool_pre_ping=True,
    )


def _migrate(conn: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # Alembic is heavy, and needed once
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    command.upgrade(config, "head")
