"""Reads `alerts` and `feed.outcomes` into the store, from where it left off; a thread of the report program."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from sqlalchemy import Engine

from producers.report.threads import move, note_arrivals, positions, take_in
from producers.store_file import StoreError, reading, writing
from schemas.codec import Record, SchemaError, decode_many
from schemas.topics import ALERTS, OUTCOMES, PARTITIONS

_TOPICS = (ALERTS, OUTCOMES)
_POLL_MS = 500
_AWAY_SECONDS = 2.0
log = logging.getLogger(__name__)


class Follower:
    """Keeps the store's reports up to date until it is stopped."""

    def __init__(self, engine: Engine, bootstrap_servers: str) -> None:
        """Nothing is asked yet."""
        self._engine = engine
        self._servers = bootstrap_servers
        self._consumer: Any = None
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()

    def run(self) -> None:
        """Read on and on; while bus or store are away, try again."""
        while not self._stopped.is_set():
            try:
                self.read_some()
            except (KafkaError, StoreError) as error:
                log.warning("answers to reports wait: %s", type(error).__name__)
                self._close()
                self._stopped.wait(_AWAY_SECONDS)
        self._close()

    def read_some(self) -> int:
        """Take in what has come, and note how far, in one step; how many records.

        Raises:
            KafkaError: the bus is away.
            StoreError: the store is; what was read is read again.

        """
        if self._consumer is None:
            self._consumer = self._connect()
        found = self._consumer.poll(_POLL_MS)
        if found:
            with writing(self._engine) as conn:
                for topic, take in ((ALERTS, take_in), (OUTCOMES, note_arrivals)):
                    records = [record for tp, some in found.items() if tp.topic == topic for record in some]
                    take(conn, _readable([record.value for record in records]))
                for tp, records in found.items():
                    move(conn, tp.topic, tp.partition, records[-1].offset + 1)
        return sum(map(len, found.values()))

    def _close(self) -> None:
        if self._consumer is not None:
            self._consumer.close(autocommit=False)
            self._consumer = None

    def _connect(self) -> Any:
        consumer = KafkaConsumer(
            bootstrap_servers=self._servers.split(","),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            bootstrap_timeout_ms=3_000,
        )
        partitions = [TopicPartition(topic, number) for topic in _TOPICS for number in range(PARTITIONS)]
        consumer.assign(partitions)
        with reading(self._engine) as conn:
            known = {topic: positions(conn, topic) for topic in _TOPICS}
        for tp, end in consumer.end_offsets(partitions).items():
            at = known[tp.topic].get(tp.partition, 0)
            if at <= end:  # past the end: the topic was made anew, and is read from its start
                consumer.seek(tp, at)
        return consumer


def _readable(messages: list[bytes | None]) -> Iterable[Record]:
    for found in decode_many(messages):
        if isinstance(found, SchemaError):
            log.warning("a record cannot be read: %s", found.reason)
        else:
            yield found[1]
