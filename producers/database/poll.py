"""One poll of one feed: what is new goes out, and the cursor moves once the broker has confirmed it.

A process that is killed between the two sends the batch again, under the same ids: its effect is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Engine

from producers.database.config import Feed
from producers.database.cursors import Come, Cursors, Taken
from producers.database.reading import Record, pages, table_of
from producers.database.rows import content_of, looked_back, mark_of, position_of, read_back, row_of, written
from producers.message import Message
from producers.publish import Outcome, Run, Sends, delivery_message, event_messages
from schemas.beijing import day_of
from schemas.cells import Row
from schemas.faults import RowProblem


class Place(NamedTuple):
    """What a feed's polls work with: its name, the county key, its cursor and the bus."""

    name: str
    feed: Feed
    key: bytes
    cursors: Cursors
    bus: Sends


class Polled(NamedTuple):
    """Rows of a poll by what became of them."""

    accepted: int
    rejected: int
    repeated: int


class _Fresh(NamedTuple):
    row: Row
    position: str
    mark: bytes
    content: bytes


def poll(place: Place, engine: Engine, now: int) -> Polled:
    """Read what came since the last poll, and send it.

    Args:
        place: the feed's.
        engine: of its database.
        now: milliseconds.

    Raises:
        BusError: the bus gave up; what was confirmed until then is not sent again.
        ConfigError, BadPositionError, SQLAlchemyError: the table cannot be read.

    """
    name, feed, _, cursors, _ = place
    come = cursors.come(name)
    furthest = read_back(come.position) if come.position else None
    repeated = 0
    with engine.connect() as conn:
        since = looked_back(furthest, feed.overlap) if furthest is not None else None
        for page in pages(feed, table_of(feed, name, conn), conn, since):
            fresh = _not_seen(place, page)
            repeated += len(page) - len(fresh)
            last = position_of(page[-1][feed.order])
            furthest = last if furthest is None else max(furthest, last)
            if fresh:
                _take(place, fresh, written(furthest), now)
    return _end(place, cursors.come(name), now, repeated)


def _not_seen(place: Place, page: Iterable[Record]) -> list[_Fresh]:
    feed = place.feed
    found = []
    for record in page:
        row = row_of(record, feed.columns, feed.order)
        found.append(_Fresh(row, written(position_of(record[feed.order])), mark_of(row), content_of(row)))
    seen = place.cursors.seen(place.name, (mark for each in found for mark in (each.mark, each.content)))
    return [each for each in found if not seen & {each.mark, each.content}]


def _take(place: Place, fresh: list[_Fresh], furthest: str, now: int) -> None:
    if place.cursors.come(place.name).started is None:
        place.cursors.begin(place.name, now)
    come = place.cursors.come(place.name)
    to_messages = event_messages(_run(place, come.started or now), place.key)
    taken = []
    for number, each in enumerate(fresh, come.accepted + come.rejected + 1):
        result = to_messages(each.row, number)
        if isinstance(result, RowProblem):
            taken.append(Taken(number, each.position, each.content, result))
            continue
        _send(place, result)
        taken.append(Taken(number, each.position, each.mark))
    place.bus.confirm_all()
    place.cursors.advance(place.name, furthest, taken)


def _send(place: Place, messages: tuple[Message, ...]) -> None:
    for message in messages:
        place.bus.send(message)


def _end(place: Place, come: Come, now: int, repeated: int) -> Polled:
    """Send the record of a poll that had rows, or of the day's first that had none; forget what is out of sight."""
    if come.started is not None or come.delivered_day != day_of(now):
        counts = Come() if come.started is None else come
        refused = place.cursors.refused(place.name, come.started) if come.started is not None else []
        outcome = Outcome(counts.accepted, [RowProblem(0, "?", "", code) for code in refused])
        run = _run(place, come.started or now)
        place.bus.send(delivery_message(run, outcome, delivered_at=now))
        place.bus.confirm_all()
        place.cursors.delivered(place.name, day_of(now), _out_of_sight(place, come))
        return Polled(counts.accepted, counts.rejected, repeated)
    return Polled(0, 0, repeated)


def _out_of_sight(place: Place, come: Come) -> list[bytes]:
    """Marks that no poll can meet again."""
    if come.position is None:
        return []
    edge = looked_back(read_back(come.position), place.feed.overlap)
    return [mark for mark, position in place.cursors.marks(place.name) if read_back(position) < edge]  # type: ignore[operator]  # of one column


def _run(place: Place, started: int) -> Run:
    mark = hashlib.sha256(f"{place.name}|{started}".encode()).hexdigest()[:8]
    return Run(place.feed.department, started, "", source="poll", mark=mark)
