"""The shell: a thread that takes what comes on some topics into a program's own store, from where it left off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.dialects.sqlite import insert

from producers.store_file import StoreError, reading, writing
from schemas.codec import Decoded, SchemaError, decode_many
from schemas.recurring import Recurring
from schemas.topics import PARTITIONS

_POLL_MS = 500
_AWAY, _AWAY_SECONDS = (KafkaError, StoreError), 2.0
log = logging.getLogger(__name__)

TakeIn = Callable[[Connection, list[Decoded]], None]
"""Takes records of one poll in, inside the transaction that notes how far the topics were read."""


class LogReader:
    """Keeps a store up to date until it is stopped."""

    def __init__(
        self, engine: Engine, positions: Table, bootstrap_servers: str, topics: Sequence[str], take_in: TakeIn
    ) -> None:
        """Nothing is asked yet."""
        self._engine = engine
        self._positions = positions
        self._servers = bootstrap_servers
        self._topics = topics
        self._take_in = take_in
        self._consumer: Any = None
        self._reading = Recurring(" and ".join(topics), self._read, 0, _AWAY, _AWAY_SECONDS)

    def stop(self) -> None:
        """Let `run` end."""
        self._reading.stop()

    def run(self) -> None:
        """Read on and on; while bus or store are away, try again."""
        self._reading.run()
        self._close()

    def _read(self) -> None:
        try:
            self.read_some()
        except _AWAY:
            self._close()
            raise

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
                self._take_in(conn, list(_readable([r.value for records in found.values() for r in records])))
                for tp, records in found.items():
                    self._move(conn, tp, records[-1].offset + 1)
        return sum(map(len, found.values()))

    def _move(self, conn: Connection, tp: TopicPartition, offset: int) -> None:
        given = insert(self._positions).values(topic=tp.topic, partition=tp.partition, next_offset=offset)
        changed = given.on_conflict_do_update(index_elements=["topic", "partition"], set_={"next_offset": offset})
        conn.execute(changed)

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
        partitions = [TopicPartition(topic, number) for topic in self._topics for number in range(PARTITIONS)]
        consumer.assign(partitions)
        with reading(self._engine) as conn:
            known = {(row.topic, row.partition): row.next_offset for row in conn.execute(select(self._positions))}
        for tp, end in consumer.end_offsets(partitions).items():
            at = known.get((tp.topic, tp.partition), 0)
            if at <= end:  # past the end: the topic was made anew, and is read from its start
                consumer.seek(tp, at)
        return consumer


def _readable(messages: list[bytes | None]) -> Iterator[Decoded]:
    for found in decode_many(messages):
        if isinstance(found, SchemaError):
            log.warning("a record cannot be read: %s", found.reason)
        else:
            yield found
