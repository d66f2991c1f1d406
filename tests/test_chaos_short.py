"""The fault run in small: kills, stops between fold and write, a broker kill; `make chaos` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.lag import INPUTS
from tests.chaos.story import Plan, run

pytestmark = pytest.mark.kafka

SHORT = Plan(events=14_000, households=800, per_second=300, kills=3, stops=2, broker_kills=1)


def test_kills_and_a_stale_write_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    faults, verdict = run(SHORT, tmp_path)

    assert {fault.worker.partition("-")[0] for fault in faults if fault.what == "kill -9"} == set(INPUTS)
    assert all(fault.moved > 0 and fault.lag > 0 for fault in faults)
    assert [fault.landed is not None for fault in faults if fault.what == "stop"] == [True, True]
    assert verdict.alerts > 100
    assert verdict.areas > 100
