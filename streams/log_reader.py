"""Reads whole topics up to their present end, without a consumer group: for commands and reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

_FETCH_BYTES = 4 * 1024 * 1024
_POLL_MS = 1000


def read_all(servers: str, topics: Iterable[str], ends: Mapping[tuple[str, int], int] | None = None) -> Iterator[Any]:
    """Records of these topics from their start, in order within each partition.

    Args:
        servers: bootstrap servers, comma-separated.
        topics: names; a topic that is missing is an error of kafka-python.
        ends: by topic and partition, the offset before which to stop; the present end where not given.

    """
    consumer = KafkaConsumer(
        bootstrap_servers=servers.split(","),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=_FETCH_BYTES,
        max_poll_records=10_000,
    )
    try:
        yield from _read(consumer, list(topics), ends)
    finally:
        consumer.close()


def _read(consumer: Any, topics: list[str], ends: Mapping[tuple[str, int], int] | None) -> Iterator[Any]:
    numbers = {topic: consumer.partitions_for_topic(topic) or () for topic in topics}
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
