"""Named points at which tests stop or kill a program: a file `<folder>/<program>.<point>` holds the signal's name."""

from __future__ import annotations

import os
import signal
from pathlib import Path


class Failpoints:
    """Looks for orders at each named point; without a folder it does nothing."""

    def __init__(self, folder: Path | None, program: str) -> None:
        """Orders for this program are files named `<program>.<point>`."""
        self._folder = folder
        self._program = program

    def reach(self, point: str) -> None:
        """Carry out an order for this point, once: the file is renamed to `….reached` before the signal."""
        if self._folder is None:
            return
        order = self._folder / f"{self._program}.{point}"
        try:
            name = order.read_text().strip()
            order.rename(order.with_name(order.name + ".reached"))
        except OSError:
            return
        os.kill(os.getpid(), signal.Signals[name])
