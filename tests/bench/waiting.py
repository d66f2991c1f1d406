"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

_EVERY_S = 0.05


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until the condition holds.

    Raises:
        TimeoutError: it did not.

    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"still waiting after {seconds} s")
        time.sleep(_EVERY_S)
