"""Rows of the changelogs: who wrote them, how far they go, and what stands when several writers wrote.

A row's key is the entry's key + the writer's tag, so that a worker stopped between folding and writing, and continued
after another took over, overwrites nobody's state. A row's value starts with `through` (offset last folded), `due` (the
day on which a tick must visit the entry; of a ledger its epoch, which grows with each takeover) and a checksum. No I/O.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable

from crc32c import crc32c

TAG_BYTES = 8
_HEADER = struct.Struct(">qII")
HEADER_BYTES = _HEADER.size
DUE = slice(8, 12)
NEVER = bytes(4)
"""Where `due` stands in a row, and what stands there if no tick need visit the entry."""

ENTITY, LEDGER, BATCH = b"e", b"l", b"b"
"""First byte of a key: a household or subject, a ledger, a batch's totals."""

Merge = Callable[[bytes, bytes], bytes]
"""Of two rows of one entry, written by two writers, the row that stands. Commutative."""


class CorruptRowError(Exception):
    """A changelog row is damaged; the message names it without its content."""


def new_tag() -> bytes:
    """Name of a writer: who owns a partition from one takeover to its loss."""
    return os.urandom(TAG_BYTES)


def pack_row(through: int, due: int, body: bytes) -> bytes:
    """Row value; `through` is an offset (-1: none), `due` a day number (0: never), of a ledger its epoch."""
    header = _HEADER.pack(through, due, crc32c(body))
    return header + body


def through_of(row: bytes) -> int:
    """Offset last folded into a row."""
    return int.from_bytes(row[:8], "big", signed=True)


def due_of(row: bytes) -> int:
    """Day on which a tick must visit the entry (0: never); epoch of a ledger."""
    return int.from_bytes(row[DUE], "big")


def check_row(row: bytes) -> None:
    """Refuse a damaged row.

    Raises:
        CorruptRowError: cut short, or the checksum differs.

    """
    if len(row) < HEADER_BYTES or crc32c(row[HEADER_BYTES:]) != int.from_bytes(row[12:16], "big"):
        message = f"{len(row)} bytes, checksum differs"
        raise CorruptRowError(message)


def furthest(one: bytes, other: bytes) -> bytes:
    """Merge for what is folded from one input in log order: the row that went furthest holds all of the other."""
    return max(one, other, key=lambda row: (through_of(row), row))


def last_owner(one: bytes, other: bytes) -> bytes:
    """Merge for ledgers: that of the later takeover stands, however far a stopped and continued worker went.

    Part of what such a worker wrote may be gone: the new owner tombstones its copies of what it writes itself. Its
    ledger alone would then count records as folded whose effect is nowhere.
    """
    return max(one, other, key=lambda row: (due_of(row), through_of(row), row))


class Copies:
    """Rows of one partition while its changelog is read: of each entry one copy per writer."""

    def __init__(self) -> None:
        """Start empty."""
        self.rows: dict[bytes, bytes] = {}
        self.tags: dict[bytes, tuple[bytes]] = {}
        self._others: dict[bytes, dict[bytes, bytes]] = {}
        self._known_tags: dict[bytes, tuple[bytes]] = {}

    def apply(self, key: bytes, row: bytes | None) -> None:
        """Take the next record of the changelog; None is a tombstone.

        Raises:
            CorruptRowError: key or row cannot be one of ours.

        """
        if len(key) <= TAG_BYTES:
            message = f"key of {len(key)} bytes"
            raise CorruptRowError(message)
        entry, tag = key[:-TAG_BYTES], key[-TAG_BYTES:]
        if row is None:
            self._remove(entry, tag)
            return
        check_row(row)
        writer = self._known_tags.get(tag)
        if writer is None:
            writer = self._known_tags[tag] = (tag,)
        if self.tags.setdefault(entry, writer) is writer:
            self.rows[entry] = row
        else:
            self._others.setdefault(entry, {})[tag] = row

    def _remove(self, entry: bytes, tag: bytes) -> None:
        others = self._others.get(entry, {})
        if self.tags.get(entry) != (tag,):
            others.pop(tag, None)
        elif others:
            heir = next(iter(others))
            self.tags[entry], self.rows[entry] = self._known_tags[heir], others.pop(heir)
        else:
            self.tags.pop(entry, None)
            self.rows.pop(entry, None)

    def settle(self, merge: Callable[[bytes], Merge]) -> dict[bytes, tuple[bytes, ...]]:
        """Merge the copies of each entry into `rows`; return the writers of each, to be tombstoned by our own write."""
        writers: dict[bytes, tuple[bytes, ...]] = {**self.tags}
        for entry, others in self._others.items():
            if not others:
                continue
            row = self.rows[entry]
            for tag, other in others.items():
                row = merge(entry)(row, other)
                writers[entry] = (*writers[entry], tag)
            self.rows[entry] = row
        return writers
