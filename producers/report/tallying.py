"""Counts the store's reports."""

from __future__ import annotations

from sqlalchemy import Engine

from producers.report import reports
from producers.report.tally import Tally, tally_of
from producers.store_file import reading
from schemas.beijing import day_of


def tally(engine: Engine, now: int) -> tuple[Tally, int, int | None]:
    """All reports counted; how many records the bus does not have, and since when, ms; raises StoreError."""
    with reading(engine) as conn:
        found = tally_of(reports.accepted(conn), reports.counts(conn), reports.open_reports(conn), day_of(now))
        return found, *reports.waiting_since(conn)
