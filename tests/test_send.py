"""The sender confirms every record, and sends again in order what a broker lost."""

from __future__ import annotations

import pytest
from kafka.errors import KafkaError, KafkaTimeoutError, NotLeaderForPartitionError

from producers.message import Message
from producers.send import BusError, Sender


class Word:
    """What a fake producer answers: the broker's word on one record."""

    def __init__(self, error: KafkaError | None) -> None:
        self.error = error

    def get(self, timeout: float | None = None) -> object:
        assert timeout
        if self.error:
            raise self.error
        return None


class FlakyProducer:
    """Fails the sends whose numbers are given; what does not fail is in the log."""

    def __init__(self, failing: set[int], error: KafkaError) -> None:
        self.failing = failing
        self.error = error
        self.sends = 0
        self.log: list[bytes] = []

    def send(
        self, topic: str, value: bytes | None = None, key: bytes | None = None, *, partition: int | None = None
    ) -> Word:
        assert (topic, key, partition) == ("t", b"k", 0)
        self.sends += 1
        if self.sends in self.failing:
            return Word(self.error)
        assert value
        self.log.append(value)
        return Word(None)

    def flush(self, timeout: float | None = None) -> None:
        assert timeout

    def partitions_for(self, topic: str) -> set[int] | None:
        raise KafkaTimeoutError(topic)

    def close(self, timeout: float | None = None) -> None:
        pass


def numbered_messages(count: int) -> list[Message]:
    return [Message("t", 0, b"k", b"%d" % number) for number in range(count)]


def test_what_fails_is_sent_again_with_all_that_came_after_it() -> None:
    producer = FlakyProducer({3, 4, 12}, NotLeaderForPartitionError())
    sender = Sender(producer, outstanding=4)

    for message in numbered_messages(8):
        sender.send(message)
    sender.confirm_all()

    assert set(producer.log) == {b"%d" % n for n in range(8)}
    newest = {value: place for place, value in enumerate(producer.log)}
    assert sorted(newest, key=lambda value: newest[value]) == sorted(newest)


def test_a_bus_that_never_confirms_is_an_error_in_words() -> None:
    sender = Sender(FlakyProducer(set(range(1, 999)), KafkaTimeoutError()))
    sender.send(numbered_messages(1)[0])

    with pytest.raises(BusError, match="重新提交"):
        sender.confirm_all()


def test_a_topic_that_is_not_there_is_named() -> None:
    with pytest.raises(BusError, match=r"events\.housing"):
        Sender(FlakyProducer(set(), KafkaTimeoutError())).expect_topics({"events.housing"})
