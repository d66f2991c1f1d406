"""One Kafka producer for all requests; a new one after it failed."""

from __future__ import annotations

from threading import Lock

from producers.publish import Outcome, Run, ToMessages, publish_rows, topics_of
from producers.send import A_REQUEST, BusError, Producer, Sender, producer_of
from schemas.readers import Source


class Bus:
    """Puts runs on the bus; threads may share it."""

    def __init__(self, bootstrap_servers: str) -> None:
        """Nothing is connected yet."""
        self._servers = bootstrap_servers
        self._lock = Lock()
        self._producer: Producer | None = None
        self._there: set[str] = set()

    def publish(self, source: Source, to_messages: ToMessages, run: Run) -> Outcome:
        """Send the good rows and the run's delivery, all confirmed.

        Raises:
            BusError: not all were confirmed; some may stand on the bus nevertheless.

        """
        producer = self._connected()
        try:
            sender = Sender(producer, patience=A_REQUEST)
            if missing := topics_of(run.sender) - self._there:
                sender.expect_topics(missing)
                self._there |= missing
            return publish_rows(source, to_messages, run, sender)
        except BusError:
            self._drop(producer)
            raise

    def close(self) -> None:
        """Disconnect."""
        with self._lock:
            if self._producer is not None:
                self._producer.close(timeout=5)
                self._producer = None

    def _connected(self) -> Producer:
        with self._lock:
            if self._producer is None:
                self._producer = producer_of(self._servers, A_REQUEST)
            return self._producer

    def _drop(self, failed: Producer) -> None:
        with self._lock:
            if self._producer is not failed:
                return
            self._producer = None
        failed.close(timeout=0)
