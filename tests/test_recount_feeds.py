"""Reconciliation counts late feeds its own way: it agrees with every clock, and names what is missing or unfounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.beijing import day_of
from schemas.codec import Record
from schemas.departments import BY_CODE
from schemas.feed_calendar import shipped_calendar
from streams.feed_alert import alert_id_of
from streams.reconcile import Difference
from streams.recount_feeds import MARGIN_MS, Delivered, FeedHistory, TickedAt, feed_differences
from tests.builders import day
from tests.feed_log import FeedClock, FeedLog

CALENDAR = shipped_calendar()
MONTHLY, END = "health_insurance", "2026-02-28"
OWED = {"department": MONTHLY, "period_end": END}
CODES = sorted(BY_CODE)


def history(log: FeedLog) -> FeedHistory:
    """What reconciliation reads of a log whose records came as far apart as their places say."""
    found, hour = FeedHistory(), 3_600_000
    for place, (name, content, _) in enumerate(log.records):
        if name == "delivery":
            covers = content["covers_to"]
            day_ = day_of(content["delivered_at"]) if covers is None else covers
            found.deliveries.append(Delivered(content["department"], day_, place * hour))
        elif name == "tick" and (not found.ticks or content["day"] > found.ticks[-1].day):
            found.ticks.append(TickedAt(content["day"], place * hour))
    return found


def differences(log: FeedLog, live: dict[str, Record] | None = None) -> list[Difference]:
    return feed_differences(log.known() if live is None else live, history(log), CALENDAR)


def ticked(*days: str) -> FeedLog:
    log = FeedLog()
    clock = FeedClock(log)
    for each in days:
        clock.tick(day(each))
        clock.tell()
    return log


def test_what_the_clock_told_is_what_is_counted_and_without_a_tick_nothing_is() -> None:
    assert differences(ticked("2026-02-01", "2026-03-31")) == []
    assert differences(FeedLog()) == []


def test_an_alert_that_is_missing_or_stands_without_reason_is_named() -> None:
    log = ticked("2026-02-01", "2026-03-31")
    alert_id = alert_id_of(MONTHLY, day(END))
    known = log.known()
    without = {key: each for key, each in known.items() if key != alert_id}
    assert differences(log, without) == [Difference(None, "missing", None, OWED)]
    assert differences(log, known | {alert_id: known[alert_id] | {"status": "WITHDRAWN"}}) == [
        Difference(None, "missing", None, OWED)
    ]

    log.deliver(MONTHLY, day("2026-04-01"), day("2026-03-31"))
    FeedClock(log).tick(day("2026-04-02"))
    assert differences(log) == [Difference(None, "unfounded", OWED, None, None, alert_id)]


def test_what_came_after_the_last_tick_or_just_before_may_have_been_told_or_not() -> None:
    log = ticked("2026-02-01", "2026-03-31")
    log.deliver(MONTHLY, day("2026-04-01"), day("2026-03-31"))
    assert differences(log) == []
    FeedClock(log).tell()
    assert differences(log) == []

    read = history(log)
    late = FeedHistory([each._replace(at=read.ticks[-1].at - MARGIN_MS) for each in read.deliveries], read.ticks)
    assert feed_differences(ticked("2026-02-01", "2026-03-31").known(), late, CALENDAR) == []


def test_what_was_owed_before_the_first_tick_that_is_kept_is_left_out() -> None:
    log = ticked("2026-02-01", "2026-03-31")
    read = history(log)
    read.ticks[0] = TickedAt(day("2026-03-05"), 0)

    assert [each for each in feed_differences(log.known(), read, CALENDAR) if each.live == OWED] == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tick"), st.integers(0, 1), st.integers(0, 70)),
        st.tuples(st.just("killed"), st.integers(0, 1), st.just(0)),
        st.tuples(st.just("delivers"), st.integers(0, len(CODES) - 1), st.integers(-60, 10)),
    ),
    max_size=30,
)


@given(STEPS)
def test_whatever_was_delivered_and_whoever_ticked_the_two_ways_agree(steps: list[tuple[str, int, int]]) -> None:
    log, today = FeedLog(), day("2026-02-01")
    clocks = [FeedClock(log), FeedClock(log)]
    for what, number, days in steps:
        if what == "delivers":
            log.deliver(CODES[number], today, today + days)
        elif what == "killed":
            clocks[number] = FeedClock(log)
        else:
            today += days
            clocks[number].tick(today)
            clocks[number].tell()

    assert differences(log) == []
