"""One tick per Beijing day: none missed, none twice, and no jump that nobody has looked at."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.beijing import DAY_MS, start_of
from schemas.feed_calendar import positions_after
from streams.clock import LARGEST_JUMP, JumpTooLargeError, days_due

days = st.integers(10_000, 30_000)


def delivery(department: str, day: int, covers_to: int | None = None) -> dict[str, Any]:
    return {"department": department, "delivered_at": start_of(day) + DAY_MS // 2, "covers_to": covers_to}


def test_the_first_tick_of_a_bus_is_todays() -> None:
    assert days_due(None, 20_000) == [20_000]


@given(days, st.lists(st.integers(-3, LARGEST_JUMP), max_size=12))
def test_whenever_the_clock_looks_each_day_is_ticked_once_and_in_order(first: int, steps: list[int]) -> None:
    last, today, ticked = first, first, [first]
    for step in steps:
        today = last + step
        due = days_due(last, today)
        ticked += due
        last = max([last, *due])

        assert last >= today
    assert all(after == before + 1 for before, after in pairwise(ticked))


def test_a_clock_that_is_set_back_ticks_nothing() -> None:
    assert days_due(20_000, 19_990) == []


def test_more_than_thirty_missing_days_need_a_person() -> None:
    assert len(days_due(20_000, 20_030)) == 30
    with pytest.raises(JumpTooLargeError, match=r"31 days ago.*alertbus tick --at DATE"):
        days_due(20_000, 20_031)


def test_a_feed_has_come_as_far_as_its_deliveries_say() -> None:
    found = positions_after(
        {"housing": 90},
        [delivery("housing", 100), delivery("education", 100, covers_to=80), delivery("housing", 101, 95)],
    )

    assert found == {"housing": 100, "education": 80}


def test_the_registers_deliveries_are_no_departments_feed() -> None:
    assert positions_after({}, [delivery("register", 100)]) == {}


@given(
    st.lists(st.tuples(st.sampled_from(["housing", "education"]), days, st.none() | days), max_size=12), st.randoms()
)
def test_deliveries_in_any_order_give_the_same_positions(
    reports: list[tuple[str, int, int | None]], random: Any
) -> None:
    deliveries = [delivery(*report) for report in reports]
    shuffled = random.sample(deliveries, len(deliveries))

    assert positions_after({}, shuffled) == positions_after({}, deliveries)
