"""python -m producers gateway: the addresses, and the thread that reads what became of the rows."""

from __future__ import annotations

import gc
import resource
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

from producers.commands import county_key
from producers.gateway.app import Gateway, create_app
from producers.gateway.bus import Bus
from producers.gateway.bus_reader import bus_reader, forget
from producers.gateway.desk import Desk, Limits
from producers.gateway.door import Door
from producers.gateway.store import StoreNewerError, open_store
from producers.metrics import READY, serve
from producers.patient import PatientProtocol
from producers.send import BusError
from producers.settings import Settings
from producers.store_file import StoreError
from schemas.failstop import NeedsAPersonError, started
from schemas.recurring import Recurring
from schemas.serving import serve_app

_SCRATCH = "gateway.tmp"
_FORGET_SECONDS = 3600.0


def run(settings: Settings) -> None:
    """Serve until SIGTERM.

    Raises:
        NeedsAPersonError: address, certificate, county key or store cannot be used.

    """
    gateway, bus = _gateway(settings)
    forgetting = Recurring("old receipts", lambda: forget(gateway.engine, _now()), _FORGET_SECONDS, StoreError)
    beside = (bus_reader(gateway.engine, settings.bootstrap_servers), forgetting)
    threads = [started(each.run) for each in beside]
    _open_many_sockets()
    serve(settings.metrics_port, settings.program)
    gc.collect()
    gc.freeze()  # what stands since the start is left alone by the collector
    serve_app(create_app(gateway), settings.listening, partial(READY.set, 1), http=PatientProtocol, proxy_headers=False)
    for each in beside:
        each.stop()
    for thread in threads:
        thread.join(10)
    bus.close()
    gateway.engine.dispose()


def _gateway(settings: Settings) -> tuple[Gateway, Bus]:
    if fault := settings.listening.fault():
        raise NeedsAPersonError(fault)
    try:
        key = county_key(settings.county_key_file)
        engine = open_store(settings.store)
    except (BusError, StoreNewerError) as error:
        raise NeedsAPersonError(str(error)) from error
    limits = Limits(body_bytes=settings.body_bytes, per_minute=settings.per_minute)
    bus = Bus(settings.bootstrap_servers)
    desk = Desk(engine, bus, key, limits)
    tempfile.tempdir = str(_scratch(settings.data_dir))
    return Gateway(engine, desk, Door(engine, limits.per_minute, _now), limits, _now), bus


def _open_many_sockets() -> None:
    """Take as many file handles as this user may have: each idle connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _scratch(data_dir: Path) -> Path:
    """Folder of files while they are read, emptied: one that was killed may have left some."""
    folder = data_dir / _SCRATCH
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _now() -> int:
    return time.time_ns() // 1_000_000
