"""python -m producers report: the pages, and the threads that send reports and read what became of them."""

from __future__ import annotations

import time
from functools import partial

from producers.commands import county_key
from producers.gateway.door import Door
from producers.gateway.store import open_store as open_keys
from producers.patient import PatientProtocol
from producers.report import gauges
from producers.report.app import create_app
from producers.report.carrier import Carrier
from producers.report.desk import Desk
from producers.report.follower import follower
from producers.report.limits import Limits, Most
from producers.report.metrics import READY, serve
from producers.report.store import open_store
from producers.report.visit import Office
from producers.send import A_REQUEST, BusError, connect
from producers.settings import Settings
from producers.store_file import StoreError, StoreNewerError
from schemas.failstop import NeedsAPersonError, started
from schemas.recurring import Recurring
from schemas.serving import serve_app

_SHOW_SECONDS = 5.0


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
    showing = Recurring("counts of reports", lambda: gauges.show(engine, _now()), _SHOW_SECONDS, StoreError)
    beside = (carrier, follower(engine, settings.bootstrap_servers), showing)
    threads = [started(each.run) for each in beside]
    serve(settings.metrics_port, settings.program)
    proxies = settings.report.proxies
    serve_app(
        create_app(office),
        settings.report.listening,
        partial(READY.set, 1),
        http=PatientProtocol,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
    )
    for each in beside:
        each.stop()
    for thread in threads:
        thread.join(10)
    engine.dispose()
    keys.dispose()


def _now() -> int:
    return time.time_ns() // 1_000_000
