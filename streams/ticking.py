"""Reads ticks, deliveries, outcomes and what was told of late feeds; writes ticks, and tells the county who is late."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from schemas.beijing import DAY_MS
from schemas.codec import SchemaError, decode, encode
from schemas.conservation import Books
from schemas.feed_calendar import shipped_calendar
from schemas.partition import partition_of
from schemas.topics import AREA_ALERTS, DELIVERIES, HOUSEHOLD_EVENTS, OUTCOMES, PARTITIONS, TOWNSHIP_EVENTS
from streams.feed_alert import PREFIX
from streams.feed_lateness import Feeds, days_late, news
from streams.subject import Source

TICK_KEY = b""
LOOKED_AT_MS = 35 * DAY_MS
"""How long it is watched that every row of a delivery is accounted for."""
SETTLED_MS = 15 * 60_000
"""How old a delivery is before anybody asks."""
_CONFIRM_SECONDS = 600


class Ticker:
    """Knows the last tick and how far the feeds have come; writes the next, and tells the county who is late.

    Attributes:
        feeds: what was read.
        days_late: by department, 0 where it is not late; made anew each time, for another thread reads it.
        unaccounted: likewise, rows of earlier deliveries of which nobody has said what they became.

    """

    def __init__(self, servers: str) -> None:
        """Connect; nothing is read yet."""
        bootstrap = servers.split(",")
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
        )
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, delivery_timeout_ms=600_000
        )
        told = [TopicPartition(topic, number) for topic in (DELIVERIES, AREA_ALERTS) for number in range(PARTITIONS)]
        outcomes = [TopicPartition(OUTCOMES, number) for number in range(PARTITIONS)]
        self._read = [*told, *outcomes, TopicPartition(TOWNSHIP_EVENTS, 0)]
        self._consumer.assign(self._read)
        self._skip_old(outcomes)
        self.feeds = Feeds()
        self._books = Books()
        self.days_late = days_late(shipped_calendar(), self.feeds)
        self.unaccounted = self._books.unaccounted(0, 0)

    def _skip_old(self, outcomes: list[TopicPartition]) -> None:
        """Begin with the outcomes of deliveries that are still looked at."""
        first = self._consumer.offsets_for_times(dict.fromkeys(outcomes, _now() - LOOKED_AT_MS - DAY_MS))
        ends = self._consumer.end_offsets(outcomes)
        for tp in outcomes:
            self._consumer.seek(tp, first[tp].offset if first[tp] else ends[tp])

    @property
    def last(self) -> int | None:
        """Day of the last tick that was read."""
        return None if self.feeds.tick is None else self.feeds.tick.day

    def read(self) -> None:
        """Read on up to the present ends."""
        ends = self._consumer.end_offsets(self._read)
        while any(self._consumer.position(tp) < ends[tp] for tp in self._read):
            for records in self._consumer.poll(500).values():
                for record in records:
                    if _concerns_feeds(record):
                        self._take(record)
        first = _now() - LOOKED_AT_MS
        self._books.forget(first)
        self.unaccounted = self._books.unaccounted(first, _now() - SETTLED_MS)

    def _take(self, record: Any) -> None:
        try:
            name, content = decode(record.value)
        except SchemaError:  # not a delivery: what is unreadable moves no position
            return
        self._books.take(name, content, record.offset)
        self.feeds.take(name, content, Source(record.topic, record.partition, record.offset, record.timestamp))

    def write(self, day: int) -> None:
        """Write a day's tick: to the households first, so that a day noted as ticked has reached them all."""
        tick = {"day": day, "positions": self.feeds.positions, "written_at": _now()}
        message = encode("tick", tick)
        for topic in (HOUSEHOLD_EVENTS, TOWNSHIP_EVENTS):
            sent = [
                self._producer.send(topic, key=TICK_KEY, value=message, partition=number)
                for number in reversed(range(PARTITIONS))
            ]
            _confirm(sent)

    def tell(self) -> int:
        """Tell the county what it does not know yet of late feeds, by the last tick; how many alerts changed."""
        self.read()
        changed = news(shipped_calendar(), self.feeds)
        keys = [alert["alert_id"].encode() for alert in changed]
        _confirm(
            self._producer.send(AREA_ALERTS, encode("area_alert", alert), key, partition=partition_of(key))
            for key, alert in zip(keys, changed, strict=True)
        )
        self.days_late = days_late(shipped_calendar(), self.feeds)
        return len(changed)

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()
        self._producer.close()


def _concerns_feeds(record: Any) -> bool:
    """Whether a record may; by its key, for of the others there are a thousand times as many."""
    if record.topic == TOWNSHIP_EVENTS:
        return bool(record.key == TICK_KEY)
    return bool(record.topic in {DELIVERIES, OUTCOMES} or (record.key or b"").startswith(PREFIX.encode()))


def _confirm(sent: Iterable[Any]) -> None:
    for confirmation in list(sent):
        confirmation.get(_CONFIRM_SECONDS)


def _now() -> int:
    return time.time_ns() // 1_000_000
