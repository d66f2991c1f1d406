"""What the bus says of the departments' feeds, as the county's page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from consumers.inbox.deadline import moment
from consumers.store.area_alerts import StoredArea
from schemas.beijing import date_of, day_number
from schemas.departments import DEPARTMENTS, Department
from schemas.feed_calendar import shipped_calendar


class Last(NamedTuple):
    """A department's newest delivery; see schemas/delivery.avsc."""

    delivered_at: int
    covers_to: int | None
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Feeds:
    """What was read from the bus.

    Attributes:
        last: newest delivery by department.
        positions: department -> day up to which its feed is complete.
        published, applied: events; None while they cannot be read.
        read_at: when, ms; None before the first time.
        outcomes: what became of the events; None while nobody can say.

    """

    last: Mapping[str, Last] = field(default_factory=dict)
    published: int | None = None
    applied: int | None = None
    read_at: int | None = None
    outcomes: Mapping[str, int] | None = None
    positions: Mapping[str, int] = field(default_factory=dict)


class FeedLine(NamedTuple):
    """A department's feed in words; `late` is empty where it is not."""

    name: str
    delivered: str
    received: str
    covers_to: str
    due: str
    late: str


def newest(last: dict[str, Last], deliveries: Iterable[Mapping[str, Any]]) -> dict[str, Last]:
    """Take further deliveries in; of two the later one is the newest."""
    for each in deliveries:
        known = last.get(each["department"])
        if known is None or each["delivered_at"] >= known.delivered_at:
            found = Last(each["delivered_at"], each["covers_to"], each["accepted"], each["rejected"])
            last = {**last, each["department"]: found}
    return last


def periods_owed(alerts: Iterable[StoredArea]) -> dict[str, int]:
    """Department -> last day of the earliest period it owes, by the alerts of late feeds that stand."""
    owed = (alert.content["subjects"] for alert in alerts)
    return {department: day_number(date.fromisoformat(end)) for department, end in owed}


def feed_lines(feeds: Feeds, owed: Mapping[str, int], today: int) -> list[FeedLine]:
    """One line for each department that ever delivered, or owes a delivery."""
    return [_line(each, feeds, owed, today) for each in DEPARTMENTS if each.code in {*feeds.last, *owed}]


def never_delivered(feeds: Feeds, owed: Iterable[str] = ()) -> list[str]:
    """Names of the departments that never delivered, and owe nothing yet."""
    return [each.name for each in DEPARTMENTS if each.code not in {*feeds.last, *owed}]


def _line(department: Department, feeds: Feeds, owed: Mapping[str, int], today: int) -> FeedLine:
    code, calendar = department.code, shipped_calendar()
    last, position, end = feeds.last.get(code), feeds.positions.get(code), owed.get(code)
    due = calendar.due(code, end) if end is not None else position and calendar.next_due(code, position)
    late = 0 if end is None else max(today - calendar.borne_until(code, end), 1)
    return FeedLine(
        department.name,
        moment(last.delivered_at) if last else "从未推送",
        f"收 {last.accepted}，退 {last.rejected}" if last else "",
        (_day(last.covers_to) if last.covers_to is not None else "未说明") if last else "",
        _day(due) if due else "随时",
        f"迟到{late}天" if late else "",
    )


def _day(day: int) -> str:
    return f"{date_of(day):%Y-%m-%d}"
