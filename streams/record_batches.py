"""A partition's fetched records as one Faust message: Faust pays per message, so a message is a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from faust.transport.utils import DefaultSchedulingStrategy

MAX_RECORDS = 10_000
MAX_BYTES = 1024 * 1024


class RecordBatch:
    """What Faust takes for one record: consecutive records of a partition, at the offset of the last."""

    __slots__ = (
        "checksum",
        "headers",
        "key",
        "offset",
        "partition",
        "serialized_key_size",
        "serialized_value_size",
        "timestamp",
        "timestamp_type",
        "topic",
        "value",
    )

    def __init__(self, records: list[Any]) -> None:
        """Wrap at least one record."""
        last = records[-1]
        self.topic, self.partition, self.offset = last.topic, last.partition, last.offset
        self.timestamp, self.timestamp_type = last.timestamp, last.timestamp_type
        self.headers: tuple[()] = ()
        self.key = self.checksum = None
        self.value = records
        self.serialized_key_size = self.serialized_value_size = 0


def split(records: list[Any], most: int = MAX_RECORDS, most_bytes: int = MAX_BYTES) -> Iterator[list[Any]]:
    """Cut a list into batches of bounded count and size; a record larger than the bound stands alone."""
    start = size = 0
    for place, record in enumerate(records):
        length = len(record.value or b"")
        if place > start and (place - start >= most or size + length > most_bytes):
            yield records[start:place]
            start, size = place, 0
        size += length
    if start < len(records):
        yield records[start:]


class RecordBatches(DefaultSchedulingStrategy):  # type: ignore[misc]  # faust is untyped here (follow_imports in pyproject)
    """Faust's `ConsumerScheduler` setting: hand out batches instead of records."""

    @classmethod
    def map_from_records(cls, records: Mapping[Any, list[Any]]) -> Any:
        """Wrap each partition's list."""
        return super().map_from_records({tp: [RecordBatch(part) for part in split(rs)] for tp, rs in records.items()})
