"""Rule sets on the topic `rules`, by content hash; activated by a record in every partition of household.events."""

from __future__ import annotations

import time
from collections.abc import Callable

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from schemas.codec import decode, encode
from schemas.topics import HOUSEHOLD_EVENTS, PARTITIONS, RULES
from streams.log_reader import read_all
from streams.rule_set import RuleSet, shipped

PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5


def read_published(servers: str) -> dict[str, RuleSet]:
    """Every rule set on the topic, by hash."""
    contents = (decode(record.value)[1] for record in read_all(servers, [RULES]))
    return {content["rule_set"]: RuleSet.from_content(content["content"]) for content in contents}


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


def publish_shipped_rules(servers: str) -> str:
    """Publish the shipped set and activate it on every partition that has no record yet; return its hash."""
    rules = shipped()
    producer = KafkaProducer(bootstrap_servers=servers.split(","), acks="all", enable_idempotence=True)
    try:
        now = time.time_ns() // 1_000_000
        if rules.hash not in read_published(servers):
            record = {"rule_set": rules.hash, "content": rules.content, "published_at": now}
            producer.send(RULES, key=rules.hash.encode(), value=encode("rule_set", record)).get(60)
        activation = {"rule_set": rules.hash, "activated_at": now, "activated_by": "alertbus up"}
        for number in _untouched(servers):
            producer.send(HOUSEHOLD_EVENTS, value=encode("activation", activation), key=b"", partition=number).get(60)
    finally:
        producer.close()
    return rules.hash


def _untouched(servers: str) -> list[int]:
    """Partitions of household.events that never had a record."""
    consumer = KafkaConsumer(bootstrap_servers=servers.split(","))
    try:
        wanted = [TopicPartition(HOUSEHOLD_EVENTS, number) for number in range(PARTITIONS)]
        ends = consumer.end_offsets(wanted)
        return [tp.partition for tp in wanted if ends[tp] == 0]
    finally:
        consumer.close()
