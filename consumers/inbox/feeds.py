"""What the bus says of the departments' feeds, as the county's page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from consumers.inbox.deadline import moment
from schemas.beijing import date_of
from schemas.departments import DEPARTMENTS


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
        published, applied: events; None while they cannot be read.
        read_at: when, ms; None before the first time.
        outcomes: what became of the events; None while nobody can say.

    """

    last: Mapping[str, Last] = field(default_factory=dict)
    published: int | None = None
    applied: int | None = None
    read_at: int | None = None
    outcomes: Mapping[str, int] | None = None


class FeedLine(NamedTuple):
    """A department's feed in words."""

    name: str
    delivered: str
    covers_to: str
    accepted: str
    rejected: str


def newest(last: dict[str, Last], deliveries: Iterable[Mapping[str, Any]]) -> dict[str, Last]:
    """Take further deliveries in; of two the later one is the newest."""
    for each in deliveries:
        known = last.get(each["department"])
        if known is None or each["delivered_at"] >= known.delivered_at:
            found = Last(each["delivered_at"], each["covers_to"], each["accepted"], each["rejected"])
            last = {**last, each["department"]: found}
    return last


def feed_lines(feeds: Feeds) -> list[FeedLine]:
    """One line for each department that ever delivered."""
    return [_line(each.name, feeds.last[each.code]) for each in DEPARTMENTS if each.code in feeds.last]


def never_delivered(feeds: Feeds) -> list[str]:
    """Names of the departments that never delivered."""
    return [each.name for each in DEPARTMENTS if each.code not in feeds.last]


def _line(name: str, last: Last) -> FeedLine:
    until = date_of(last.covers_to).strftime("%Y-%m-%d") if last.covers_to is not None else "未说明"
    return FeedLine(name, moment(last.delivered_at), until, str(last.accepted), str(last.rejected))
