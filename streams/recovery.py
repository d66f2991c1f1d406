"""Reads changelog partitions from their start, in batches, into the state table."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from schemas.failstop import NeedsAPersonError
from streams.changelog import Copies, CorruptRowError
from streams.metrics import RECOVERED_ROWS

_FETCH_BYTES = 8 * 1024 * 1024
_DAMAGED = (
    "changelog {topic} partition {partition} offset {offset} is damaged ({detail}). Delete the records of this "
    "changelog partition and reset the group's offsets of partition {partition} to the log's start: the state is "
    "rebuilt from the inputs."
)


async def read_changelog(
    servers: str, topic: str, numbers: Iterable[int], progress: Callable[[], None]
) -> dict[int, Copies]:
    """Read these partitions of a changelog up to their present end; `progress` is called for each fetch.

    Raises:
        NeedsAPersonError: a row is damaged.

    """
    wanted = [TopicPartition(topic, number) for number in sorted(numbers)]
    copies = {tp.partition: Copies() for tp in wanted}
    consumer = _consumer(servers)
    await consumer.start()
    try:
        consumer.assign(wanted)
        ends = await consumer.end_offsets(wanted)
        remaining = {tp for tp in wanted if ends[tp] > 0}
        while remaining:
            fetched = await consumer.getmany(*remaining, timeout_ms=1000)
            if fetched:
                progress()
            for tp, records in fetched.items():
                _apply(copies[tp.partition], records)
                RECOVERED_ROWS.inc(len(records))
            for tp in list(remaining):
                if await consumer.position(tp) >= ends[tp]:
                    remaining.discard(tp)
    finally:
        await consumer.stop()
    return copies


def _consumer(servers: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=servers,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=_FETCH_BYTES,
        fetch_max_bytes=4 * _FETCH_BYTES,
        check_crcs=True,
    )


def _apply(copies: Copies, records: Iterable[object]) -> None:
    for record in records:
        try:
            copies.apply(record.key, record.value)  # type: ignore[attr-defined]  # aiokafka's records are untyped
        except (CorruptRowError, TypeError) as error:
            message = _DAMAGED.format(
                topic=record.topic,  # type: ignore[attr-defined]  # as above
                partition=record.partition,  # type: ignore[attr-defined]  # as above
                offset=record.offset,  # type: ignore[attr-defined]  # as above
                detail=error,
            )
            raise NeedsAPersonError(message) from error


async def log_ends(servers: str, topics: Iterable[str], numbers: Iterable[int]) -> dict[tuple[str, int], int]:
    """End offsets of input partitions."""
    wanted = [TopicPartition(topic, number) for topic in topics for number in numbers]
    consumer = AIOKafkaConsumer(bootstrap_servers=servers)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(wanted)
    finally:
        await consumer.stop()
    return {(tp.topic, tp.partition): int(end) for tp, end in ends.items()}
