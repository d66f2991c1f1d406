"""Puts what waits in the store on the bus, in order, until it is stopped; a thread of the report program."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack

from sqlalchemy import Engine

from producers.message import Message
from producers.report import reports
from producers.report.report import TOPIC
from producers.send import BusError, Sender
from producers.store_file import StoreError, reading, writing

_AT_ONCE = 500
_IDLE_SECONDS, _AWAY_SECONDS = 5.0, 2.0
log = logging.getLogger(__name__)


class Carrier:
    """A record is forgotten once the broker has confirmed it; killed before, it goes out again, and counts once."""

    def __init__(self, engine: Engine, connect: Callable[[], Sender]) -> None:
        """Nothing is connected yet; `connect` raises BusError where nobody answers."""
        self._engine = engine
        self._connect = connect
        self._sender: Sender | None = None
        self._connection = ExitStack()
        self._woken = threading.Event()
        self._stopped = False

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped = True
        self._woken.set()

    def run(self) -> None:
        """Send on and on; while bus or store are away, try again."""
        while not self._stopped:
            self._woken.clear()
            try:
                if not self.send_some():
                    self._woken.wait(_IDLE_SECONDS)
            except (BusError, StoreError) as error:
                log.warning("reports wait to be sent: %s", type(error).__name__)
                self._woken.wait(_AWAY_SECONDS)
        self._close()

    def send_some(self) -> int:
        """Send what waits, at most so many; how many.

        Raises:
            BusError: not all were confirmed; they wait on.
            StoreError: the store is away; what was sent is sent again.

        """
        with reading(self._engine) as conn:
            found = reports.waiting(conn, _AT_ONCE)
        if found:
            try:
                self._send([message for _, message in found])
            except BusError:
                self._close()
                raise
            with writing(self._engine) as conn:
                reports.sent(conn, [place for place, _ in found])
        return len(found)

    def _send(self, messages: list[Message]) -> None:
        if self._sender is None:
            self._sender = self._connection.enter_context(self._connect())
            self._sender.expect_topics({TOPIC})
        for message in messages:
            self._sender.send(message)
        self._sender.confirm_all()

    def _close(self) -> None:
        self._sender = None
        self._connection.close()
