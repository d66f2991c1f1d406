"""The spool's file: opened for the owner's eyes only, looked through, its failures in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from producers.sdk.errors import SettingError, SpoolDamagedError, SpoolError

VERSION = 1
_BUSY_SECONDS = 30
_TABLES = """
CREATE TABLE IF NOT EXISTS sender (name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT, covers_to TEXT, size INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS batch (
    one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL, last INTEGER NOT NULL,
    broken INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS set_aside (
    id INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL, size INTEGER NOT NULL, receipt TEXT,
    field TEXT, rule TEXT, reason TEXT, reason_en TEXT);
CREATE TABLE IF NOT EXISTS receipt (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, accepted INTEGER, rejected INTEGER, at INTEGER);
CREATE TABLE IF NOT EXISTS total (what TEXT PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO total VALUES ('entry', 0, 0), ('set_aside', 0, 0);
"""
_COUNTED = """
CREATE TRIGGER IF NOT EXISTS {table}_in AFTER INSERT ON {table} BEGIN
    UPDATE total SET rows = rows + 1, bytes = bytes + NEW.size WHERE what = '{table}'; END;
CREATE TRIGGER IF NOT EXISTS {table}_out AFTER DELETE ON {table} BEGIN
    UPDATE total SET rows = rows - 1, bytes = bytes - OLD.size WHERE what = '{table}'; END;
"""


class SpoolFile:
    """One SQLite file; threads and processes may share it."""

    def __init__(self, path: Path, sender: str) -> None:
        """Open it, or make it.

        Raises:
            SpoolError: it cannot be opened, or is damaged.
            SettingError: it holds another sender's rows.

        """
        self.path = path
        self._lock = Lock()
        with self._named_errors():
            path.touch(mode=0o600)  # what stands beside it takes its mode
            path.chmod(0o600)
            self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
            try:
                self._prepare(sender)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self, sender: str) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            self._db.execute(f"PRAGMA {pragma}")
        if (found := self._db.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
            raise sqlite3.DatabaseError(str(found))
        with self.writing() as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version not in {0, VERSION}:
                raise SettingError(f"暂存文件 {self.path} 由另一版本生成 / another release made the spool {self.path}")
            for statement in _statements(_TABLES, *(_COUNTED.format(table=name) for name in ("entry", "set_aside"))):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")
            self._owned_by(sender, db)

    def _owned_by(self, sender: str, db: sqlite3.Connection) -> None:
        owner = db.execute("SELECT name FROM sender").fetchone()
        if owner is None:
            db.execute("INSERT INTO sender VALUES (?)", (sender,))
        elif owner != (sender,):
            raise SettingError(
                f"暂存文件 {self.path} 属于 {owner[0]}：请为 {sender} 另用一个文件 / "
                f"the spool {self.path} is of {owner[0]}: give {sender} a file of its own"
            )

    def close(self) -> None:
        """Close it."""
        with self._lock:
            self._db.close()

    def wipe(self) -> None:
        """Leave nothing of deleted rows in the log beside the file."""
        with self._lock, suppress(sqlite3.OperationalError):  # somebody reads: the next time
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Connection to look with."""
        with self._named_errors(), self._lock:
            yield self._db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Transaction: all of it stands at the end, or nothing."""
        with self._named_errors(), self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # it may have ended by itself
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as error:
            raise named(error, self.path) from error


def named(error: sqlite3.DatabaseError | OSError, path: Path) -> SpoolError:
    """Say what a failure of the file means."""
    code = getattr(error, "sqlite_errorname", "")
    if isinstance(error, sqlite3.ProgrammingError):
        return SpoolError("已关闭：请重新打开 / this publisher is closed: make a new one")
    if isinstance(error, OSError) or code.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
        return SpoolError(
            f"不能写暂存文件 {path}：请检查目录和权限 / cannot write the spool {path}: check folder and rights"
        )
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return SpoolError(
            f"暂存文件 {path} 被别的程序占用：请稍后重发 / the spool {path} is in use: send these rows again"
        )
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")) or not code:
        return SpoolDamagedError(
            f"暂存文件 {path} 已损坏：请把它和 -wal 文件移到别处保存，用新文件重新开始，"
            f"并从源系统重发近期数据（重复不会重复计数）"
            f" / the spool {path} is damaged: keep it and its -wal file elsewhere, begin a new one, and send again "
            f"what is recent from your system (nothing counts twice)"
        )
    return SpoolError(
        f"磁盘已满或出错，暂存文件 {path} 写不进去：请腾出空间后重发本次数据 / "
        f"the disk of the spool {path} is full or fails: make room, then send these rows again"
    )


def _statements(*scripts: str) -> Iterator[str]:
    """Statements of scripts, one at a time: all stand in one transaction."""
    for script in scripts:
        statement = ""
        for line in script.splitlines():
            statement += line + "\n"
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""
