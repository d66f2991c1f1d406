"""What the report program takes from the bus into its store: what became of reports, and the alerts that list them."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from producers.log_reader import LogReader
from producers.report.store import POSITIONS
from producers.report.threads import note_arrivals, take_in
from schemas.codec import Decoded
from schemas.topics import ALERTS, OUTCOMES


def follower(engine: Engine, bootstrap_servers: str) -> LogReader:
    """Reader that keeps reports up to date."""
    return LogReader(engine, POSITIONS, bootstrap_servers, (ALERTS, OUTCOMES), _take_in)


def _take_in(conn: Connection, said: list[Decoded]) -> None:
    take_in(conn, (content for name, content in said if name == "alert"))
    note_arrivals(conn, (content for name, content in said if name == "outcome"))
