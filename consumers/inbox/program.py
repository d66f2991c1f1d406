"""python -m consumers inbox: the page, the thread that sends answers to the bus, and the one that watches the feeds."""

from __future__ import annotations

import gc
import time
from functools import partial
from pathlib import Path

from consumers.inbox.app import create_app
from consumers.inbox.bus_watch import BusWatch
from consumers.inbox.publisher import Publisher, producer_of
from consumers.inbox.visit import Office
from consumers.metrics import READY, serve
from consumers.roster import RosterError, read_roster
from consumers.settings import Settings
from consumers.store.book_key import BookKey, KeyFileError, NoKeyError, read_book_key
from consumers.store.database import open_store
from schemas.failstop import NeedsAPersonError, started
from schemas.serving import serve_app

HOST = "127.0.0.1"
"""Where the page listens unless it has a certificate of its own: people reach it through the county's TLS."""


def run(settings: Settings) -> None:
    """Serve until SIGTERM.

    Raises:
        NeedsAPersonError: address, certificate, roster or the key of the household book cannot be used.

    """
    if fault := settings.listening.fault():
        raise NeedsAPersonError(fault)
    _check_key(settings.book_key_file)
    engine = open_store(settings.database_url)
    publisher = Publisher(engine, partial(producer_of, settings.bootstrap_servers))
    watch = BusWatch(settings.bootstrap_servers, settings.data_dir)
    office = Office(
        engine=engine,
        now=lambda: time.time_ns() // 1_000_000,
        places=_places(settings),
        book_key=partial(_book_key, settings.book_key_file),
        feeds=watch.feeds,
        something_to_send=publisher.wake,
        url=settings.inbox_url,
        fund_pool=settings.fund_pool_yuan * 100,
    )
    threads = [started(publisher.run), started(watch.run)]
    serve(settings.metrics_port, settings.program)
    app = create_app(office)
    settle_memory()
    serve_app(app, settings.listening, partial(READY.set, 1))
    publisher.stop()
    watch.stop()
    for thread in threads:
        thread.join(10)
    engine.dispose()


def settle_memory() -> None:
    """Have Python's collector leave alone what stands since the start: it took 30 ms in the middle of some page."""
    gc.collect()
    gc.freeze()


def _places(settings: Settings) -> dict[str, str]:
    if settings.roster is None:
        return {}
    try:
        return dict(read_roster(settings.roster.read_text(encoding="utf-8")).names)
    except (OSError, RosterError) as error:
        raise NeedsAPersonError(f"the roster {settings.roster} cannot be used: {error}") from error


def _book_key(file: Path) -> BookKey | None:
    """What opens the household book; until one is loaded there is no key, and the page says what to do."""
    try:
        return read_book_key(file)
    except NoKeyError:
        return None


def _check_key(file: Path) -> None:
    try:
        _book_key(file)
    except KeyFileError as error:
        raise NeedsAPersonError(str(error)) from error
