"""Reads from the bus what the county's page shows: each department's last delivery, events published and applied.

A thread of the inbox program; while the bus is away the page shows what was read last.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Iterable
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from prometheus_client.parser import text_string_to_metric_families

from consumers.inbox.feeds import Feeds, newest
from schemas.bus import STATE_FILE
from schemas.codec import SchemaError, decode
from schemas.feed_calendar import positions_after
from schemas.recurring import Recurring
from schemas.topics import DELIVERIES, EVENT_TOPICS, PARTITIONS

_EVERY_SECONDS = 5.0
_WAIT_SECONDS = 3
_APPLIED, _PARKED, _OUTCOME = "applied", "parked", "outcome"
_EVENTS, _RELEASED = "alertbus_events_total", "alertbus_released_events_total"
_PARKED_NOW = "alertbus_parked_events"
_FIXED = {_RELEASED: _APPLIED, _PARKED_NOW: _PARKED}
log = logging.getLogger(__name__)


class BusWatch:
    """Looks at the bus every few seconds until it is stopped."""

    def __init__(self, bootstrap_servers: str, data_dir: Path) -> None:
        """Nothing is asked yet."""
        self._servers = bootstrap_servers.split(",")
        self._data_dir = data_dir
        self._feeds = Feeds()
        self._consumer: Any = None
        self._looking = Recurring("the bus", self.look, _EVERY_SECONDS, KafkaError)

    def feeds(self) -> Feeds:
        """What was read last."""
        return self._feeds

    def stop(self) -> None:
        """Let `run` end."""
        self._looking.stop()

    def run(self) -> None:
        """Look again and again."""
        self._looking.run()
        if self._consumer is not None:
            self._consumer.close(autocommit=False)

    def look(self) -> None:
        """Ask once.

        Raises:
            KafkaError: the bus does not answer.

        """
        if self._consumer is None:
            self._consumer = _consumer_of(self._servers)
        last, positions = dict(self._feeds.last), dict(self._feeds.positions)
        while found := self._consumer.poll(500, 2000):
            deliveries = list(_readable(record.value for records in found.values() for record in records))
            last, positions = newest(last, deliveries), positions_after(positions, deliveries)
        outcomes = outcomes_in(_assign_ports(self._data_dir))  # first, so that none is ahead of what was published
        topics = [TopicPartition(topic, number) for topic in EVENT_TOPICS for number in range(PARTITIONS)]
        published = sum(self._consumer.end_offsets(topics).values())
        applied, now = outcomes[_APPLIED] if outcomes else None, time.time_ns() // 1_000_000
        self._feeds = Feeds(last, published, applied, now, outcomes, positions)


def _consumer_of(servers: list[str]) -> Any:
    """Consumer of all deliveries, from the first on, in no group."""
    consumer = KafkaConsumer(bootstrap_servers=servers, group_id=None, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(DELIVERIES, number) for number in range(PARTITIONS)])
    return consumer


def _readable(messages: Iterable[bytes]) -> Iterable[dict[str, Any]]:
    for message in messages:
        try:
            yield decode(message)[1]
        except SchemaError as error:
            log.warning("a delivery cannot be read: %s", error.reason)


def _assign_ports(data_dir: Path) -> list[int]:
    """Metrics ports of the programs that count events, as the supervisor has them; none where it does not run."""
    try:
        programs = json.loads((data_dir / STATE_FILE).read_text(encoding="utf-8"))["programs"]
        return [p["metrics_port"] for p in programs if p["name"].startswith("assign-") and p["metrics_port"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def outcomes_in(ports: Iterable[int]) -> Counter[str] | None:
    """Events by outcome: released ones are applied, parked is what is parked now; None where nobody can say.

    While a partition moves, its old and its new worker may both show it: the greater value is the newer one.
    """
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for port in ports:
        try:
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=_WAIT_SECONDS) as answer:
                text = answer.read().decode()
        except (OSError, HTTPException):
            continue
        for sample in (s for family in text_string_to_metric_families(text) for s in family.samples):
            series = sample.name, tuple(sorted(sample.labels.items()))
            found[series] = max(found.get(series, 0), sample.value)
    outcomes = Counter[str]()
    for (name, labels), value in found.items():
        outcome = _FIXED.get(name) or (dict(labels).get(_OUTCOME) if name == _EVENTS else None)
        if outcome and (name, outcome) != (_EVENTS, _PARKED):
            outcomes[outcome] += int(value)
    return outcomes or None
