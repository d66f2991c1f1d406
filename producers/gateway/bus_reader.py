"""What the gateway takes from the bus into its store: what became of rows, which alerts name them. And forgetting."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Connection, Engine

from producers.gateway.evidence import note_alerts
from producers.gateway.outcomes import note
from producers.gateway.store import POSITIONS, StoreError, writing
from producers.gateway.submission import forget_old
from producers.log_reader import LogReader
from schemas.codec import Decoded
from schemas.topics import ALERTS, OUTCOMES

_FORGET_SECONDS = 3600.0
log = logging.getLogger(__name__)


def bus_reader(engine: Engine, bootstrap_servers: str) -> LogReader:
    """Reader that keeps receipts up to date."""
    return LogReader(engine, POSITIONS, bootstrap_servers, (OUTCOMES, ALERTS), _take_in)


def _take_in(conn: Connection, said: list[Decoded]) -> None:
    note(conn, (content for name, content in said if name == "outcome"))
    note_alerts(conn, (content for name, content in said if name == "alert"))


class Forgetting:
    """Once an hour removes what the bus no longer has either, until it is stopped."""

    def __init__(self, engine: Engine, now: Callable[[], int]) -> None:
        """`now` in milliseconds."""
        self._engine = engine
        self._now = now
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()

    def run(self) -> None:
        """Forget on and on; while the store is away, later."""
        while not self._stopped.is_set():
            try:
                self.forget()
            except StoreError as error:
                log.warning("old receipts are not forgotten yet: %s", type(error).__name__)
            self._stopped.wait(_FORGET_SECONDS)

    def forget(self) -> None:
        """Forget once; raises StoreError."""
        with writing(self._engine) as conn:
            if forgotten := forget_old(conn, self._now()):
                log.info("%s old receipts forgotten", forgotten)
