"""How many examples the properties over made-up histories are tried with.

CI tries each as often as it says, which tests/test_seeds.py adds up; `make properties TIMES=N` tries N times as many.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import settings

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))
Test = TypeVar("Test", bound=Callable[..., Any])


def seeds(count: int) -> Callable[[Test], Test]:
    """So many examples, drawn anew in every run, and the mark by which `make properties` finds the test."""
    tried = settings(max_examples=count * TIMES, database=None, deadline=None)
    return lambda test: pytest.mark.seeds(tried(test))
