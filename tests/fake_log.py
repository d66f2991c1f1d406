"""Stands in for the broker where a program is driven without one: a producer that appends whole batches to lists."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

from aiokafka.errors import MessageSizeTooLargeError

Pair = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True)
class FakeRecord:
    """A record as a consumer gets it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int = 1_790_000_000_000
    timestamp_type: int = 0


class FakeBatch:
    """As aiokafka's create_batch() gives it."""

    def __init__(self, limit: int) -> None:
        self.pairs: list[Pair] = []
        self._room = limit

    def append(self, *, key: bytes | None, value: bytes | None, timestamp: int | None) -> object | None:
        size = len(key or b"") + len(value or b"")
        if size > self._room:
            return None
        assert timestamp is None
        self._room -= size
        self.pairs.append((key, value))
        return self

    def record_count(self) -> int:
        return len(self.pairs)


@dataclass
class FakeProducer:
    """Appends each batch whole; what it refuses is a failed confirmation, as with aiokafka.

    Attributes:
        batches: by topic and partition, the batches in log order.
        refused: topics of which the next batch is refused.
        held: while true, confirmations stay open; `confirm` completes them.

    """

    limit: int = 1_900_000
    batches: dict[tuple[str, int], list[list[Pair]]] = field(default_factory=lambda: defaultdict(list))
    refused: set[str] = field(default_factory=set)
    held: bool = False
    open: list[asyncio.Future[object]] = field(default_factory=list)

    def create_batch(self) -> FakeBatch:
        return FakeBatch(self.limit)

    async def send_batch(self, batch: FakeBatch, topic: str, *, partition: int) -> asyncio.Future[object]:
        confirmation: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if topic in self.refused:
            self.refused.discard(topic)
            confirmation.set_exception(MessageSizeTooLargeError())
            return confirmation
        self.batches[topic, partition].append(batch.pairs)
        if self.held:
            self.open.append(confirmation)
        else:
            confirmation.set_result(None)
        return confirmation

    def confirm(self) -> None:
        """Confirm what was held back."""
        for confirmation in self.open:
            confirmation.set_result(None)
        self.open.clear()

    def records(self, topic: str) -> list[Pair]:
        """All records of a topic, each partition in log order."""
        return [
            pair for (name, _), batches in sorted(self.batches.items()) if name == topic for b in batches for pair in b
        ]

    def log(self, topic: str, partition: int, first: int = 0) -> list[FakeRecord]:
        """Partition's records as a consumer gets them."""
        pairs = [pair for batch in self.batches[topic, partition] for pair in batch]
        return [FakeRecord(topic, partition, first + n, key, value) for n, (key, value) in enumerate(pairs)]
