"""Reads the feeds' positions and the last tick from Kafka, and writes ticks to every partition."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from schemas.codec import SchemaError, decode, encode
from schemas.topics import DELIVERIES, HOUSEHOLD_EVENTS, PARTITIONS, TOWNSHIP_EVENTS
from streams.clock import positions_after

_CONFIRM_SECONDS = 600


class Ticker:
    """Knows the last tick and how far the feeds have come; writes the next."""

    def __init__(self, servers: str) -> None:
        """Connect; nothing is read yet."""
        bootstrap = servers.split(",")
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
        )
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, delivery_timeout_ms=600_000
        )
        self._deliveries = [TopicPartition(DELIVERIES, number) for number in range(PARTITIONS)]
        self._ticks = TopicPartition(TOWNSHIP_EVENTS, 0)
        self._consumer.assign([*self._deliveries, self._ticks])
        self.last: int | None = None
        self.positions: dict[str, int] = {}

    def read(self) -> None:
        """Read deliveries and ticks up to their present ends."""
        wanted = [*self._deliveries, self._ticks]
        ends = self._consumer.end_offsets(wanted)
        while any(self._consumer.position(tp) < ends[tp] for tp in wanted):
            deliveries = []
            for name, record in self._poll():
                if name == "delivery":
                    deliveries.append(record)
                elif name == "tick":
                    self.last = max(self.last or record["day"], record["day"])
            self.positions = positions_after(self.positions, deliveries)

    def _poll(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for records in self._consumer.poll(500).values():
            for record in records:
                try:
                    yield decode(record.value)
                except SchemaError:  # not a delivery: what is unreadable moves no position
                    continue

    def write(self, day: int) -> None:
        """Write a day's tick: to the households first, so that a day noted as ticked has reached them all."""
        tick = {"day": day, "positions": self.positions, "written_at": time.time_ns() // 1_000_000}
        message = encode("tick", tick)
        for topic in (HOUSEHOLD_EVENTS, TOWNSHIP_EVENTS):
            sent = [
                self._producer.send(topic, key=b"", value=message, partition=number)
                for number in reversed(range(PARTITIONS))
            ]
            for confirmation in sent:
                confirmation.get(_CONFIRM_SECONDS)
        self.last = day

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()
        self._producer.close()
