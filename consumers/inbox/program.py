"""python -m consumers inbox: the page, the thread that sends answers to the bus, and the one that watches the feeds."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from socket import socket

import uvicorn

from consumers.inbox.app import create_app
from consumers.inbox.bus_watch import BusWatch
from consumers.inbox.publisher import Publisher, producer_of
from consumers.inbox.visit import Office
from consumers.metrics import READY, serve
from consumers.roster import RosterError, read_roster
from consumers.settings import Settings
from consumers.store.book_key import BookKey, KeyFileError, NoKeyError, read_book_key
from consumers.store.database import open_store
from schemas.failstop import NeedsAPersonError, stop
from schemas.listening import Listening

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
    threads = [_started(publisher.run), _started(watch.run)]
    serve(settings.metrics_port, settings.program)
    config = _config(office, settings.listening)
    settle_memory()
    _Server(config).run()
    publisher.stop()
    watch.stop()
    for thread in threads:
        thread.join(10)
    engine.dispose()


def _config(office: Office, where: Listening) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(office),
        where.host,
        where.port,
        ssl_certfile=where.certificate,
        ssl_keyfile=where.private_key,
        access_log=False,
        server_header=False,
        log_config=None,
    )


def settle_memory() -> None:
    """Have Python's collector leave alone what stands since the start: it took 30 ms in the middle of some page."""
    gc.collect()
    gc.freeze()


class _Server(uvicorn.Server):
    """Says when the page can be opened."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        READY.set(1)


def _started(work: Callable[[], None]) -> threading.Thread:
    """Thread that ends the program if anything unexpected happens in it."""

    def watched() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # whatever it is: a half-working page would keep answers back
            stop(error)

    thread = threading.Thread(target=watched, daemon=True)
    thread.start()
    return thread


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
