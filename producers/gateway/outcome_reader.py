"""Reads `feed.outcomes` into the store, from where it left off; a thread of the gateway program."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from sqlalchemy import Engine

from producers.gateway.outcomes import move, note, positions
from producers.gateway.store import StoreError, reading, writing
from schemas.codec import Record, SchemaError, decode_many
from schemas.topics import OUTCOMES, PARTITIONS

_POLL_MS = 500
_AWAY_SECONDS = 2.0
log = logging.getLogger(__name__)


class OutcomeReader:
    """Keeps the store's totals up to date until it is stopped."""

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
                log.warning("outcomes wait: %s", type(error).__name__)
                self.close()
                self._stopped.wait(_AWAY_SECONDS)
        self.close()

    def read_some(self) -> int:
        """Take in what has come; how many records.

        Raises:
            KafkaError: the bus is away.
            StoreError: the store is; what was read is read again.

        """
        if self._consumer is None:
            self._consumer = self._connect()
        found = self._consumer.poll(_POLL_MS)
        if found:
            messages = [record.value for records in found.values() for record in records]
            with writing(self._engine) as conn:
                note(conn, _readable(messages))
                for tp, records in found.items():
                    move(conn, tp.partition, records[-1].offset + 1)
        return sum(map(len, found.values()))

    def close(self) -> None:
        """Disconnect."""
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
        partitions = [TopicPartition(OUTCOMES, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        with reading(self._engine) as conn:
            known = positions(conn)
        for tp, end in consumer.end_offsets(partitions).items():
            if known.get(tp.partition, 0) <= end:  # past the end: the topic was made anew, and is read from its start
                consumer.seek(tp, known.get(tp.partition, 0))
        return consumer


def _readable(messages: list[bytes | None]) -> Iterable[Record]:
    for found in decode_many(messages):
        if isinstance(found, SchemaError):
            log.warning("an outcome cannot be read: %s", found.reason)
        else:
            yield found[1]
