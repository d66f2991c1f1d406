"""What is done again and again beside a program's work, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Recurring:
    """Does a task every so often until it is stopped; while what it needs is away, later."""

    def __init__(
        self,
        name: str,
        task: Callable[[], object],
        seconds: float,
        away: type[Exception] | tuple[type[Exception], ...],
        away_seconds: float | None = None,
    ) -> None:
        """`name` says in the log what was not done; `away` are the errors after which it is tried again.

        Args:
            name: of the task.
            task: what is done.
            seconds: from its end to its next beginning.
            away: errors that say so; all others end `run`.
            away_seconds: the same after one of them; None for no difference.

        """
        self._name = name
        self._task = task
        self._seconds = seconds
        self._away = away
        self._away_seconds = seconds if away_seconds is None else away_seconds
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()

    def run(self) -> None:
        """Do it on and on."""
        while not self._stopped.is_set():
            pause = self._seconds
            try:
                self._task()
            except self._away as error:
                log.warning("%s: not now, %s", self._name, type(error).__name__)
                pause = self._away_seconds
            self._stopped.wait(pause)
