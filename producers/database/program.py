"""The shell: all feeds of `database.toml`, one after the other, until SIGTERM."""

from __future__ import annotations

import logging
import signal
import time
from threading import Event

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from producers.commands import county_key
from producers.database.config import FILE, ConfigError, read_feeds
from producers.database.cursors import Cursors
from producers.database.metrics import FURTHEST, POLLS, READY, ROWS, serve
from producers.database.poll import Place, poll
from producers.database.reading import connect
from producers.database.rows import BadPositionError
from producers.publish import topics_of
from producers.send import BusError
from producers.send import connect as connect_bus
from producers.settings import Settings
from schemas.failstop import NeedsAPersonError

LONGEST_WAIT_S = 60.0
log = logging.getLogger(__name__)


class _Turn:
    """When a feed is polled next."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.engine: Engine = connect(place.feed)
        self.due = 0.0
        self._failed = 0

    def take(self) -> None:
        """Poll once; a database that is away is tried again later and later."""
        name = self.place.name
        try:
            polled = poll(self.place, self.engine, time.time_ns() // 1_000_000)
        except DBAPIError as error:
            self._failed += 1
            POLLS.labels(name, "away").inc()
            log.warning("feed %s: the database does not answer (%s)", name, type(error).__name__)
            self.due = time.monotonic() + min(2.0 ** (self._failed - 1), LONGEST_WAIT_S)
            return
        self._failed = 0
        POLLS.labels(name, "done").inc()
        FURTHEST.labels(name).set_to_current_time()
        for outcome, count in polled._asdict().items():
            ROWS.labels(name, outcome).inc(count)
        if polled.accepted or polled.rejected:
            log.info("feed %s: %d accepted, %d rejected", name, polled.accepted, polled.rejected)
        self.due = time.monotonic() + self.place.feed.every_seconds


def run(settings: Settings) -> None:
    """Poll until told to stop.

    Raises:
        NeedsAPersonError: configuration or key are not fit.
        BusError: the bus gave up; the restart goes on where the cursor stands.

    """
    told_to_stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_stop.set())
    try:
        feeds = read_feeds(settings.data_dir / FILE)
        key = county_key(settings.county_key_file)
    except (ConfigError, BusError) as error:
        raise NeedsAPersonError(str(error)) from error
    serve(settings.metrics_port, settings.program, feeds)
    cursors = Cursors(settings.data_dir / "database.db")
    with connect_bus(settings.bootstrap_servers) as bus:
        bus.expect_topics({topic for feed in feeds.values() for topic in topics_of(feed.department)})
        turns = [_Turn(Place(name, feed, key, cursors, bus)) for name, feed in feeds.items()]
        READY.set(1)
        _go_round(turns, told_to_stop)
    cursors.close()


def _go_round(turns: list[_Turn], told_to_stop: Event) -> None:
    while not told_to_stop.is_set():
        for turn in turns:
            if turn.due <= time.monotonic() and not told_to_stop.is_set():
                try:
                    turn.take()
                except (ConfigError, BadPositionError) as error:
                    raise NeedsAPersonError(str(error)) from error
        nearest = min((turn.due for turn in turns), default=time.monotonic() + LONGEST_WAIT_S)
        told_to_stop.wait(max(nearest - time.monotonic(), 0.01))
