"""How many examples the properties over all that folds are tried with.

CI tries each as often as it says; `make properties TIMES=N` tries N times as many, by hand.
"""

from __future__ import annotations

import os

from hypothesis import settings

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))


def seeds(count: int) -> settings:
    """So many examples, drawn anew in every run; no example has a deadline."""
    return settings(max_examples=count * TIMES, database=None, deadline=None)
