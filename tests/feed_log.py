"""The log of a bus as far as feeds go, and clocks that read and write it: without a broker, to be killed anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from schemas.beijing import start_of
from schemas.codec import Record
from schemas.feed_calendar import FeedCalendar, shipped_calendar
from schemas.topics import AREA_ALERTS, DELIVERIES, TOWNSHIP_EVENTS
from streams.clock import days_due
from streams.feed_lateness import Feeds, news
from streams.subject import Source

_TOPICS = {"delivery": DELIVERIES, "tick": TOWNSHIP_EVENTS, "area_alert": AREA_ALERTS}


@dataclass
class FeedLog:
    """All records in the order of their coming."""

    records: list[tuple[str, Record, Source]] = field(default_factory=list)

    def put(self, name: str, content: Record, at: int = 0) -> None:
        self.records.append((name, content, Source(_TOPICS[name], 0, len(self.records), at)))

    def deliver(self, department: str, day: int, covers_to: int | None = None) -> None:
        """A delivery of a day; an empty one counts like any other."""
        at = start_of(day)
        self.put("delivery", {"department": department, "delivered_at": at, "covers_to": covers_to, "accepted": 0}, at)

    @property
    def versions(self) -> list[Record]:
        """Versions of alerts, as they came."""
        return [content for name, content, _ in self.records if name == "area_alert"]

    def known(self) -> dict[str, Record]:
        """What a receiver knows that ignores versions at or below the highest it has seen."""
        known: dict[str, Record] = {}
        for each in self.versions:
            if each["version"] > known.get(each["alert_id"], {"version": -1})["version"]:
                known[each["alert_id"]] = each
        return known

    def standing(self) -> dict[str, str]:
        """Department -> last day of the period that the county knows it owes."""
        found = [each["subjects"] for each in self.known().values() if each["status"] == "ALERTED"]
        assert len({department for department, _ in found}) == len(found), "two alerts of one department"
        return dict(found)


@dataclass
class FeedClock:
    """A clock at work; another one is one that was started again."""

    log: FeedLog
    calendar: FeedCalendar = field(default_factory=shipped_calendar)
    feeds: Feeds = field(default_factory=Feeds)
    read_to: int = 0
    in_hand: list[Record] = field(default_factory=list)

    def read(self) -> None:
        for record in self.log.records[self.read_to :]:
            self.feeds.take(*record)
        self.read_to = len(self.log.records)

    def tick(self, today: int, *, jump: bool = True) -> None:
        """Tick what is due up to a day; or only that day, as by hand."""
        self.read()
        last = self.feeds.tick.day if self.feeds.tick else None
        due = ([today] if last is None or today > last else []) if jump else days_due(last, today)
        for day in due:
            tick: dict[str, Any] = {"day": day, "positions": dict(self.feeds.positions), "written_at": start_of(day)}
            self.log.put("tick", tick, start_of(day))

    def look(self) -> None:
        """Read, and take in hand what has to be told."""
        self.read()
        self.in_hand = news(self.calendar, self.feeds)

    def send(self) -> int:
        """Send what is in hand, however long ago it was worked out."""
        for each in self.in_hand:
            self.log.put("area_alert", each)
        sent, self.in_hand = len(self.in_hand), []
        return sent

    def tell(self) -> int:
        self.look()
        return self.send()
