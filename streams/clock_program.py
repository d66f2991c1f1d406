"""clock: writes a tick for each Beijing calendar day, catches up after an outage, and tells the county who is late."""

from __future__ import annotations

import logging
import signal
import threading
import time

from kafka.errors import KafkaError

from schemas.beijing import date_of, day_of
from schemas.failpoints import Failpoints
from schemas.failstop import NeedsAPersonError
from streams.clock import JumpTooLargeError, days_due
from streams.failpoints import TICKED
from streams.metrics import READY, Sample, serve
from streams.settings import Settings
from streams.ticking import Ticker

LOOK_SECONDS = 20.0
log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Tick until SIGTERM.

    Raises:
        NeedsAPersonError: more than 30 days are missing.

    """
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    ticker = Ticker(settings.bootstrap_servers)
    serve(settings.metrics_port, settings.program, lambda: _samples(ticker))
    failpoints = Failpoints(settings.failpoints, settings.program)
    READY.set(1)
    while True:
        _tick(ticker, failpoints)
        if ended.wait(LOOK_SECONDS):
            break
    ticker.close()


def _tick(ticker: Ticker, failpoints: Failpoints) -> None:
    try:
        ticker.read()
        for day in days_due(ticker.last, day_of(time.time_ns() // 1_000_000)):
            ticker.write(day)
            log.info("tick %s", date_of(day))
            failpoints.reach(TICKED)
        if changed := ticker.tell():
            log.info("%s alerts of late feeds changed", changed)
    except JumpTooLargeError as error:
        raise NeedsAPersonError(str(error)) from error
    except KafkaError as error:  # the broker is away: look again in a while
        log.warning("broker: %r", error)


def _samples(ticker: Ticker) -> dict[str, list[Sample]]:
    return {
        "alertbus_feed_days_late": [((code,), days) for code, days in ticker.days_late.items()],
        "alertbus_unaccounted_rows": [((code,), rows) for code, rows in ticker.unaccounted.items()],
    }
