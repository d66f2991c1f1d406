"""The alerts that a contestant leaves behind: the newest version of each, and one figure that tells sets apart."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from schemas.codec import decode
from schemas.topics import PARTITIONS


@dataclass(frozen=True, slots=True)
class AlertSet:
    """Newest versions; withdrawn ones equal none.

    Attributes:
        digest: SHA-256 over id, status, level, causes and evidence of each.
        alerts: how many stand.
        messages: how many versions were published.

    """

    digest: str
    alerts: int
    messages: int


def read_alerts(servers: str, topic: str) -> AlertSet:
    """Read a whole alerts topic."""
    newest: dict[str, dict[str, Any]] = {}
    messages = 0
    for value in _values(servers, topic):
        alert = decode(value)[1]
        messages += 1
        known = newest.get(alert["alert_id"])
        if known is None or alert["version"] > known["version"]:
            newest[alert["alert_id"]] = alert
    standing = [_said(alert) for _, alert in sorted(newest.items()) if alert["status"] != "WITHDRAWN"]
    digest = hashlib.sha256(json.dumps(standing).encode()).hexdigest()
    return AlertSet(digest, len(standing), messages)


def _said(alert: dict[str, Any]) -> list[object]:
    causes = [[c["rule"], c["level"], c["evidence"], c["evidence_count"]] for c in alert["causes"]]
    return [alert["alert_id"], alert["status"], alert["level"], causes, alert["missing_help"]]


def _values(servers: str, topic: str) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "bench-reader", "enable.auto.commit": False})
    partitions = [TopicPartition(topic, number, 0) for number in range(PARTITIONS)]
    expected = sum(high - low for low, high in map(consumer.get_watermark_offsets, partitions))
    consumer.assign(partitions)
    values: list[bytes] = []
    while len(values) < expected:
        values.extend(message.value() for message in consumer.consume(5_000, 5.0))
    consumer.close()
    return values
