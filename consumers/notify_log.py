"""The topics of alerts as the notifier reads them: every partition, from where the store is, committed by hand.

Partitions are not shared out among notifiers: two of them read everything, and the store decides who was first. So one
goes on at once where another was killed, and no member of a group has to be missed first.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from consumers.metrics import LAG, OLDEST_UNPROCESSED
from schemas.codec import encode
from schemas.failstop import NeedsAPersonError
from schemas.topics import ALERTS, AREA_ALERTS, DEAD_LETTERS, PARTITIONS

GROUP = "notify"
READ = (ALERTS, AREA_ALERTS)
_POLL_MS = 50
_MOST_RECORDS = 500
_COMMIT_MS = 5_000
_KEPT_BYTES = 1024 * 1024
_CONFIRM_SECONDS = 60

log = logging.getLogger(__name__)


class AlertLog:
    """A consumer of all partitions of READ."""

    def __init__(self, bootstrap_servers: str) -> None:
        """Connect."""
        self._servers = bootstrap_servers.split(",")
        self._consumer = KafkaConsumer(
            bootstrap_servers=self._servers,
            group_id=GROUP,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=_POLL_MS,
            reconnect_backoff_max_ms=1000,
        )
        self._partitions = [TopicPartition(topic, number) for topic in READ for number in range(PARTITIONS)]
        self._consumer.assign(self._partitions)
        self._committed: dict[TopicPartition, int | None] = {
            tp: self._consumer.committed(tp) for tp in self._partitions
        }

    def told_before(self, partition: TopicPartition) -> int:
        """Offset below which everything was told before this program started."""
        return self._committed[partition] or 0

    def start_at(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read each partition from where the store is; from the log's start where the store knows nothing of it.

        Raises:
            NeedsAPersonError: the store is ahead of the log, or the log no longer reaches back to the store.

        """
        first = self._consumer.beginning_offsets(self._partitions)
        end = self._consumer.end_offsets(self._partitions)
        for tp in self._partitions:
            position = positions.get(tp, first[tp])
            if not first[tp] <= position <= end[tp]:
                raise NeedsAPersonError(
                    f"the store has applied {tp.topic}-{tp.partition} up to offset {position}, but the topic holds "
                    f"{first[tp]} to {end[tp]}: restore the topic, or begin with an empty store"
                )
            self._consumer.seek(tp, position)

    def poll(self) -> dict[TopicPartition, list[Any]]:
        """Records by partition; waits a moment for some."""
        found: dict[TopicPartition, list[Any]] = self._consumer.poll(_POLL_MS, _MOST_RECORDS)
        self._show_lag(found)
        return found

    def go_back(self, partition: TopicPartition, offset: int) -> None:
        """Read again from an offset."""
        self._consumer.seek(partition, offset)

    def commit(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Commit; False where the broker is away."""
        try:
            self._consumer.commit(
                {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in offsets.items()},
                timeout_ms=_COMMIT_MS,
            )
        except KafkaError as error:
            log.warning("broker: %s", type(error).__name__)
            return False
        return True

    def bury(self, letters: Iterable[tuple[Any, str]]) -> None:
        """Put records that cannot be read into dead letters, each with its reason, confirmed."""
        producer = KafkaProducer(bootstrap_servers=self._servers, acks="all", enable_idempotence=True)
        try:
            for record, reason in letters:
                key, message = _letter(record, reason)
                producer.send(DEAD_LETTERS, key=key, value=message).get(_CONFIRM_SECONDS)
        finally:
            producer.close()

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close(autocommit=False)

    def _show_lag(self, found: Mapping[Any, list[Any]]) -> None:
        for tp in self._partitions:
            end = self._consumer.highwater(tp)
            if end is not None:
                LAG.labels(GROUP, tp.topic, str(tp.partition)).set(max(end - self._consumer.position(tp), 0))
        oldest = min((records[0].timestamp for records in found.values()), default=None)
        OLDEST_UNPROCESSED.set(max(time.time() - oldest / 1000, 0) if oldest is not None else 0)


def _letter(record: Any, reason: str) -> tuple[bytes, bytes]:
    letter_id = f"{record.topic}|{record.partition}|{record.offset}"
    value = record.value or b""
    letter = {
        "id": letter_id,
        "department": record.topic,
        "reason": reason,
        "field": None,
        "at": record.timestamp,
        "key": record.key,
        "value": value[:_KEPT_BYTES],
        "size": len(value),
        "replayed": False,
        "known_at": record.timestamp,
        "source_topic": record.topic,
        "source_partition": record.partition,
        "source_offset": record.offset,
    }
    return letter_id.encode(), encode("dead_letter", letter)
