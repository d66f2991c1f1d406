"""What is done again and again beside a program's work, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from producers.store_file import StoreError

log = logging.getLogger(__name__)


class Recurring:
    """Does a task every so often until it is stopped; while the store is away, later."""

    def __init__(self, name: str, task: Callable[[], object], seconds: float) -> None:
        """`name` says in the log what was not done."""
        self._name = name
        self._task = task
        self._seconds = seconds
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()

    def run(self) -> None:
        """Do it on and on."""
        while not self._stopped.is_set():
            try:
                self._task()
            except StoreError as error:
                log.warning("%s: not now, %s", self._name, type(error).__name__)
            self._stopped.wait(self._seconds)
