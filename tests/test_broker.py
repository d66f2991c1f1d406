"""The bus's own broker and its topics."""

from __future__ import annotations

from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from deploy.topics import TopicError, check_partitions, ensure_topics
from deploy.up.broker import BrokerError, prepare_broker
from schemas.topics import TOPICS, Topic
from tests.live_broker import LiveBroker

pytestmark = pytest.mark.kafka


def first_record(servers: str, topic: str) -> bytes:
    consumer = KafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest", consumer_timeout_ms=20_000)
    try:
        consumer.assign([TopicPartition(topic, 0)])
        value: bytes = next(consumer).value
        return value
    finally:
        consumer.close()


def test_the_broker_keeps_data_and_ports_over_a_kill_and_a_stop(tmp_path: Path) -> None:
    live = LiveBroker(tmp_path)
    live.start()
    topic = live.topic("kept")
    producer = KafkaProducer(bootstrap_servers=live.bootstrap_servers)
    producer.send(topic, b"a fact").get(10)
    producer.close()
    live.kill()
    again = LiveBroker(tmp_path)
    again.start()

    try:
        assert again.bootstrap_servers == live.bootstrap_servers
        assert first_record(again.bootstrap_servers, topic) == b"a fact"
    finally:
        again.stop()


def test_declaring_the_topics_twice_changes_nothing(broker: LiveBroker) -> None:
    broker.declared()

    assert ensure_topics(broker.bootstrap_servers) == []


def test_a_topic_with_another_partition_count_is_refused_with_what_to_do(broker: LiveBroker) -> None:
    name = broker.topic("narrow", partitions=2)

    with pytest.raises(TopicError, match=f"{name} has 2, not 12.*Use another cluster or data directory"):
        ensure_topics(broker.bootstrap_servers, topics=[Topic(name, "of a test")])


def test_all_partition_counts_are_equal() -> None:
    check_partitions(TOPICS, {topic.name: 12 for topic in TOPICS})


def test_without_jars_the_error_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="make install"):
        prepare_broker(tmp_path, libs=tmp_path)
