"""Shows in the metrics how many reports stand where, and which are late."""

from __future__ import annotations

from sqlalchemy import Engine

from producers.report.metrics import OVERDUE, REPORTS, UNSENT, UNSENT_SECONDS
from producers.report.tally import STEPS
from producers.report.tallying import tally


def show(engine: Engine, now: int) -> None:
    """Show what stands in the store at this moment (ms); raises StoreError."""
    found, unsent, since = tally(engine, now)
    for state, number in {**found.open, **found.concluded}.items():
        REPORTS.labels(state.lower()).set(number)
    for step in STEPS:
        OVERDUE.labels(step).set(sum(late.step == step for late in found.late))
    UNSENT.set(unsent)
    UNSENT_SECONDS.set((now - since) / 1000 if since is not None else 0)
