"""Keyed state of the partitions a worker owns: in memory, confirmed in a changelog, rebuilt from it.

A write is one Kafka record batch, which the broker appends whole or not at all: entries, batch totals and ledger of a
slice are never apart (docs/decisions/0003). Faust's own Table is not used (docs/decisions/0005).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from streams.changelog import DUE, ENTITY, HEADER_BYTES, LEDGER, NEVER, Copies, Merge, due_of, new_tag
from streams.sending import Sender

Row = tuple[bytes, bytes]
"""Entry key and row."""


class Partition:
    """State of one partition, from one takeover to its loss.

    Attributes:
        epoch: greater than that of all who owned it before.
        tag: under which its rows are written; another for each takeover, also by the same process.

    """

    def __init__(
        self, number: int, rows: dict[bytes, bytes], writers: dict[bytes, tuple[bytes, ...]], epoch: int = 0
    ) -> None:
        """Take over what recovery found."""
        self.number = number
        self.epoch = epoch
        self.tag = new_tag()
        self.rows = rows
        self._writers = writers
        self._written: asyncio.Future[object] | None = None
        by_day: defaultdict[bytes, set[bytes]] = defaultdict(set)
        for key, row in rows.items():
            if row[DUE] != NEVER and key[:1] == ENTITY:
                by_day[row[DUE]].add(key)
        self._due = {int.from_bytes(day, "big"): keys for day, keys in by_day.items()}

    def body(self, key: bytes) -> bytes | None:
        """Stored state of an entry."""
        row = self.rows.get(key)
        return None if row is None else row[HEADER_BYTES:]

    def due_by(self, day: int) -> list[bytes]:
        """Entries a tick of this day must visit, in key order."""
        return sorted(key for at, keys in self._due.items() if at <= day for key in keys)

    def records_for(self, rows: list[Row]) -> list[tuple[bytes, bytes | None]]:
        """Changelog records of a write: our rows, then tombstones for other writers' copies of them."""
        tag = self.tag
        records: list[tuple[bytes, bytes | None]] = [(key + tag, row) for key, row in rows]
        if self._writers:
            records += [(k + other, None) for k, _ in rows for other in self._writers.get(k, ())]
        return records

    def put(self, rows: list[Row]) -> None:
        """Remember rows that are on their way to the changelog."""
        known, writers = self.rows, self._writers
        for key, row in rows:
            self._index(key, known.get(key), row)
            known[key] = row
            if writers:
                writers.pop(key, None)

    async def write(
        self, records: list[tuple[bytes, bytes | None]], topic: str, sender: Sender
    ) -> asyncio.Future[object]:
        """Send a record batch once the one before is confirmed: after a failed write it would pass for the whole."""
        if self._written is not None:
            await self._written
        self._written = await sender.send_whole(topic, self.number, records)
        return self._written

    def _index(self, key: bytes, old: bytes | None, new: bytes) -> None:
        if key[:1] != ENTITY or (old is not None and old[DUE] == new[DUE]):
            return
        before, after = due_of(old) if old else 0, due_of(new)
        if before:
            keys = self._due[before]
            keys.discard(key)
            if not keys:
                del self._due[before]
        if after:
            self._due.setdefault(after, set()).add(key)


class StateTable:
    """The partitions of one changelog topic that this worker owns."""

    def __init__(self, changelog: str, merge: Callable[[bytes], Merge]) -> None:
        """`merge` says, by entry key, how copies of two writers become one."""
        self.changelog = changelog
        self.merge = merge
        self.partitions: dict[int, Partition] = {}

    def recovered(self, number: int, copies: Copies, generation: int) -> Partition:
        """Take over a partition whose changelog has been read, in this generation of the group."""
        writers = copies.settle(self.merge)
        epochs = [due_of(row) for key, row in copies.rows.items() if key[:1] == LEDGER]
        epoch = max(generation, 0, *(known + 1 for known in epochs))
        partition = self.partitions[number] = Partition(number, copies.rows, writers, epoch)
        return partition

    def drop(self, number: int) -> None:
        """Forget a lost partition: another worker may write it from now on."""
        self.partitions.pop(number, None)

    async def write(self, partition: Partition, rows: list[Row], sender: Sender) -> asyncio.Future[object]:
        """Write rows as one record batch; the future is done when the broker has confirmed it.

        Raises:
            BatchTooLargeError: the rows do not fit one record batch; nothing is changed.
            KafkaError: the write before this one failed.

        """
        confirmation = await partition.write(partition.records_for(rows), self.changelog, sender)
        partition.put(rows)
        return confirmation
