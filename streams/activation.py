"""Rule sets on the topic `rules`, by content hash; activated by a record in every partition that is judged.

The topic also keeps which set was activated when, so that nobody need read household.events to know.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from schemas.codec import Record, SchemaError, decode, encode
from schemas.rule_table import RuleError
from schemas.topics import HOUSEHOLD_EVENTS, PARTITIONS, RULES, TOWNSHIP_EVENTS
from streams.log_reader import read_all
from streams.rule_set import RuleSet, shipped

EVERYWHERE = [
    TopicPartition(topic, number) for topic in (HOUSEHOLD_EVENTS, TOWNSHIP_EVENTS) for number in range(PARTITIONS)
]
"""Partitions of the topics whose readers judge by the active set."""
PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5
_CONFIRM_SECONDS = 60
_JOURNAL = b"activation"
_SET, _ACTIVATION = "rule_set", "activation"


class Published(NamedTuple):
    """What the topic `rules` says.

    Attributes:
        sets: hash -> set and when it was published (ms); without those that this release cannot read.
        activations: hash, and when it was activated (ms), in that order.

    """

    sets: dict[str, tuple[RuleSet, int]]
    activations: list[tuple[str, int]]


def published(servers: str) -> Published:
    """Read the topic.

    Raises:
        KafkaError: the bus does not answer.

    """
    return published_in(record.value for record in read_all(servers, [RULES]))


def published_in(messages: Iterable[bytes | None]) -> Published:
    """What messages of the topic say; a set goes by the hash of what it holds, and one that cannot be read is none."""
    found = Published({}, [])
    for message in messages:
        try:
            name, record = decode(message)
        except SchemaError:
            continue
        if name == _ACTIVATION:
            found.activations.append((record["rule_set"], record["activated_at"]))
        elif name == _SET and (rules := _set_in(record)) is not None:
            found.sets.setdefault(rules.hash, (rules, record["published_at"]))
    return found


def _set_in(record: Record) -> RuleSet | None:
    try:
        return RuleSet.from_content(record["content"])
    except RuleError:
        return None


def read_published(servers: str) -> dict[str, RuleSet]:
    """Every rule set on the topic, by hash."""
    return {name: rules for name, (rules, _) in published(servers).sets.items()}


def finder(servers: str) -> Callable[[str], RuleSet | None]:
    """How a worker finds a set by hash: what was published before it started, else the topic as it is now."""
    known = _read_patiently(servers)

    def find(rule_set: str) -> RuleSet | None:
        if rule_set not in known:
            known.update(_read_patiently(servers))
        return known.get(rule_set)

    return find


def _read_patiently(servers: str) -> dict[str, RuleSet]:
    """Published sets; a broker that is away or coming back is asked again for a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return read_published(servers)
        except KafkaError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


class RuleWriter:
    """Writes rule sets and activations; every write is confirmed before the next."""

    def __init__(self, servers: str) -> None:
        """Connect."""
        self._producer = KafkaProducer(bootstrap_servers=servers.split(","), acks="all", enable_idempotence=True)

    def publish(self, rules: RuleSet) -> None:
        """Put a set on the topic."""
        record = {"rule_set": rules.hash, "content": rules.content, "published_at": _now()}
        self._send(RULES, rules.hash.encode(), encode(_SET, record))

    def activate(self, rule_set: str, by: str, partitions: Iterable[TopicPartition] = EVERYWHERE) -> None:
        """Activate a set on partitions of what is judged, then note that it was done."""
        message = encode(_ACTIVATION, {"rule_set": rule_set, "activated_at": _now(), "activated_by": by})
        for at in partitions:
            self._send(at.topic, b"", message, at.partition)
        self._send(RULES, _JOURNAL, message)

    def _send(self, topic: str, key: bytes, message: bytes, partition: int | None = None) -> None:
        self._producer.send(topic, key=key, value=message, partition=partition).get(_CONFIRM_SECONDS)

    def close(self) -> None:
        """Disconnect."""
        self._producer.close()


def publish_shipped_rules(servers: str) -> str:
    """Publish the shipped set and activate it on every partition that has no record yet; return its hash."""
    rules, untouched, writer = shipped(), _untouched(servers), RuleWriter(servers)
    try:
        if rules.hash not in read_published(servers):
            writer.publish(rules)
        if untouched:
            writer.activate(rules.hash, "alertbus up", untouched)
    finally:
        writer.close()
    return rules.hash


def _untouched(servers: str) -> list[TopicPartition]:
    """Partitions of what is judged that never had a record."""
    consumer = KafkaConsumer(bootstrap_servers=servers.split(","))
    try:
        ends = consumer.end_offsets(EVERYWHERE)
        return [at for at in EVERYWHERE if ends[at] == 0]
    finally:
        consumer.close()


def _now() -> int:
    return time.time_ns() // 1_000_000
