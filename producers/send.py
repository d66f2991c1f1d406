"""The shell: one Kafka producer that confirms everything and goes on over a broker's restart.

BusError      the bus cannot be reached, or gave up after the delivery timeout
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from producers.message import Message
from schemas.topics import MAX_BATCH_BYTES

OUTSTANDING = 20_000
BATCH_BYTES = 256 * 1024


class Patience(NamedTuple):
    """How long a broker that is away is waited for.

    Attributes:
        delivery_seconds: for the confirmation of a record.
        connect_seconds: for an answer at the start, and for metadata.
        rounds: how often what failed is sent again.

    """

    linger_ms: int
    delivery_seconds: int
    connect_seconds: int
    rounds: int


A_FILE = Patience(linger_ms=100, delivery_seconds=900, connect_seconds=20, rounds=20)
"""A clerk's file. Each batch wakes the sending thread; what waits at the end is flushed: nobody waits for it."""
A_REQUEST = Patience(linger_ms=100, delivery_seconds=10, connect_seconds=3, rounds=0)
"""A system that waits for an answer, and sends again by itself."""


class BusError(Exception):
    """The bus cannot be used; the message says what to do, in Chinese."""


class Confirmation(Protocol):
    """What a send answers with; kafka-python's future is one."""

    def get(self, timeout: float | None = None) -> object:
        """Wait for the broker's word; raises KafkaError if there will be none."""


class Producer(Protocol):
    """The part of kafka-python's producer that is used here."""

    def send(
        self, topic: str, value: bytes | None = None, key: bytes | None = None, *, partition: int | None = None
    ) -> Confirmation:
        """Take a record for sending."""

    def flush(self, timeout: float | None = None) -> None:
        """Send what lingers, now."""

    def partitions_for(self, topic: str) -> set[int] | None:
        """Partitions of a topic."""

    def close(self, timeout: float | None = None) -> None:
        """Send what is left and disconnect."""


class Sender:
    """Sends in order, a bounded number at a time; every record's confirmation is checked.

    A batch that fails while the broker is away is sent again, and after it all that was sent later, so that the last
    record of a key stays the last. Receivers know repeated events by their ids.
    """

    def __init__(self, producer: Producer, outstanding: int = OUTSTANDING, patience: Patience = A_FILE) -> None:
        """Take over a producer; `outstanding` records at most wait for confirmation."""
        self._producer = producer
        self._outstanding = outstanding
        self._patience = patience
        self._wait = patience.delivery_seconds * 1.1 + 5
        self._waiting: deque[tuple[Message, Confirmation]] = deque()

    def __enter__(self) -> Self:
        """Use as a context: closes in the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect; what was not confirmed by then was never promised."""
        self._producer.close(timeout=5)

    def expect_topics(self, topics: set[str]) -> None:
        """Check that the topics are there before anything is sent; all at once, for each answer takes 0.1 s.

        Raises:
            BusError: one is not.

        """
        with ThreadPoolExecutor(len(topics)) as asking:
            for topic, is_there in zip(sorted(topics), asking.map(self._is_there, sorted(topics)), strict=True):
                if not is_there:
                    raise BusError(f"消息总线上没有主题 {topic}：请先运行 alertbus up，再重新提交")

    def _is_there(self, topic: str) -> bool:
        try:
            return bool(self._producer.partitions_for(topic))
        except KafkaError:
            return False

    def send(self, message: Message) -> None:
        """Send; waits while too many are unconfirmed.

        Raises:
            BusError: an earlier one could not be delivered.

        """
        self._waiting.append((message, self._hand_over(message)))
        if len(self._waiting) > self._outstanding:
            self._confirm_oldest()

    def confirm_all(self) -> None:
        """Wait until everything sent is confirmed.

        Raises:
            BusError: something could not be delivered.

        """
        self._flush()
        while self._waiting:
            self._confirm_oldest()

    def _flush(self) -> None:
        try:
            self._producer.flush(self._wait)
        except KafkaError as error:
            raise _lost(error) from error

    def _hand_over(self, message: Message) -> Confirmation:
        try:
            return self._producer.send(message.topic, value=message.value, key=message.key, partition=message.partition)
        except KafkaError as error:
            raise _lost(error) from error

    def _confirm_oldest(self) -> None:
        _, confirmation = self._waiting[0]
        try:
            confirmation.get(self._wait)
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            raise _lost(error) from error
        except KafkaError as error:
            self._send_again(error)
        else:
            self._waiting.popleft()

    def _send_again(self, first: KafkaError) -> None:
        """Send the oldest and all after it once more, as often as the broker needs, and wait for all."""
        failure = first
        again = [message for message, _ in self._waiting]
        for _ in range(self._patience.rounds):
            self._settle()
            self._waiting.extend((message, self._hand_over(message)) for message in again)
            try:
                for _, confirmation in self._waiting:
                    confirmation.get(self._wait)
            except KafkaError as error:
                failure = error
                continue
            self._waiting.clear()
            return
        raise _lost(failure) from failure

    def _settle(self) -> None:
        """Wait until nothing is under way, so that nothing old lands after what is sent again."""
        while self._waiting:
            _, confirmation = self._waiting.popleft()
            try:
                confirmation.get(self._wait)
            except KafkaError:  # it is sent again
                continue


def _lost(error: KafkaError) -> BusError:
    return BusError(f"消息总线没有确认收到（{type(error).__name__}）：请确认总线在运行后重新提交，重复提交不会重复计数")


def connect(bootstrap_servers: str, patience: Patience = A_FILE) -> Sender:
    """Sender on a real cluster.

    Raises:
        BusError: nobody answers there.

    """
    return Sender(producer_of(bootstrap_servers, patience), patience=patience)


def producer_of(bootstrap_servers: str, patience: Patience) -> Producer:
    """Producer that confirms everything, in order; threads may share it.

    Raises:
        BusError: nobody answers there.

    """
    try:
        producer: Producer = KafkaProducer(
            bootstrap_servers=bootstrap_servers.split(","),
            acks="all",
            enable_idempotence=True,
            linger_ms=patience.linger_ms,
            batch_size=BATCH_BYTES,
            max_request_size=MAX_BATCH_BYTES,
            request_timeout_ms=min(30, patience.delivery_seconds - 1) * 1000,
            delivery_timeout_ms=patience.delivery_seconds * 1000,
            bootstrap_timeout_ms=patience.connect_seconds * 1000,
            max_block_ms=patience.connect_seconds * 1000,
            retry_backoff_ms=25,
            reconnect_backoff_max_ms=1000,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
    except KafkaError as error:
        raise BusError(f"连不上消息总线 {bootstrap_servers}：请确认 alertbus up 正在运行后重试") from error
    return producer
