"""Whose turn it is to send, where several processes share a spool: one at a time, and nobody's when it was killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def turn(spool: Path) -> Iterator[bool]:
    """Yield whether it is ours; it is until the end of the block.

    The lock is SQLite's, on an empty file beside the spool: the same on every system, and gone with its process.
    """
    file = spool.with_name(spool.name + ".turn")
    file.touch(mode=0o600)
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as db:
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            yield False
            return
        yield True
