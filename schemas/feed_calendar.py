"""When each department's feed is due, and how late one is. Pure: the day and the feeds' positions are given.

A period (month, quarter, semester) is delivered once the feed's position, the day up to which it is complete, lies
`cut_off` days before the period's end or later. Until so many working days after the end it is awaited (`due`), then
borne with (`grace`), then late. All days are Beijing days since 1970-01-01.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from schemas.beijing import date_of, day_number, day_of
from schemas.departments import BY_CODE
from schemas.rule_table import RuleError, Table
from schemas.working_days import WorkingDays

FEEDS_FILE = Path(__file__).parent / "feeds.toml"
LAST_MONTHS: dict[str, tuple[int, ...]] = {
    "monthly": tuple(range(1, 13)),
    "quarterly": (3, 6, 9, 12),
    "semester": (1, 7),
    "prompt": (),
}
"""Cadence -> months at whose end a period ends; a prompt feed has no periods and is never late."""
_SPRING_ENDS = 7
_LONGEST_PERIODS = 400
"""Days in which two periods of every cadence end."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What was agreed with a department; see feeds.toml."""

    cadence: str
    cut_off: int
    due: int
    grace: int
    basis: str

    def covers(self, position: int, period_end: int) -> bool:
        """Whether a period is delivered by a feed that is complete up to a day."""
        return position >= period_end - self.cut_off

    def period_name(self, period_end: int) -> str:
        """What officials call the period that ends on a day."""
        date = date_of(period_end)
        if self.cadence == "monthly":
            return f"{date.year}年{date.month}月"
        if self.cadence == "quarterly":
            return f"{date.year}年第{(date.month + 2) // 3}季度"
        return f"{date.year}年春季学期" if date.month == _SPRING_ENDS else f"{date.year - 1}年秋季学期"


@dataclass(frozen=True, slots=True)
class Lateness:
    """A feed that is late.

    Attributes:
        period_end: last day of the earliest period that was not delivered.
        due: last day on which it was due, grace not counted.
        days: since the grace was over.

    """

    period_end: int
    due: int
    days: int


@dataclass(frozen=True, slots=True)
class FeedCalendar:
    """Every department's feed, and the days that are worked."""

    feeds: Mapping[str, Feed]
    days: WorkingDays

    def due(self, department: str, period_end: int) -> int:
        """Last day on which a period is due."""
        return self.days.after(period_end, self.feeds[department].due)

    def borne_until(self, department: str, period_end: int) -> int:
        """Last day of grace."""
        return self.days.after(self.due(department, period_end), self.feeds[department].grace)

    def late(self, department: str, position: int | None, day: int, since: int) -> Lateness | None:
        """How late a department's feed is on a day.

        Args:
            department: its code.
            position: day up to which its feed is complete; None: it never delivered.
            day: today.
            since: first day of which anything was expected; periods that ended before are nobody's.

        """
        feed = self.feeds[department]
        for end in period_ends(feed, since, day):
            if position is None or not feed.covers(position, end):
                overdue = day - self.borne_until(department, end)
                return Lateness(end, self.due(department, end), overdue) if overdue > 0 else None
        return None

    def next_due(self, department: str, position: int) -> int | None:
        """Last day on which the first period is due that a feed does not cover yet; None: nothing is ever due."""
        feed = self.feeds[department]
        ends = period_ends(feed, position, position + _LONGEST_PERIODS)
        owed = next((end for end in ends if not feed.covers(position, end)), None)
        return None if owed is None else self.due(department, owed)


def period_ends(feed: Feed, first: int, last: int) -> Iterator[int]:
    """Last days of the feed's periods from a day to a day, both included."""
    start, stop = date_of(first), date_of(last)
    for year in range(start.year, stop.year + 1):
        for month in LAST_MONTHS[feed.cadence]:
            end = day_number(date(year + month // 12, month % 12 + 1, 1)) - 1
            if first <= end <= last:
                yield end


def positions_after(positions: dict[str, int], deliveries: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How far each department's feed has come: the greatest day its deliveries cover.

    A delivery that states no day covers the day on which it was delivered; an empty one counts. The register's
    deliveries are no department's feed.
    """
    after = dict(positions)
    for delivery in deliveries:
        if delivery["department"] not in BY_CODE:
            continue
        covers = delivery["covers_to"]
        day = day_of(delivery["delivered_at"]) if covers is None else covers
        department = delivery["department"]
        after[department] = max(after.get(department, day), day)
    return after


@cache
def shipped_calendar() -> FeedCalendar:
    """Calendar that comes with this code."""
    return calendar_of(FEEDS_FILE)


def calendar_of(path: Path) -> FeedCalendar:
    """Read a calendar.

    Raises:
        RuleError: a mistake in it, with file, key and the allowed words.

    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RuleError(f"{path.name}: cannot be read: {error}") from error
    table = Table(path.name, values)
    feeds = table.table("feeds")
    found = {code: _feed(feeds, code) for code in feeds.values}
    if lacking := BY_CODE.keys() - found.keys():
        raise feeds.mistake(min(lacking), "is missing; every department has a feed")
    days = table.table("days")
    calendar = FeedCalendar(found, WorkingDays(_days(days, "off"), _days(days, "working")))
    days.close()
    table.close()
    return calendar


def _feed(feeds: Table, code: str) -> Feed:
    feeds.word_key(code, BY_CODE)
    item = feeds.table(code)
    counts = (item.number("cut_off", 0), item.number("due", 0), item.number("grace", 0))
    feed = Feed(item.word("cadence", LAST_MONTHS), *counts, item.text("basis"))
    item.close()
    return feed


def _days(table: Table, key: str) -> frozenset[int]:
    try:
        return frozenset(day_number(date.fromisoformat(text)) for text in table.texts(key))
    except ValueError as error:
        raise table.mistake(key, "is a list of days, as 2027-01-01") from error
