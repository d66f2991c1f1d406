"""The fault run in small: kills, a stop between fold and write, a broker kill; `make chaos` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.story import Plan, run

pytestmark = pytest.mark.kafka

SHORT = Plan(events=14_000, households=800, per_second=300, kills=3, stops=1, broker_kills=1)


def test_kills_and_a_stale_write_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    faults, verdict = run(SHORT, tmp_path)

    assert [fault.what for fault in faults].count("kill -9") == 3
    assert all(fault.moved > 0 and fault.lag > 0 for fault in faults)
    assert [fault.landed is not None for fault in faults if fault.what == "stop"] == [True]
    assert verdict.alerts > 100
