"""How far each feed has come: SQLite in the data directory. One transaction for each batch, after it was confirmed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from schemas.faults import RowProblem

_TABLES = """
CREATE TABLE IF NOT EXISTS feed (
    name TEXT PRIMARY KEY, position TEXT, started INTEGER, accepted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0, delivered_day INTEGER);
CREATE TABLE IF NOT EXISTS seen (
    name TEXT, mark BLOB, position TEXT, PRIMARY KEY (name, mark)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rejected (
    name TEXT, started INTEGER, row INTEGER, position TEXT, field TEXT, code TEXT, reason TEXT);
"""


class Come(NamedTuple):
    """How far a feed has come.

    Attributes:
        position: of the furthest row; None before the first.
        started: milliseconds, of the poll that has no delivery record yet; None where there is none.
        accepted: its rows so far; `rejected` likewise.
        delivered_day: Beijing day of the last delivery record.

    """

    position: str | None = None
    started: int | None = None
    accepted: int = 0
    rejected: int = 0
    delivered_day: int | None = None


class Taken(NamedTuple):
    """A row that was sent or refused: its number, position, mark, and what is wrong with it."""

    number: int
    position: str
    mark: bytes
    problem: RowProblem | None = None


class Cursors:
    """The file of all feeds' positions; one process has it."""

    def __init__(self, path: Path) -> None:
        """Open or make it, for the owner's eyes only."""
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path)
        self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLES}")

    def close(self) -> None:
        """Close it."""
        self._db.close()

    def come(self, name: str) -> Come:
        """How far a feed has come."""
        asked = "SELECT position, started, accepted, rejected, delivered_day FROM feed WHERE name = ?"
        found = self._db.execute(asked, (name,)).fetchone()
        return Come(*found) if found else Come()

    def begin(self, name: str, started: int) -> None:
        """Note that a poll sends rows from now on."""
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO feed (name) VALUES (?)", (name,))
            self._db.execute("UPDATE feed SET started = ?, accepted = 0, rejected = 0 WHERE name = ?", (started, name))

    def seen(self, name: str, marks: Iterable[bytes]) -> set[bytes]:
        """Which of these marks were taken before."""
        asked = "SELECT 1 FROM seen WHERE name = ? AND mark = ?"
        return {mark for mark in marks if self._db.execute(asked, (name, mark)).fetchone()}

    def advance(self, name: str, position: str, taken: list[Taken]) -> None:
        """Note rows that the broker confirmed, or that were refused."""
        started = self.come(name).started
        refused = [(each, each.problem) for each in taken if each.problem]
        with self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", [(name, each.mark, each.position) for each in taken]
            )
            self._db.executemany(
                "INSERT INTO rejected VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(name, started, each.number, each.position, p.field, p.code, p.reason) for each, p in refused],
            )
            self._db.execute(
                "UPDATE feed SET position = ?, accepted = accepted + ?, rejected = rejected + ? WHERE name = ?",
                (position, len(taken) - len(refused), len(refused), name),
            )

    def refused(self, name: str, started: int) -> list[str]:
        """Code of each row that a poll refused."""
        asked = "SELECT code FROM rejected WHERE name = ? AND started = ? ORDER BY row"
        return [code for (code,) in self._db.execute(asked, (name, started))]

    def delivered(self, name: str, day: int, forget: list[bytes]) -> None:
        """Note that the poll has its delivery record."""
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO feed (name) VALUES (?)", (name,))
            self._db.execute("UPDATE feed SET started = NULL, delivered_day = ? WHERE name = ?", (day, name))
            self._db.executemany("DELETE FROM seen WHERE name = ? AND mark = ?", [(name, mark) for mark in forget])

    def marks(self, name: str) -> list[tuple[bytes, str]]:
        """Every mark that is kept, and its position."""
        return self._db.execute("SELECT mark, position FROM seen WHERE name = ?", (name,)).fetchall()
