"""What fault tests do to a broker by hand: publish, read, look at positions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from deploy.up.program import Deadline
from schemas.codec import Record, SchemaError, decode_many
from streams.lag import Positions, lag_of, read_positions
from streams.log_reader import read_all
from tests.made_up_load import Message


def publish(servers: str, messages: Iterable[Message]) -> int:
    """Publish and wait for every confirmation; how many."""
    producer = KafkaProducer(bootstrap_servers=servers, linger_ms=20, batch_size=256 * 1024)
    try:
        sent = [producer.send(m.topic, key=m.key, value=m.value, partition=m.partition) for m in messages]
        for confirmation in sent:
            confirmation.get(60)
        return len(sent)
    finally:
        producer.close()


def records(servers: str, topic: str) -> list[Any]:
    return list(read_all(servers, [topic]))


def decoded(servers: str, topic: str) -> list[Record]:
    """What can be read on a topic: tests that share a bus put other things there, too."""
    found = decode_many([record.value for record in records(servers, topic)])
    return [each[1] for each in found if not isinstance(each, SchemaError)]


def positions(servers: str) -> Positions:
    """Ask the cluster; again where it is busy with other things, up to a minute."""
    over = Deadline(60)
    while True:
        try:
            return read_positions(servers)
        except KafkaError:
            if over.is_over():
                raise


def committed(servers: str, group: str) -> int:
    """Sum of a group's offsets."""
    return sum(positions(servers).committed[group].values())


def lag(servers: str, group: str) -> int:
    return sum(lag_of(positions(servers))[group].values())


def settle(servers: str, *groups: str, seconds: float = 90) -> None:
    """Wait until these groups have committed everything."""
    done = Deadline(seconds).reached(lambda: not any(lag(servers, group) for group in groups), every_s=0.3)
    assert done, {group: lag(servers, group) for group in groups}
