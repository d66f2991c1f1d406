"""Sends what officers did to `township.actions`, in the order in which they did it, and notes what the bus took.

A thread of the inbox program. Killed between the two, it sends again: the processor folds an action id once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import Engine

from consumers.metrics import OUTBOX_OLDEST, OUTBOX_WAITING
from consumers.store.database import StoreError, reading, writing
from consumers.store.outbox import Outgoing, mark_sent, unsent, waiting
from schemas.topics import TOWNSHIP_ACTIONS

_AT_ONCE = 500
_LOOK_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 15.0
_CONFIRM_SECONDS = 30
log = logging.getLogger(__name__)


class Publisher:
    """Empties the outbox until it is stopped."""

    def __init__(self, engine: Engine, connect: Callable[[], Any]) -> None:
        """`connect` gives a producer as kafka-python has it."""
        self._engine = engine
        self._connect = connect
        self._producer: Any = None
        self._wake = threading.Event()
        self._stopped = threading.Event()

    def wake(self) -> None:
        """Something was put into the outbox."""
        self._wake.set()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()
        self._wake.set()

    def run(self) -> None:
        """Send whatever waits; while store or bus are away, try again ever less often."""
        pause = _LOOK_SECONDS
        while not self._stopped.is_set():
            self._wake.wait(pause)
            self._wake.clear()
            try:
                while self.send_some() == _AT_ONCE:
                    pass
                pause = _LOOK_SECONDS
            except (KafkaError, StoreError) as error:
                log.warning("actions wait: %s", type(error).__name__)
                pause = min(pause * 2, _LONGEST_WAIT_SECONDS)
        if self._producer is not None:
            self._producer.close(timeout=5)

    def send_some(self) -> int:
        """Send what waits, at most 500, and note what was acknowledged; how many there were.

        Raises:
            KafkaError: the bus did not take them all; those it took first are noted.
            StoreError: the store is away.

        """
        with reading(self._engine) as conn:
            found = unsent(conn, _AT_ONCE)
            number, oldest = waiting(conn)
        OUTBOX_WAITING.set(number)
        OUTBOX_OLDEST.set(max(time.time() - oldest / 1000, 0) if oldest is not None else 0)
        if found:
            self._send(found)
        return len(found)

    def _send(self, found: Sequence[Outgoing]) -> None:
        self._producer = self._producer or self._connect()
        sent = []
        try:
            futures = [
                self._producer.send(TOWNSHIP_ACTIONS, key=each.household_id.encode(), value=each.message)
                for each in found
            ]
            self._producer.flush(_CONFIRM_SECONDS)
            for each, future in zip(found, futures, strict=True):
                future.get(_CONFIRM_SECONDS)
                sent.append(each.action_id)
        finally:
            if sent:
                with writing(self._engine) as conn:
                    mark_sent(conn, sent, time.time_ns() // 1_000_000)


def producer_of(bootstrap_servers: str) -> KafkaProducer:
    """Producer that confirms everything, in order."""
    return KafkaProducer(
        bootstrap_servers=bootstrap_servers.split(","),
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
