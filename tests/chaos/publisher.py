"""Publishes a load at a steady rate, whatever happens to the broker meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from kafka import KafkaProducer

from tests.made_up_load import Message

_TICK_SECONDS = 0.05
_SLOW = 8
_DELIVERY_MS = 600_000


class Publisher(threading.Thread):
    """Sends so many messages a second; confirmed in the end, each once.

    Attributes:
        sent: messages handed over so far.
        allowed: beyond so many it is slow, so that there is something to do until the last fault.
        error: why it gave up, if it did.

    """

    def __init__(self, servers: str, messages: Iterable[Message], per_second: float) -> None:
        super().__init__(name="publisher", daemon=True)
        self._messages = iter(messages)
        self._step = max(1, int(per_second * _TICK_SECONDS))
        self._producer = KafkaProducer(
            bootstrap_servers=servers,
            acks="all",
            enable_idempotence=True,
            linger_ms=10,
            batch_size=128 * 1024,
            delivery_timeout_ms=_DELIVERY_MS,
        )
        self.sent = 0
        self.allowed = 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._run()
        except Exception as error:  # noqa: BLE001  # shown by `finish`
            self.error = error
        finally:
            self._producer.close()

    def _run(self) -> None:
        waiting = []
        for message in self._messages:
            waiting.append(
                self._producer.send(message.topic, key=message.key, value=message.value, partition=message.partition)
            )
            self.sent += 1
            if self.sent % self._step == 0:
                time.sleep(_TICK_SECONDS if self.sent < self.allowed else _SLOW * _TICK_SECONDS)
        for confirmation in waiting:
            confirmation.get(_DELIVERY_MS / 1000)

    def finish(self, seconds: float) -> int:
        """Wait for the end; how many were confirmed."""
        self.join(seconds)
        assert not self.is_alive(), f"{self.sent} sent"
        if self.error is not None:
            raise self.error
        return self.sent
