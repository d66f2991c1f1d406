"""Writes a made-up log as fast as the broker takes it."""

from __future__ import annotations

from collections.abc import Iterator

from confluent_kafka import Producer

from schemas.topics import HOUSEHOLD_EVENTS
from tests.bench.made_up_log import Message


def fill(servers: str, messages: Iterator[Message], topic: str = HOUSEHOLD_EVENTS) -> None:
    """Write messages as fast as the broker takes them."""
    producer = Producer(
        {"bootstrap.servers": servers, "linger.ms": 50, "batch.size": 500_000, "queue.buffering.max.messages": 500_000}
    )
    for partition, key, value in messages:
        while True:
            try:
                producer.produce(topic, value, key, partition)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
