"""clock: writes a tick for each Beijing calendar day, and catches up after an outage."""

from __future__ import annotations

import logging
import signal
import threading
import time

from kafka.errors import KafkaError

from schemas.beijing import date_of, day_of
from streams.clock import JumpTooLargeError, days_due
from streams.failstop import NeedsAPersonError
from streams.metrics import READY, serve
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
    serve(settings.metrics_port, settings.program, dict)
    ticker = Ticker(settings.bootstrap_servers)
    READY.set(1)
    while True:
        _tick(ticker)
        if ended.wait(LOOK_SECONDS):
            break
    ticker.close()


def _tick(ticker: Ticker) -> None:
    try:
        ticker.read()
        for day in days_due(ticker.last, day_of(time.time_ns() // 1_000_000)):
            ticker.write(day)
            log.info("tick %s", date_of(day))
    except JumpTooLargeError as error:
        raise NeedsAPersonError(str(error)) from error
    except KafkaError as error:  # the broker is away: look again in a while
        log.warning("broker: %r", error)
