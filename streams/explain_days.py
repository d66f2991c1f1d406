"""Which records of a partition had come by the end of a Beijing day. Pure: where a day ends follows from the log alone.

A day ends at the first tick of a later one, and at the first record that the broker received after midnight. Of a day
that was over before the log began, only ticks know (a year played in a minute, for a demo or a test): it ends with the
last tick that is not later than the day. Once a day has ended nothing that comes after changes what belongs to it
(docs/decisions/0014).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schemas.beijing import day_of, start_of
from streams.household_records import Item

_TICK = "tick"


class Arrived(NamedTuple):
    """A record of household.events.

    Attributes:
        timestamp: of Kafka, ms.
        concerns: it is the household's, or a tick, or an activation; of others only the time counts.
        item: what it says; None where it does not concern the household.

    """

    offset: int
    timestamp: int
    item: Item | None = None
    size: int = 0

    @property
    def tick(self) -> int | None:
        """Day of a tick; None for anything else."""
        return int(self.item[1]["day"]) if isinstance(self.item, tuple) and self.item[0] == _TICK else None


class Heard(NamedTuple):
    """What had come by the end of a day.

    Attributes:
        records: those that concern the household.
        day: the day; where none was asked for, that of the newest record or tick.
        over: whether the log has gone beyond it, so that nothing is added any more.
        first: offset of the first record that is kept; `since` its timestamp, None for an empty log.

    """

    records: list[Arrived]
    day: int
    over: bool
    first: int
    since: int | None


def heard_by(records: Iterable[Arrived], day: int | None) -> Heard:
    """Take a partition's records from its start up to the end of a day; all of them where no day is given."""
    kept: list[Arrived] = []
    first = since = last = None
    reached, closed, over = 0, 0, False
    for record in records:
        if since is None:
            first, since = record.offset, record.timestamp
        if day is not None and _is_later(record, day, since):
            over = True
            break
        reached = max(reached, record.tick or 0, day_of(record.timestamp))
        if record.item is not None:
            kept.append(record)
        if record.tick is not None and (last is None or record.tick > last):
            last, closed = record.tick, len(kept)
    if day is not None and since is not None and since >= start_of(day + 1):
        kept, over = kept[:closed], over or last == day
    return Heard(kept, reached if day is None else day, over, first or 0, since)


def _is_later(record: Arrived, day: int, since: int) -> bool:
    """Whether a record shows that the day is over; `since` is when the log began, ms."""
    if record.tick is not None and record.tick > day:
        return True
    return since < start_of(day + 1) <= record.timestamp
