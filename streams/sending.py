"""Records out, in batches per partition; each batch's future is the broker's confirmation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from schemas.partition import partition_of

Out = tuple[bytes | None, bytes | None]
"""Key and value; a value of None is a tombstone."""


class BatchTooLargeError(Exception):
    """Records that must stand in one record batch do not fit it."""


class Sender:
    """Sends through the worker's aiokafka producer (idempotent, acks=all)."""

    def __init__(self, producer: Any) -> None:
        """Wrap an aiokafka.AIOKafkaProducer."""
        self._producer = producer

    async def send_whole(self, topic: str, partition: int, records: Sequence[Out]) -> asyncio.Future[object]:
        """Send records as one record batch, which the broker appends whole or not at all.

        Raises:
            BatchTooLargeError: they do not fit the producer's largest batch.

        """
        batch = self._producer.create_batch()
        for key, value in records:
            if batch.append(key=key, value=value, timestamp=None) is None:
                message = f"{len(records)} records for {topic}-{partition}"
                raise BatchTooLargeError(message)
        return await self._submit(batch, topic, partition)

    async def send_all(self, topic: str, records: Iterable[tuple[bytes, bytes]]) -> list[asyncio.Future[object]]:
        """Send records by key, in as few batches as they need; order holds within a partition.

        Raises:
            BatchTooLargeError: one record alone does not fit.

        """
        by_partition: dict[int, list[Out]] = {}
        for key, value in records:
            by_partition.setdefault(partition_of(key), []).append((key, value))
        confirmations = []
        for partition, part in by_partition.items():
            confirmations += await self._send_part(topic, partition, part)
        return confirmations

    async def _send_part(self, topic: str, partition: int, records: Sequence[Out]) -> list[asyncio.Future[object]]:
        confirmations = []
        batch = self._producer.create_batch()
        for key, value in records:
            if batch.append(key=key, value=value, timestamp=None) is None:
                if not batch.record_count():
                    message = f"one record for {topic}-{partition}"
                    raise BatchTooLargeError(message)
                confirmations.append(await self._submit(batch, topic, partition))
                batch = self._producer.create_batch()
                if batch.append(key=key, value=value, timestamp=None) is None:
                    message = f"one record for {topic}-{partition}"
                    raise BatchTooLargeError(message)
        confirmations.append(await self._submit(batch, topic, partition))
        return confirmations

    async def _submit(self, batch: Any, topic: str, partition: int) -> asyncio.Future[object]:
        confirmation: asyncio.Future[object] = await self._producer.send_batch(batch, topic, partition=partition)
        return confirmation
