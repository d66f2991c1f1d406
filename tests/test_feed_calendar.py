"""When a department's delivery is due: by cadence, over holidays, with grace; what is late, and by how much."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.beijing import start_of
from schemas.departments import BY_CODE
from schemas.feed_calendar import (
    FEEDS_FILE,
    Lateness,
    calendar_of,
    period_ends,
    positions_after,
    shipped_calendar,
)
from schemas.rule_table import RuleError
from schemas.working_days import WorkingDays, published
from tests.builders import day

CALENDAR = shipped_calendar()
BEGUN = day("2026-01-01")
MONTHLY, QUARTERLY, SEMESTER = "health_insurance", "civil_affairs", "education"


def late(department: str, today: str, position: str | None = None) -> Lateness | None:
    return CALENDAR.late(department, None if position is None else day(position), day(today), BEGUN)


def test_six_departments_send_monthly_seven_quarterly_and_one_by_semester() -> None:
    assert CALENDAR.feeds.keys() == BY_CODE.keys()
    assert Counter(feed.cadence for feed in CALENDAR.feeds.values()) == {"monthly": 6, "quarterly": 7, "semester": 1}


@pytest.mark.parametrize(
    ("date", "worked"),
    [
        ("2026-02-13", True),
        ("2026-02-14", True),  # a Saturday worked for the Spring Festival
        ("2026-02-17", False),
        ("2026-10-01", False),
        ("2026-10-10", True),
        ("2026-10-11", False),
        ("2026-11-23", True),
    ],
)
def test_holidays_and_days_worked_in_exchange_are_known(date: str, worked: bool) -> None:
    assert WorkingDays().is_worked(day(date)) is worked


def test_in_a_year_not_published_yet_weekdays_are_worked_but_those_that_people_named() -> None:
    assert not published(2099)
    days = WorkingDays(off={day("2099-01-01")}, worked={day("2099-01-03")})

    assert [days.is_worked(day(f"2099-01-0{n}")) for n in (1, 2, 3, 4, 5)] == [False, True, True, False, True]


def test_what_people_name_wins_over_the_library() -> None:
    days = WorkingDays(off={day("2026-11-23")}, worked={day("2026-11-22")})

    assert not days.is_worked(day("2026-11-23"))
    assert days.is_worked(day("2026-11-22"))


def test_a_delivery_is_due_on_a_working_day_after_the_holidays() -> None:
    september = day("2026-09-30")

    assert CALENDAR.due(MONTHLY, september) == day("2026-10-13")  # 8, 9, 10 (a Saturday worked), 12, 13 October
    assert CALENDAR.borne_until(MONTHLY, september) == day("2026-10-16")


@pytest.mark.parametrize(
    ("department", "ends"),
    [
        (MONTHLY, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        (QUARTERLY, ["2026-03-31"]),
        (SEMESTER, ["2026-01-31"]),
    ],
)
def test_periods_end_with_months_quarters_and_semesters(department: str, ends: list[str]) -> None:
    feed = CALENDAR.feeds[department]

    assert [*period_ends(feed, BEGUN, day("2026-05-30"))] == [day(end) for end in ends]
    assert [*period_ends(feed, day("2027-12-31"), day("2027-12-31"))] == (
        [] if department == SEMESTER else [day("2027-12-31")]
    )


def test_a_feed_is_late_from_the_day_after_its_grace_and_counts_days() -> None:
    end = day("2026-04-30")
    last_of_grace = CALENDAR.borne_until(MONTHLY, end)
    delivered = day("2026-03-31")

    assert CALENDAR.late(MONTHLY, delivered, last_of_grace, BEGUN) is None
    first = CALENDAR.late(MONTHLY, delivered, last_of_grace + 1, BEGUN)
    assert first == Lateness(end, CALENDAR.due(MONTHLY, end), 1)
    assert CALENDAR.late(MONTHLY, delivered, last_of_grace + 40, BEGUN) == Lateness(end, first.due, 40)


def test_what_was_cut_off_shortly_before_the_end_is_of_that_period() -> None:
    assert late(MONTHLY, "2026-05-25", "2026-04-20") is None
    assert late(MONTHLY, "2026-05-25", "2026-04-19") is not None


def test_a_department_that_catches_up_in_part_is_late_with_what_is_still_missing() -> None:
    found = late(MONTHLY, "2026-06-30", "2026-03-31")
    assert found is not None
    assert found.period_end == day("2026-04-30")

    found = late(MONTHLY, "2026-06-30", "2026-04-30")
    assert found is not None
    assert found.period_end == day("2026-05-31")


def test_periods_before_anything_was_expected_are_nobodys() -> None:
    assert CALENDAR.late(MONTHLY, None, day("2026-06-01"), day("2026-05-31")) is None
    assert CALENDAR.late(MONTHLY, None, day("2026-06-30"), day("2026-05-31")) is not None


@given(st.sampled_from(sorted(BY_CODE)), st.integers(0, 2000), st.integers(-30, 2000), st.integers(0, 400))
def test_a_feed_that_has_come_further_is_never_later(department: str, today: int, position: int, more: int) -> None:
    def days(reached: int) -> int:
        found = CALENDAR.late(department, BEGUN + reached, BEGUN + today, BEGUN)
        return found.days if found else 0

    assert days(position + more) <= days(position)
    assert days(today) == 0


def changed(folder: Path, old: str, new: str) -> Path:
    text = FEEDS_FILE.read_text(encoding="utf-8")
    assert old in text
    path = folder / "feeds.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "held"),
    [
        ('"monthly"', '"weekly"', ["feeds.health_insurance.cadence", "'weekly'", "monthly", "prompt", "quarterly"]),
        ("[feeds.water]", "[feeds.wasser]", ["feeds.wasser", "water"]),
        ("[feeds.water]", "[[feeds.water]]", ["feeds.water", "is a table"]),
        ("due = 5\n", "", ["feeds.health_insurance.due", "is missing"]),
        ("grace = 3", "grace = -1", ["feeds.health_insurance.grace", "0 or more"]),
        ("grace = 3", "grace = 3\nnote = 1", ["feeds.health_insurance.note", "is not a key here", "cut_off"]),
        ('"2027-01-01"', '"2027-02-30"', ["days.off", "2027-01-01"]),
        ("working = []", "", ["days.working", "is missing"]),
        ("working = []", "working = []\nhalf = []", ["days.half", "is not a key here"]),
        ("[days]", "[dayz]", ["days"]),
        ("[feeds.health]", "[feeds.health", ["cannot be read"]),
    ],
)
def test_a_mistake_names_file_key_and_the_allowed_words(tmp_path: Path, old: str, new: str, held: list[str]) -> None:
    with pytest.raises(RuleError) as caught:
        calendar_of(changed(tmp_path, old, new))

    assert all(text in str(caught.value) for text in ["feeds.toml", *held]), caught.value


def test_a_department_without_a_feed_is_named(tmp_path: Path) -> None:
    text = FEEDS_FILE.read_text(encoding="utf-8")
    first, _, rest = text.partition("[feeds.education]")
    path = tmp_path / "feeds.toml"
    path.write_text(first + rest[rest.index("\n\n") :], encoding="utf-8")

    with pytest.raises(RuleError, match="education"):
        calendar_of(path)


def test_a_prompt_feed_is_never_late(tmp_path: Path) -> None:
    calendar = calendar_of(changed(tmp_path, '"monthly"', '"prompt"'))

    assert calendar.late(MONTHLY, None, day("2030-01-01"), BEGUN) is None
    assert calendar.next_due(MONTHLY, BEGUN) is None


@given(st.sampled_from(sorted(BY_CODE)), st.integers(0, 2000))
def test_a_delivery_is_due_and_its_grace_over_on_working_days_counted_from_the_periods_end(
    department: str, later: int
) -> None:
    end, feed = BEGUN + later, CALENDAR.feeds[department]
    due, borne = CALENDAR.due(department, end), CALENDAR.borne_until(department, end)

    def worked(first: int, last: int) -> int:
        return sum(CALENDAR.days.is_worked(each) for each in range(first, last + 1))

    assert (worked(end + 1, due), worked(due + 1, borne)) == (feed.due, feed.grace)
    assert CALENDAR.days.is_worked(due)
    assert CALENDAR.days.is_worked(borne)


@given(st.sampled_from([MONTHLY, QUARTERLY, SEMESTER]), st.integers(40, 2000), st.integers(0, 5))
def test_an_empty_delivery_of_a_day_is_as_good_as_a_full_one_and_one_that_states_a_day_covers_only_that(
    department: str, passed: int, back: int
) -> None:
    today = BEGUN + passed
    empty = {"department": department, "delivered_at": start_of(today), "covers_to": None, "accepted": 0}
    full, stated = empty | {"accepted": 9}, empty | {"covers_to": BEGUN - back}

    for delivery in (empty, full):
        assert CALENDAR.late(department, positions_after({}, [delivery])[department], today, BEGUN) is None
    found = CALENDAR.late(department, positions_after({}, [stated])[department], today, BEGUN)
    assert found == CALENDAR.late(department, BEGUN - back, today, BEGUN)


@given(st.sampled_from(sorted(BY_CODE)), st.integers(0, 2000))
def test_the_next_due_day_is_that_of_the_first_period_that_a_feed_does_not_cover(department: str, later: int) -> None:
    position = BEGUN + later
    due = CALENDAR.next_due(department, position)

    assert due is not None
    assert CALENDAR.late(department, position, due, position) is None
    over = CALENDAR.late(department, position, due + 60, position)
    assert over is not None
    assert over.due == due
