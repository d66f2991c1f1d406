"""By when a township must act: days of the working calendar, said as a date, over once that day is."""

from __future__ import annotations

from datetime import datetime

import pytest

from consumers.inbox.deadline import Deadline, deadline_of
from schemas.beijing import milliseconds

HOLIDAY_BEFORE = milliseconds(datetime.fromisoformat("2026-09-22T09:00"))
"""A Tuesday; the Friday is Mid-Autumn."""


def at(day: str) -> int:
    return milliseconds(datetime.fromisoformat(day))


@pytest.mark.parametrize(
    ("level", "now", "said"),
    [
        ("orange", "2026-09-22T10:00", Deadline("请在9月28日前核实")),
        ("orange", "2026-09-28T23:59", Deadline("请在9月28日前核实")),
        ("orange", "2026-09-29T00:00", Deadline("核实已超时：限9月28日", is_over=True)),
        ("yellow", "2026-09-22T10:00", Deadline("请在9月30日前核实")),
    ],
)
def test_a_visit_is_due_at_the_end_of_a_working_day(level: str, now: str, said: Deadline) -> None:
    assert deadline_of(level, "ALERTED", HOLIDAY_BEFORE, at(now)) == said


def test_nothing_is_due_once_it_was_answered() -> None:
    assert deadline_of("orange", "CONFIRMED", HOLIDAY_BEFORE, at("2026-10-30T00:00")) is None
