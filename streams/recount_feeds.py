"""Which alerts of late feeds must stand, counted from deliveries and ticks by another way than the clock's. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from schemas.beijing import date_of, day_number
from schemas.codec import Record
from schemas.feed_calendar import FeedCalendar, period_ends
from streams.case_states import WITHDRAWN
from streams.reconcile import Difference

KIND = "feed_late"
MARGIN_MS = 60_000
"""A delivery that came so shortly before a tick may have been read before it or after."""


class Delivered(NamedTuple):
    """A delivery: the day up to which it makes its feed complete, and when it came onto the bus, ms."""

    department: str
    covers: int
    at: int


class TickedAt(NamedTuple):
    """A tick's day, and when it came onto the bus, ms."""

    day: int
    at: int


@dataclass(slots=True)
class FeedHistory:
    """All deliveries, and the ticks of one partition that moved its day, in order."""

    deliveries: list[Delivered] = field(default_factory=list)
    ticks: list[TickedAt] = field(default_factory=list)


def feed_differences(live: Mapping[str, Record], history: FeedHistory, calendar: FeedCalendar) -> list[Difference]:
    """Compare the newest alerts of late feeds, by id, with what must stand; a withdrawn one equals none.

    What came after the last tick may have been told already or not, so a department of which it decides is left out;
    and so is one that owes what ended before the first tick that is kept.
    """
    found: list[Difference] = []
    for code in calendar.feeds if history.ticks else ():
        said = {_owed(alert): alert["alert_id"] for alert in live.values() if _stands(alert, code)}
        before = _owes(calendar, code, history, _came_before(history))
        now = _owes(calendar, code, history, history.deliveries)
        if before != now or any(end < history.ticks[0].day for end in said):
            continue
        due = set() if now is None else {now}
        found += [Difference(None, "unfounded", _words(code, end), None, None, said[end]) for end in said.keys() - due]
        found += [Difference(None, "missing", None, _words(code, end)) for end in due - said.keys()]
    return found


def _came_before(history: FeedHistory) -> Sequence[Delivered]:
    return [each for each in history.deliveries if each.at < history.ticks[-1].at - MARGIN_MS]


def _owes(calendar: FeedCalendar, code: str, history: FeedHistory, deliveries: Iterable[Delivered]) -> int | None:
    """Last day of the earliest period that nothing covers, where its grace was over on the last tick's day."""
    feed, first, last = calendar.feeds[code], history.ticks[0].day, history.ticks[-1].day
    covered = [each.covers + feed.cut_off for each in deliveries if each.department == code]
    open_ = [end for end in period_ends(feed, first, last) if not any(end <= day for day in covered)]
    return open_[0] if open_ and calendar.borne_until(code, open_[0]) < last else None


def _stands(alert: Record, code: str) -> bool:
    return bool(alert["kind"] == KIND and alert["status"] != WITHDRAWN and alert["subjects"][0] == code)


def _owed(alert: Record) -> int:
    return day_number(date.fromisoformat(alert["subjects"][1]))


def _words(code: str, end: int) -> dict[str, str]:
    return {"department": code, "period_end": str(date_of(end))}
