"""Shows in the metrics how many reports stand where, and which are late; a thread of the report program."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine

from producers.report.metrics import OVERDUE, REPORTS, UNSENT, UNSENT_SECONDS
from producers.report.tally import STEPS
from producers.report.tallying import tally
from producers.store_file import StoreError

_EVERY_SECONDS = 5.0
log = logging.getLogger(__name__)


class Gauges:
    """Looks again and again until it is stopped."""

    def __init__(self, engine: Engine, now: Callable[[], int]) -> None:
        """`now` in milliseconds."""
        self._engine = engine
        self._now = now
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()

    def run(self) -> None:
        """Look on and on; while the store is away, the gauges stay."""
        while not self._stopped.is_set():
            try:
                self.show()
            except StoreError as error:
                log.warning("reports are not counted: %s", type(error).__name__)
            self._stopped.wait(_EVERY_SECONDS)

    def show(self) -> None:
        """Look once; raises StoreError."""
        now = self._now()
        found, unsent, since = tally(self._engine, now)
        for state, number in {**found.open, **found.concluded}.items():
            REPORTS.labels(state.lower()).set(number)
        for step in STEPS:
            OVERDUE.labels(step).set(sum(late.step == step for late in found.late))
        UNSENT.set(unsent)
        UNSENT_SECONDS.set((now - since) / 1000 if since is not None else 0)
