"""python -m producers report: the pages, and the threads that send reports and read what became of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from socket import socket

import uvicorn

from producers.commands import county_key
from producers.gateway.door import Door
from producers.gateway.store import open_store as open_keys
from producers.patient import PatientProtocol
from producers.report.app import create_app
from producers.report.carrier import Carrier
from producers.report.desk import Desk
from producers.report.follower import Follower
from producers.report.gauges import Gauges
from producers.report.limits import Limits, Most
from producers.report.metrics import READY, serve
from producers.report.store import open_store
from producers.report.visit import Office
from producers.send import A_REQUEST, BusError, connect
from producers.settings import Settings
from producers.store_file import StoreNewerError
from schemas.failstop import NeedsAPersonError, stop


def run(settings: Settings) -> None:
    """Serve until SIGTERM.

    Raises:
        NeedsAPersonError: address, certificate, county key or store cannot be used.

    """
    if fault := settings.report.listening.fault():
        raise NeedsAPersonError(fault)
    try:
        key = county_key(settings.county_key_file)
        engine, keys = open_store(settings.report.store), open_keys(settings.store)
    except (BusError, StoreNewerError) as error:
        raise NeedsAPersonError(str(error)) from error
    carrier = Carrier(engine, partial(connect, settings.bootstrap_servers, A_REQUEST))
    desk = Desk(engine, key, Limits(Most(from_address=settings.report.from_address)), carrier.wake)
    office = Office(engine, keys, desk, Door(keys, settings.per_minute, _now), _now, settings.report.url)
    beside = (carrier, Follower(engine, settings.bootstrap_servers), Gauges(engine, _now))
    threads = [_started(each.run) for each in beside]
    serve(settings.metrics_port, settings.program)
    _Server(_config(settings, office)).run()
    for each in beside:
        each.stop()
    for thread in threads:
        thread.join(10)
    engine.dispose()
    keys.dispose()


def _config(settings: Settings, office: Office) -> uvicorn.Config:
    where, proxies = settings.report.listening, settings.report.proxies
    return uvicorn.Config(
        create_app(office),
        where.host,
        where.port,
        ssl_certfile=where.certificate,
        ssl_keyfile=where.private_key,
        http=PatientProtocol,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        log_config=None,
    )


def _started(work: Callable[[], None]) -> threading.Thread:
    """Thread that ends the program if anything unexpected happens in it."""

    def watched() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # whatever it is: reports would stand still unnoticed
            stop(error)

    thread = threading.Thread(target=watched, daemon=True)
    thread.start()
    return thread


def _now() -> int:
    return time.time_ns() // 1_000_000


class _Server(uvicorn.Server):
    """Says when it can be spoken to."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        READY.set(1)
