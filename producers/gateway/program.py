"""python -m producers gateway: the addresses, and the thread that reads what became of the rows."""

from __future__ import annotations

import gc
import resource
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from socket import socket

import uvicorn

from producers.commands import county_key
from producers.gateway.app import Gateway, create_app
from producers.gateway.bus import Bus
from producers.gateway.bus_reader import BusReader
from producers.gateway.desk import Desk, Limits
from producers.gateway.door import Door
from producers.gateway.store import StoreNewerError, open_store
from producers.metrics import READY, serve
from producers.patient import PatientProtocol
from producers.send import BusError
from producers.settings import Settings
from schemas.failstop import NeedsAPersonError, stop

_SCRATCH = "gateway.tmp"


def run(settings: Settings) -> None:
    """Serve until SIGTERM.

    Raises:
        NeedsAPersonError: address, certificate, county key or store cannot be used.

    """
    gateway, bus = _gateway(settings)
    reader = BusReader(gateway.engine, settings.bootstrap_servers, _now)
    reading = _started(reader.run)
    _open_many_sockets()
    serve(settings.metrics_port, settings.program)
    gc.collect()
    gc.freeze()  # what stands since the start is left alone by the collector
    _Server(_config(settings, gateway)).run()
    reader.stop()
    reading.join(10)
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


def _config(settings: Settings, gateway: Gateway) -> uvicorn.Config:
    where = settings.listening
    return uvicorn.Config(
        create_app(gateway),
        where.host,
        where.port,
        ssl_certfile=where.certificate,
        ssl_keyfile=where.private_key,
        http=PatientProtocol,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,
    )


def _started(work: Callable[[], None]) -> threading.Thread:
    """Thread that ends the program if anything unexpected happens in it."""

    def watched() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # whatever it is: receipts would stand still unnoticed
            stop(error)

    thread = threading.Thread(target=watched, daemon=True)
    thread.start()
    return thread


def _scratch(data_dir: Path) -> Path:
    """Folder of files while they are read, emptied: one that was killed may have left some."""
    folder = data_dir / _SCRATCH
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _now() -> int:
    return time.time_ns() // 1_000_000


class _Server(uvicorn.Server):
    """Says when it can be spoken to."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        READY.set(1)
