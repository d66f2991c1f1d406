"""Who is late is told to the county once, and once that it came, whatever becomes of the clocks."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.beijing import date_of, start_of
from schemas.codec import decode, encode
from schemas.departments import BY_CODE
from schemas.feed_calendar import period_ends, shipped_calendar
from streams.feed_alert import alert_id_of
from streams.feed_lateness import days_late
from tests.builders import day
from tests.feed_log import FeedClock, FeedLog

CALENDAR = shipped_calendar()
BEGUN = day("2026-02-01")
MONTHLY, SEMESTER = "health_insurance", "education"
CODES = sorted(BY_CODE)


def ticked(*days: str, log: FeedLog | None = None) -> FeedLog:
    """A bus that was ticked on these days by one clock, which told each time what there was to tell."""
    log = log or FeedLog()
    clock = FeedClock(log)
    for each in days:
        clock.tick(day(each))
        clock.tell()
    return log


def only(log: FeedLog, department: str) -> list[tuple[str, str, int]]:
    """Period, state and version of what was told of a department."""
    mine = [each for each in log.versions if each["subjects"][0] == department]
    return [(each["subjects"][1], each["status"], each["version"]) for each in mine]


def test_a_late_feed_is_an_alert_and_a_delivery_that_covers_it_even_an_empty_one_ends_it() -> None:
    log = ticked("2026-02-01", "2026-03-31")
    log.deliver(MONTHLY, day("2026-04-02"), day("2026-02-28"))
    ticked("2026-04-03", log=log)

    raised, settled = day("2026-03-31"), day("2026-04-03")
    assert only(log, MONTHLY) == [("2026-02-28", "ALERTED", raised), ("2026-02-28", "WITHDRAWN", settled)]
    assert only(log, SEMESTER) == []


def test_the_alert_says_department_period_days_and_what_to_do() -> None:
    log = FeedLog()
    log.deliver(MONTHLY, day("2026-01-20"), day("2026-01-31"))
    log = ticked("2026-02-01", "2026-03-31", log=log)
    found = log.known()[alert_id_of(MONTHLY, day("2026-02-28"))]

    assert found["title"] == "医保推送迟到"
    assert found["text"] == (
        "医保2026年2月的数据应于2026年3月6日前推送，截至2026年3月31日没有收到，宽限3个工作日后已迟到20天；"
        "现有数据截至2026年1月31日。请联系该部门推送；当期没有数据也要推送空文件。"
        "收到之前，没有这个部门的预警不等于没有风险。"
    )
    assert "卫健2026年2月" in log.known()[alert_id_of("health", day("2026-02-28"))]["text"]
    assert "这个部门从未推送过" in log.known()[alert_id_of("health", day("2026-02-28"))]["text"]
    assert (found["source_topic"], found["known_at"]) == ("township.events", start_of(day("2026-03-31")))
    assert decode(encode("area_alert", found)) == ("area_alert", found)


@pytest.mark.parametrize(
    ("code", "end", "name"),
    [
        (MONTHLY, "2026-02-28", "2026年2月"),
        ("housing", "2026-09-30", "2026年第3季度"),
        (SEMESTER, "2026-01-31", "2025年秋季学期"),
        (SEMESTER, "2026-07-31", "2026年春季学期"),
    ],
)
def test_periods_have_the_names_that_officials_use(code: str, end: str, name: str) -> None:
    assert CALENDAR.feeds[code].period_name(day(end)) == name


def test_a_department_that_is_silent_for_months_has_one_alert_for_the_earliest_period_it_owes() -> None:
    log = ticked("2026-02-01", "2026-03-31", "2026-04-30", "2026-05-31")

    assert only(log, MONTHLY) == [("2026-02-28", "ALERTED", day("2026-03-31"))]
    log.deliver(MONTHLY, day("2026-06-01"), day("2026-02-28"))
    clock = FeedClock(log)
    clock.tell()
    assert only(log, MONTHLY)[1:] == [
        ("2026-02-28", "WITHDRAWN", day("2026-05-31")),
        ("2026-03-31", "ALERTED", day("2026-05-31")),
    ]
    assert clock.tell() == 0


def test_what_ended_before_the_first_tick_is_nobodys() -> None:
    assert only(ticked("2026-03-01", "2026-03-31"), MONTHLY) == []
    assert only(ticked("2026-02-28", "2026-03-31"), MONTHLY) != []


def test_what_is_owed_stays_owed_where_the_first_ticks_are_no_longer_kept() -> None:
    log = ticked("2026-02-01", "2026-03-31")
    first = next(place for place, record in enumerate(log.records) if record[0] == "tick")
    del log.records[first]

    assert FeedClock(log).tell() == 0
    assert log.standing()[MONTHLY] == "2026-02-28"


def test_another_day_that_is_agreed_ends_an_alert_and_says_so() -> None:
    log = ticked("2026-02-01", "2026-03-31")
    feeds = {code: dataclasses.replace(feed, grace=200) for code, feed in CALENDAR.feeds.items()}
    FeedClock(log, dataclasses.replace(CALENDAR, feeds=feeds)).tell()

    assert log.standing() == {}
    assert only(log, MONTHLY)[-1] == ("2026-02-28", "WITHDRAWN", day("2026-03-31") + 1)
    assert log.versions[-1]["text"].startswith("推送日历已调整，")


def test_days_late_are_there_for_every_department_from_the_start() -> None:
    clock = FeedClock(FeedLog())
    assert days_late(CALENDAR, clock.feeds) == dict.fromkeys(CALENDAR.feeds, 0)

    clock = FeedClock(ticked("2026-02-01", "2026-03-31"))
    clock.read()
    late = days_late(CALENDAR, clock.feeds)
    assert (late[MONTHLY], late[SEMESTER]) == (20, 0)


def owed(log: FeedLog, department: str) -> str | None:
    """Last day of the earliest period that a department owes at the last tick, counted from the records alone."""
    ticks = [content["day"] for name, content, _ in log.records if name == "tick"]
    covers = [c["covers_to"] for name, c, _ in log.records if name == "delivery" and c["department"] == department]
    feed = CALENDAR.feeds[department]
    for end in period_ends(feed, ticks[0], max(ticks)) if ticks else ():
        if max(covers, default=-1) < end - feed.cut_off:
            over = CALENDAR.days.after(CALENDAR.days.after(end, feed.due), feed.grace)
            return str(date_of(end)) if max(ticks) > over else None
    return None


which = st.integers(0, 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tick"), which, st.integers(-2, 70)),
        st.tuples(st.just("look"), which, st.none()),
        st.tuples(st.just("send"), which, st.none()),
        st.tuples(st.just("tell"), which, st.none()),
        st.tuples(st.just("killed"), which, st.none()),
        st.tuples(st.just("delivers"), st.integers(0, len(CODES) - 1), st.integers(-60, 10)),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(STEPS)
def test_two_clocks_killed_anywhere_come_to_what_is_owed_and_then_say_no_more(
    steps: list[tuple[str, int, int | None]],
) -> None:
    log, today = FeedLog(), BEGUN
    clocks = [FeedClock(log), FeedClock(log)]
    for what, number, days in steps:
        if what == "tick":
            today = max(today, today + (days or 0))
            clocks[number].tick(today)
        elif what == "delivers":
            log.deliver(CODES[number], today, today + (days or 0))
        elif what == "killed":
            clocks[number] = FeedClock(log)
        else:
            getattr(clocks[number], what)()
    FeedClock(log).tell()

    assert log.standing() == {code: end for code in CODES if (end := owed(log, code)) is not None}
    assert [clock.tell() for clock in (*clocks, FeedClock(log))] == [0, 0, 0]


@settings(max_examples=100)
@given(STEPS.map(lambda steps: [step for step in steps if step[0] in {"tick", "delivers"}]), st.data())
def test_where_a_clock_is_killed_between_tick_and_alert_the_county_hears_the_same(
    steps: list[tuple[str, int, int | None]], data: st.DataObject
) -> None:
    today, logs = BEGUN, (FeedLog(), FeedLog())
    steady, killed = (FeedClock(log) for log in logs)
    for what, number, days in steps:
        if what == "delivers":
            for log in logs:
                log.deliver(CODES[number], today, today + (days or 0))
            continue
        today = max(today, today + (days or 0))
        for clock in (steady, killed):
            clock.tick(today)
        steady.tell()
        if data.draw(st.booleans()):
            killed = FeedClock(logs[1])
        killed.tell()

    assert [content for name, content, _ in logs[0].records if name == "area_alert"] == logs[1].versions


def test_a_clock_that_stood_still_and_sends_what_is_no_longer_so_is_put_right_at_the_next_look() -> None:
    log = ticked("2026-02-01")
    slow, other = FeedClock(log), FeedClock(log)
    slow.tick(day("2026-03-31"))
    slow.look()
    log.deliver(MONTHLY, day("2026-04-02"), day("2026-03-31"))
    other.tick(day("2026-04-03"))
    other.tell()
    assert MONTHLY not in log.standing()

    slow.send()
    assert MONTHLY in log.standing()
    other.tell()
    assert MONTHLY not in log.standing()
