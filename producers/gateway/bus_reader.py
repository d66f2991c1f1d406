"""What the gateway takes from the bus into its store: what became of rows, which alerts name them. And forgetting."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, Engine

from producers.gateway.evidence import note_alerts
from producers.gateway.outcomes import note
from producers.gateway.store import POSITIONS, writing
from producers.gateway.submission import forget_old
from producers.log_reader import LogReader
from schemas.codec import Decoded
from schemas.topics import ALERTS, OUTCOMES

log = logging.getLogger(__name__)


def bus_reader(engine: Engine, bootstrap_servers: str) -> LogReader:
    """Reader that keeps receipts up to date."""
    return LogReader(engine, POSITIONS, bootstrap_servers, (OUTCOMES, ALERTS), _take_in)


def _take_in(conn: Connection, said: list[Decoded]) -> None:
    note(conn, (content for name, content in said if name == "outcome"))
    note_alerts(conn, (content for name, content in said if name == "alert"))


def forget(engine: Engine, now: int) -> None:
    """Remove what the bus no longer has either; `now` in milliseconds, raises StoreError."""
    with writing(engine) as conn:
        if forgotten := forget_old(conn, now):
            log.info("%s old receipts forgotten", forgotten)
