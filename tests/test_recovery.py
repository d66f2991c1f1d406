"""Reading a changelog back from a real broker, from several writers, whole, or not at all."""

from __future__ import annotations

import asyncio

import pytest
from kafka import KafkaProducer

from schemas.failstop import NeedsAPersonError
from streams.changelog import furthest, pack_row
from streams.recovery import log_ends, read_changelog
from tests.live_broker import LiveBroker

pytestmark = pytest.mark.kafka
ONE, OTHER = b"writer-1", b"writer-2"


def changelog(broker: LiveBroker, records: list[tuple[int, bytes, bytes | None]]) -> str:
    """Topic of three partitions with these records."""
    topic = broker.topic("changelog", partitions=3, compacted=True)
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap_servers)
    for partition, key, row in records:
        producer.send(topic, key=key, value=row, partition=partition)
    producer.close()
    return topic


def test_the_partitions_asked_for_come_back_as_they_stand(broker: LiveBroker) -> None:
    topic = changelog(
        broker,
        [
            (0, b"eH1" + ONE, pack_row(3, 0, b"older")),
            (0, b"eH1" + OTHER, pack_row(5, 0, b"newer")),
            (0, b"eH2" + ONE, pack_row(4, 0, b"gone")),
            (0, b"eH2" + ONE, None),
            (1, b"eH3" + ONE, pack_row(9, 7, b"other partition")),
            (2, b"eH4" + ONE, pack_row(1, 0, b"not asked for")),
        ],
    )
    fetches: list[None] = []
    read = read_changelog(broker.bootstrap_servers, topic, {0, 1}, lambda: fetches.append(None))
    copies = asyncio.run(read)
    writers = copies[0].settle(lambda _: furthest)

    assert set(copies) == {0, 1}
    assert copies[0].rows == {b"eH1": pack_row(5, 0, b"newer")}
    assert {entry: set(tags) for entry, tags in writers.items()} == {b"eH1": {ONE, OTHER}}
    assert copies[1].rows == {b"eH3": pack_row(9, 7, b"other partition")}
    assert fetches


def test_an_empty_changelog_is_no_hindrance(broker: LiveBroker) -> None:
    topic = changelog(broker, [])
    copies = asyncio.run(read_changelog(broker.bootstrap_servers, topic, {0}, lambda: None))

    assert copies[0].rows == {}


@pytest.mark.parametrize(("key", "row"), [(b"eH1" + ONE, b"damaged, and long enough"), (b"short", pack_row(1, 0, b""))])
def test_a_damaged_row_is_named_and_not_passed_over(broker: LiveBroker, key: bytes, row: bytes) -> None:
    topic = changelog(broker, [(1, b"eH1" + ONE, pack_row(1, 0, b"")), (1, key, row)])

    with pytest.raises(NeedsAPersonError, match=f"changelog {topic} partition 1 offset 1 is damaged"):
        asyncio.run(read_changelog(broker.bootstrap_servers, topic, {1}, lambda: None))


def test_the_ends_of_the_inputs_are_known(broker: LiveBroker) -> None:
    topic = changelog(broker, [(1, b"eH1" + ONE, pack_row(1, 0, b""))])
    ends = asyncio.run(log_ends(broker.bootstrap_servers, (topic,), {0, 1}))

    assert ends == {(topic, 0): 0, (topic, 1): 1}
