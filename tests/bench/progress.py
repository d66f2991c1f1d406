"""How far a peer has come, told to the bench through a small file; ours tells it in its metrics."""

from __future__ import annotations

import os
import threading
from pathlib import Path

PROGRESS_FILE = "BENCH_PROGRESS_FILE"
_EVERY_S = 0.05


class Progress:
    """Counts records; a thread writes the count down."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.done = 0
        self._file = Path(os.environ[PROGRESS_FILE])
        self._ended = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while not self._ended.wait(_EVERY_S):
            beside = self._file.with_suffix(".new")
            beside.write_text(str(self.done))
            beside.replace(self._file)
