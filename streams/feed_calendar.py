"""When each department's feed is due, and how late one is. Pure: the day and the feeds' positions are given.

A period (month, quarter, semester) is delivered once the feed's position, the day up to which it is complete, lies
`cut_off` days before the period's end or later. Until so many working days after the end it is awaited (`due`), then
borne with (`grace`), then late. All days are Beijing days since 1970-01-01.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from schemas.beijing import date_of, day_number
from schemas.departments import BY_CODE
from streams.rule_table import RuleError, Table
from streams.working_days import WorkingDays

FEEDS_FILE = Path(__file__).parent / "feeds.toml"
LAST_MONTHS: dict[str, tuple[int, ...]] = {
    "monthly": tuple(range(1, 13)),
    "quarterly": (3, 6, 9, 12),
    "semester": (1, 7),
    "prompt": (),
}
"""Cadence -> months at whose end a period ends; a prompt feed has no periods and is never late."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What was agreed with a department; see feeds.toml."""

    cadence: str
    cut_off: int
    due: int
    grace: int
    basis: str


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
            if position is None or position < end - feed.cut_off:
                overdue = day - self.borne_until(department, end)
                return Lateness(end, self.due(department, end), overdue) if overdue > 0 else None
        return None


def period_ends(feed: Feed, first: int, last: int) -> Iterator[int]:
    """Last days of the feed's periods from a day to a day, both included."""
    start, stop = date_of(first), date_of(last)
    for year in range(start.year, stop.year + 1):
        for month in LAST_MONTHS[feed.cadence]:
            end = day_number(date(year + month // 12, month % 12 + 1, 1)) - 1
            if first <= end <= last:
                yield end


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
