"""Reads outcomes and alerts into the store, from where it left off, and forgets what is old; the gateway's thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from sqlalchemy import Engine

from producers.gateway.evidence import note_alerts
from producers.gateway.outcomes import move, note, positions
from producers.gateway.store import StoreError, reading, writing
from producers.gateway.submission import forget_old
from schemas.codec import Decoded, SchemaError, decode_many
from schemas.topics import ALERTS, OUTCOMES, PARTITIONS

_POLL_MS = 500
_AWAY_SECONDS = 2.0
_FORGET_SECONDS = 3600.0
log = logging.getLogger(__name__)


class BusReader:
    """Keeps the store up to date until it is stopped."""

    def __init__(self, engine: Engine, bootstrap_servers: str, now: Callable[[], int]) -> None:
        """Nothing is asked yet; `now` in milliseconds."""
        self._engine = engine
        self._servers = bootstrap_servers
        self._now = now
        self._forgotten: float | None = None
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
                self.forget()
            except (KafkaError, StoreError) as error:
                log.warning("what became of rows waits: %s", type(error).__name__)
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
            said = list(_readable([record.value for records in found.values() for record in records]))
            with writing(self._engine) as conn:
                note(conn, (content for name, content in said if name == "outcome"))
                note_alerts(conn, (content for name, content in said if name == "alert"))
                for tp, records in found.items():
                    move(conn, tp.topic, tp.partition, records[-1].offset + 1)
        return sum(map(len, found.values()))

    def forget(self) -> None:
        """Once an hour: remove what the bus no longer has either."""
        if self._forgotten is None or time.monotonic() - self._forgotten > _FORGET_SECONDS:
            with writing(self._engine) as conn:
                if forgotten := forget_old(conn, self._now()):
                    log.info("%s old receipts forgotten", forgotten)
            self._forgotten = time.monotonic()

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
        partitions = [TopicPartition(topic, number) for topic in (OUTCOMES, ALERTS) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        with reading(self._engine) as conn:
            known = positions(conn)
        for tp, end in consumer.end_offsets(partitions).items():
            here = known.get((tp.topic, tp.partition), 0)
            if here <= end:  # past the end: the topic was made anew, and is read from its start
                consumer.seek(tp, here)
        return consumer


def _readable(messages: list[bytes | None]) -> Iterable[Decoded]:
    for found in decode_many(messages):
        if isinstance(found, SchemaError):
            log.warning("a record cannot be read: %s", found.reason)
        else:
            yield found
