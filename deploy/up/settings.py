"""What `alertbus up` can be told, and the programs that it runs."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from deploy.up.ports import HOST, free_port
from deploy.up.program import Program, ProgramSpec
from schemas.listening import Listening

_READY = re.compile(rb"^alertbus_ready(?:\{[^}]*\})? 1(?:\.0)?$", re.MULTILINE)


Table = tuple[tuple[str, tuple[str, ...]], ...]
"""Name and command of each program."""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Where the inbox page listens on the loopback address, and the address under which people open it."""

    port: int
    url: str


@dataclass(frozen=True, slots=True)
class UpSettings:
    """What `alertbus up` can be told.

    Attributes:
        cluster: bootstrap servers of a cluster that runs already; None starts a broker.
        table: the programs, in order.
        metrics_port: of the supervisor, the programs follow; 0 takes free ones.
        inbox: None where the table has no inbox; `gateway` and `report` likewise.

    """

    data_dir: Path
    county_key_file: Path
    cluster: str | None
    table: Table
    broker_port: int = 0
    broker_heap: str = "1g"
    metrics_port: int = 0
    replication: int = 1
    min_in_sync: int = 1
    inbox: InboxPage | None = None
    gateway: Listening | None = None
    report: Listening | None = None


def shipped_programs(
    workers: int,
    *,
    clock: bool = True,
    township_side: bool = True,
    gateway: bool = False,
    database: bool = False,
    report: bool = False,
) -> Table:
    """Programs of this distribution: so many workers that read departments' and households' events, one of areas' few.

    Then those that townships deal with, and those by which departments' systems and the public send.
    """
    streams = (sys.executable, "-m", "streams")
    processors = [
        (f"{processor}-{number}", (*streams, processor))
        for processor in ("assign", "correlate")
        for number in range(1, workers + 1)
    ]
    processors.append(("area-1", (*streams, "area")))
    consumers = [(name, (sys.executable, "-m", "consumers", name)) for name in ("notify", "inbox")]
    ticking = [("clock", (*streams, "clock"))] if clock else []
    wanted = [name for name, asked in (("gateway", gateway), ("database", database), ("report", report)) if asked]
    producers = [(name, (sys.executable, "-m", "producers", name)) for name in wanted]
    return (*processors, *ticking, *(consumers if township_side else []), *producers)


def programs_of(settings: UpSettings, bootstrap_servers: str) -> list[Program]:
    """Programs of the table, not yet started."""
    programs = []
    for number, (name, command) in enumerate(settings.table, start=1):
        port = settings.metrics_port + number if settings.metrics_port else free_port()
        contract = {
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
            "ALERTBUS_DATA_DIR": str(settings.data_dir),
            "ALERTBUS_COUNTY_KEY_FILE": str(settings.county_key_file),
            "ALERTBUS_METRICS_PORT": str(port),
            "ALERTBUS_PROGRAM": name,
            **_told_of_page(settings.inbox),
            **{f"{where.prefix}_PORT": str(where.port) for where in (settings.gateway, settings.report) if where},
        }
        log = settings.data_dir / "logs" / f"{name}.log"
        programs.append(Program(ProgramSpec(name, command, contract, log, port, partial(says_ready, port))))
    return programs


def _told_of_page(page: InboxPage | None) -> dict[str, str]:
    return {"ALERTBUS_INBOX_PORT": str(page.port), "ALERTBUS_INBOX_URL": page.url} if page else {}


def says_ready(port: int) -> bool:
    """Whether the program's metrics say `alertbus_ready 1`."""
    try:
        with urlopen(f"http://{HOST}:{port}/metrics", timeout=2) as answer:
            return bool(_READY.search(answer.read()))
    except (OSError, HTTPException):
        return False
