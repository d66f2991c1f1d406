"""Whose feed is late, and what the county still has to be told of it. Pure.

One alert for a department at a time: for the earliest period that it owes. Worked out at each look from what stands on
the log: ticks, deliveries, and what the county was told before. A clock keeps nothing, so it does not matter which one
tells, how often, or where one was killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.codec import Record
from schemas.feed_calendar import FeedCalendar, Lateness, positions_after
from streams.feed_alert import KIND, alert_id_of, is_open, period_owed, placed, raised, settled
from streams.subject import Source


class Tick(NamedTuple):
    """A tick's day, and where it was read."""

    day: int
    source: Source


@dataclass(slots=True)
class Feeds:
    """What the log says of the departments' feeds.

    Attributes:
        since: day of the bus's first tick that is still kept: of what ended before it nobody expected anything.
        tick: the last one.
        positions: department -> day up to which its feed is complete.
        delivered: department -> where its last delivery was read.
        told: id -> newest version of each alert of a late feed.

    """

    since: int | None = None
    tick: Tick | None = None
    positions: dict[str, int] = field(default_factory=dict)
    delivered: dict[str, Source] = field(default_factory=dict)
    told: dict[str, Record] = field(default_factory=dict)

    def take(self, name: str, content: Record, source: Source) -> None:
        """Take in a decoded record, in the order of its partition; what says nothing of feeds changes nothing."""
        if name == "delivery":
            self.positions = positions_after(self.positions, [content])
            self.delivered[content["department"]] = source
        elif name == "tick":
            if self.tick is None or content["day"] > self.tick.day:
                self.since = content["day"] if self.since is None else self.since
                self.tick = Tick(content["day"], source)
        elif name == "area_alert" and content["kind"] == KIND:
            known = self.told.get(content["alert_id"])
            if known is None or content["version"] > known["version"]:
                self.told[content["alert_id"]] = content

    def standing(self, department: str) -> Iterator[Record]:
        """Alerts of a department of which the county does not know that they are settled."""
        return (said for said in self.told.values() if is_open(said) and said["subjects"][0] == department)


def late_feed(calendar: FeedCalendar, feeds: Feeds, department: str) -> Lateness | None:
    """How late a department is on the day of the last tick, by all that it has delivered since, too.

    A period of which the county was told stays owed, also where the bus's first ticks are no longer kept.
    """
    if feeds.tick is None or feeds.since is None:
        return None
    since = min([feeds.since, *map(period_owed, feeds.standing(department))])
    return calendar.late(department, feeds.positions.get(department), feeds.tick.day, since)


def days_late(calendar: FeedCalendar, feeds: Feeds) -> dict[str, int]:
    """Days by department, 0 where it is not late."""
    found = {code: late_feed(calendar, feeds, code) for code in calendar.feeds}
    return {code: late.days if late else 0 for code, late in found.items()}


def news(calendar: FeedCalendar, feeds: Feeds) -> list[Record]:
    """Versions of `area_alert` that the county still has to get: who is no longer late, then who is."""
    return [version for code in calendar.feeds for version in _news_of(calendar, feeds, code)]


def _news_of(calendar: FeedCalendar, feeds: Feeds, department: str) -> Iterator[Record]:
    if feeds.tick is None:
        return
    late, position = late_feed(calendar, feeds, department), feeds.positions.get(department)
    feed = calendar.feeds[department]
    owed = None if late is None else alert_id_of(department, late.period_end)
    standing = {said["alert_id"]: said for said in feeds.standing(department)}
    for said in standing.values():
        if said["alert_id"] != owed:
            source = feeds.delivered.get(department, feeds.tick.source)
            yield placed(settled(said, feed, position), _version(feeds.tick, said), source)
    if late is not None and owed not in standing:
        said = raised(department, feed, late, position, feeds.tick.day)
        yield placed(said, _version(feeds.tick, feeds.told.get(said["alert_id"])), feeds.tick.source)


def _version(tick: Tick, said: Record | None) -> int:
    """The tick's day, and always more than what was said before: the same from whichever clock."""
    return tick.day if said is None else max(tick.day, said["version"] + 1)
