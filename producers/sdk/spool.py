"""Rows on their way, on this machine's disk: so many at most.

A row that `put` has returned of is there after a crash. The oldest rows become the batch: its name, which is the
idempotency key, and its end are written before it is first sent, and it goes when its receipt is noted, both in one
transaction each: a batch that is sent again after a crash is the same to the byte. Rows that the gateway refused are
set aside with the reason.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from producers.sdk.errors import Problem, SpoolError, SpoolFullError
from producers.sdk.spool_file import SpoolFile

_KEPT_RECEIPTS = 10_000


class Room(NamedTuple):
    """What a spool holds at most, what was set aside included."""

    rows: int
    size: int


class Waiting(NamedTuple):
    """What a spool holds: rows (and statements of days) that wait, their bytes, and rows set aside."""

    rows: int
    size: int
    set_aside: int
    set_aside_size: int


class Batch(NamedTuple):
    """What is sent at once.

    Attributes:
        name: its idempotency key.
        lines: its rows.
        covers_to: day up to which all was said with it, or None.
        broken: how often the gateway failed over it.

    """

    name: str
    lines: tuple[str, ...]
    covers_to: str | None
    broken: int

    @property
    def content(self) -> bytes:
        """Body of the request: the same whenever it is sent."""
        return ("[" + ",".join(self.lines) + "]").encode()


class SetAside(NamedTuple):
    """A row that the gateway refused.

    Attributes:
        number: by which it is forgotten.
        receipt: of the batch; None where the whole batch was refused.

    """

    number: int
    row: Mapping[str, object]
    receipt: str | None
    problem: Problem


class Noted(NamedTuple):
    """A receipt: how many rows of the batch the bus has, and how many were refused; `at` milliseconds."""

    receipt: str
    accepted: int
    rejected: int
    at: int


class Spool:
    """What waits in a file, in its order."""

    def __init__(self, file: SpoolFile, room: Room) -> None:
        """Take over an open file."""
        self._file = file
        self._room = room

    @property
    def path(self) -> Path:
        """Of the file."""
        return self._file.path

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def put(self, lines: Sequence[str], covers_to: str | None = None) -> None:
        """Write rows, and after them the day up to which all was said, where given: all, or nothing.

        Raises:
            SpoolError: see the tree.

        """
        sized = [(line, None, len(line.encode())) for line in lines]
        stated = [] if covers_to is None else [(None, covers_to, 0)]
        with self._file.writing() as db:
            self._refuse_over(_waiting(db), len(sized), sum(size for *_, size in sized))
            db.executemany("INSERT INTO entry (line, covers_to, size) VALUES (?, ?, ?)", [*sized, *stated])

    def _refuse_over(self, holds: Waiting, rows: int, size: int) -> None:
        all_rows, all_bytes = holds.rows + holds.set_aside, holds.size + holds.set_aside_size
        if all_rows + rows <= self._room.rows and all_bytes + size <= self._room.size:
            return
        limits = f"{self._room.rows} / {self._room.size}"
        raise SpoolFullError(
            f"暂存已满：{holds.rows} 行待发、{holds.set_aside} 行被退回，共 {all_bytes} 字节，上限 {limits}："
            f"请查明网关为何不收，或处理被退回的行后重发本次数据 / "
            f"the spool is full: {holds.rows} rows wait and {holds.set_aside} are set aside, {all_bytes} bytes, the "
            f"limits are {limits}: see why the gateway takes nothing, or settle what is set aside; then send again"
        )

    def batch(self, most_rows: int, most_bytes: int) -> Batch | None:
        """Batch that was begun, or else the oldest rows, which are one from now on; None where nothing waits."""
        with self._file.writing() as db:
            begun = db.execute("SELECT name, last, broken FROM batch").fetchone()
            if begun is None:
                last = _end_of_batch(db, most_rows, most_bytes)
                if last is None:
                    return None
                begun = uuid.uuid4().hex, last, 0
                db.execute("INSERT INTO batch (one, name, last, broken) VALUES (1, ?, ?, ?)", begun)
            name, last, broken = begun
            entries = db.execute("SELECT line, covers_to FROM entry WHERE id <= ? ORDER BY id", (last,)).fetchall()
        lines = tuple(line for line, _ in entries if line is not None)
        return Batch(name, lines, entries[-1][1] if entries else None, broken)

    def taken(self, batch: Batch, receipt: str, accepted: int, problems: Sequence[Problem]) -> None:
        """Note a batch's receipt: the bus has its good rows, the others are set aside."""
        refused = {problem.row: problem for problem in problems}
        with self._ending(batch) as db:
            _set_aside(db, receipt, [(batch.lines[row - 1], problem) for row, problem in refused.items()])
            db.execute(
                "INSERT OR IGNORE INTO receipt (id, accepted, rejected, at) VALUES (?, ?, ?, ?)",
                (receipt, accepted, len(refused), time.time_ns() // 1_000_000),
            )
            db.execute("DELETE FROM receipt WHERE place <= (SELECT max(place) FROM receipt) - ?", (_KEPT_RECEIPTS,))

    def unfit(self, batch: Batch, rule: str, reason: str, reason_en: str) -> None:
        """Set a whole batch aside, so that those behind it go on."""
        with self._ending(batch) as db:
            problems = [Problem(row, "?", rule, reason, reason_en) for row in range(1, len(batch.lines) + 1)]
            _set_aside(db, None, list(zip(batch.lines, problems, strict=True)))

    def apart(self, batch: Batch) -> None:
        """Begin anew with a batch that was not taken: its rows may become smaller ones."""
        with self._file.writing() as db:
            db.execute("DELETE FROM batch WHERE name = ?", (batch.name,))

    def failed(self, batch: Batch) -> None:
        """Count that the gateway failed over a batch."""
        with self._file.writing() as db:
            db.execute("UPDATE batch SET broken = broken + 1 WHERE name = ?", (batch.name,))

    @contextmanager
    def _ending(self, batch: Batch) -> Iterator[sqlite3.Connection]:
        """Transaction at whose end a batch is gone; nothing happens where it is already."""
        with self._file.writing() as db:
            found = db.execute("SELECT last FROM batch WHERE name = ?", (batch.name,)).fetchone()
            if found is None:
                raise SpoolError(f"暂存文件 {self.path} 被改动过 / somebody else changed the spool {self.path}")
            yield db
            db.execute("DELETE FROM entry WHERE id <= ?", found)
            db.execute("DELETE FROM batch")
            empty = not _waiting(db).rows
        if empty:
            self._file.wipe()

    def waiting(self) -> Waiting:
        """What it holds."""
        with self._file.reading() as db:
            return _waiting(db)

    def span(self) -> tuple[int, int]:
        """Ids of the oldest entry, and of the newest there ever was; the oldest is beyond it where nothing waits."""
        with self._file.reading() as db:
            newest = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
            oldest = db.execute("SELECT min(id) FROM entry").fetchone()[0]
        last = newest[0] if newest else 0
        return (last + 1 if oldest is None else oldest), last

    def set_aside(self) -> list[SetAside]:
        """Rows that the gateway refused, oldest first."""
        asked = "SELECT id, line, receipt, field, rule, reason, reason_en FROM set_aside ORDER BY id"
        with self._file.reading() as db:
            found = db.execute(asked).fetchall()
        return [SetAside(n, json.loads(line), receipt, Problem(1, *why)) for n, line, receipt, *why in found]

    def forget(self, numbers: Sequence[int]) -> None:
        """Delete rows that were set aside."""
        with self._file.writing() as db:
            db.executemany("DELETE FROM set_aside WHERE id = ?", [(number,) for number in numbers])
        self._file.wipe()

    def receipts(self) -> list[Noted]:
        """Receipts so far, oldest first, the last 10 000."""
        with self._file.reading() as db:
            found = db.execute("SELECT id, accepted, rejected, at FROM receipt ORDER BY place").fetchall()
        return [Noted(*each) for each in found]


def _waiting(db: sqlite3.Connection) -> Waiting:
    held = {what: (rows, size) for what, rows, size in db.execute("SELECT what, rows, bytes FROM total")}
    return Waiting(*held["entry"], *held["set_aside"])


def _end_of_batch(db: sqlite3.Connection, most_rows: int, most_bytes: int) -> int | None:
    """Id of the last entry of the next batch: it ends with the day that is stated, or where it is large enough."""
    last, size = None, 0
    asked = "SELECT id, covers_to, size FROM entry ORDER BY id LIMIT ?"
    for number, covers_to, more in db.execute(asked, (most_rows,)).fetchall():
        size += more
        if last is not None and size > most_bytes:
            break
        last = number
        if covers_to is not None:
            break
    return last


def _set_aside(db: sqlite3.Connection, receipt: str | None, rows: Sequence[tuple[str, Problem]]) -> None:
    db.executemany(
        "INSERT INTO set_aside (line, size, receipt, field, rule, reason, reason_en) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(line, len(line.encode()), receipt, p.field, p.rule, p.reason, p.reason_en) for line, p in rows],
    )
