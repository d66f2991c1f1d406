"""Ends a worker that has lag and makes no progress: a restart is better than silence."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from schemas.failstop import stop


class NoProgressError(Exception):
    """Lag, and nothing done for too long."""


class Watchdog(threading.Thread):
    """Runs beside the event loop, so that it sees a blocked loop too."""

    def __init__(self, seconds: float, lag: Callable[[], int], end: Callable[[BaseException], object] = stop) -> None:
        """`lag` gives the records known to be waiting; `end` is called once with a NoProgressError."""
        super().__init__(name="watchdog", daemon=True)
        self._seconds = seconds
        self._lag = lag
        self._end = end
        self._progress_at = time.monotonic()
        self._stopped = threading.Event()

    def progress(self) -> None:
        """Note that something was done."""
        self._progress_at = time.monotonic()

    def close(self) -> None:
        """Stop watching."""
        self._stopped.set()

    def run(self) -> None:
        """Look several times per period."""
        try:
            self._watch()
        except Exception as error:  # noqa: BLE001  # a watchdog that has died silently watches nothing
            self._end(error)

    def _watch(self) -> None:
        while not self._stopped.wait(self._seconds / 10):
            if not self._lag():
                self.progress()
            elif time.monotonic() - self._progress_at > self._seconds:
                self._end(NoProgressError(f"lag and no progress for {self._seconds:.0f} s"))
                return
