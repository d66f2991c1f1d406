"""Reads whole topics up to their present end, without a consumer group: for commands and reconciliation."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from schemas.codec import Decoded, SchemaError, decode_many
from schemas.fact import unpack_routed
from streams.lag import Offsets, Positions

_FETCH_BYTES = 4 * 1024 * 1024
_POLL_MS = 1000
_AT_ONCE = 2000


def read_all(servers: str, topics: Iterable[str], ends: Mapping[tuple[str, int], int] | None = None) -> Iterator[Any]:
    """Records of these topics from their start, in order within each partition.

    Args:
        servers: bootstrap servers, comma-separated.
        topics: names; a topic that is missing is an error of kafka-python.
        ends: by topic and partition, the offset before which to stop; the present end where not given.

    """
    consumer = _consumer(servers)
    try:
        yield from _read(consumer, list(topics), ends)
    finally:
        consumer.close()


def ends_of(positions: Positions, group: str) -> Offsets:
    """How far a group has come; nowhere where it never committed."""
    committed = positions.committed.get(group, {})
    return {partition: committed.get(partition, 0) for partition in positions.end}


def decoded(servers: str, topics: Iterable[str], ends: Offsets | None) -> Iterator[tuple[Any, Decoded | SchemaError]]:
    """Records of these topics before these offsets, each with what it says."""
    return decode_each(read_all(servers, topics, ends))


def decode_each(records: Iterable[Any]) -> Iterator[tuple[Any, Decoded | SchemaError]]:
    """Records, each with what it says."""
    waiting = iter(records)
    while chunk := list(islice(waiting, _AT_ONCE)):
        yield from zip(chunk, decode_many([record.value for record in chunk]), strict=True)


def source_of(packed: bytes) -> tuple[str, int, int]:
    """Where a fact was published; what it says is read there."""
    routed = unpack_routed(packed)
    return routed.source_topic, routed.source_partition, routed.source_offset


def read_apart(servers: str, topics: Iterable[str]) -> Iterator[Iterator[Any]]:
    """Records of these topics partition after partition, each from its start to its present end, in order."""
    consumer = _consumer(servers)
    try:
        for topic in topics:
            for number in sorted(consumer.partitions_for_topic(topic) or ()):
                yield _read(consumer, [topic], None, {number})
    finally:
        consumer.close()


def _consumer(servers: str) -> Any:
    return KafkaConsumer(
        bootstrap_servers=servers.split(","),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=_FETCH_BYTES,
        max_poll_records=10_000,
    )


def _read(
    consumer: Any, topics: list[str], ends: Mapping[tuple[str, int], int] | None, only: Container[int] | None = None
) -> Iterator[Any]:
    found = {topic: consumer.partitions_for_topic(topic) or () for topic in topics}
    numbers = {topic: [number for number in each if only is None or number in only] for topic, each in found.items()}
    wanted = [TopicPartition(topic, number) for topic in topics for number in numbers[topic]]
    last = consumer.end_offsets(wanted)
    if ends is not None:
        last = {tp: min(end, ends.get((tp.topic, tp.partition), end)) for tp, end in last.items()}
    first = consumer.beginning_offsets(wanted)
    remaining = [tp for tp in wanted if last[tp] > first[tp]]
    consumer.assign(remaining)
    while remaining:
        for tp, records in consumer.poll(_POLL_MS).items():
            yield from (record for record in records if record.offset < last[tp])
        done = [tp for tp in remaining if consumer.position(tp) >= last[tp]]
        if done:
            consumer.pause(*done)
            remaining = [tp for tp in remaining if tp not in done]
