"""`alertbus tick --at DATE`: a tick by hand, for demos, tests, and an operator after a long outage."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path

import click

from schemas.beijing import day_number
from schemas.bus import BusNotFoundError, find_bus

WAIT_SECONDS = 600
_LOOK_SECONDS = 0.2


@click.command()
@click.option("--at", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Beijing calendar day; may jump.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def tick(at: datetime, data_dir: Path | None, *, as_json: bool) -> None:
    """Write the tick of a day, once assign has read all there is."""
    try:
        bus = find_bus(os.environ, data_dir)
    except BusNotFoundError as error:
        print(f"alertbus tick: {error}", file=sys.stderr)
        sys.exit(2)
    day = day_number(at.date())
    if not _assign_has_read_all(bus.bootstrap_servers):
        print(f"alertbus tick: assign is still behind after {WAIT_SECONDS} s; see `alertbus status`", file=sys.stderr)
        sys.exit(1)
    last = _write(bus.bootstrap_servers, day)
    if last is not None and day <= last:
        print(f"alertbus tick: {at:%Y-%m-%d} is not after the last tick: nothing written", file=sys.stderr)
        return
    print(json.dumps({"day": f"{at:%Y-%m-%d}"}) if as_json else f"{at:%Y-%m-%d} 已写入日切记录")


def _assign_has_read_all(servers: str) -> bool:
    from streams.lag import lag_of, read_positions  # kafka-python: not paid for by --help

    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if not any(lag_of(read_positions(servers))["assign"].values()):
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _write(servers: str, day: int) -> int | None:
    """Write the tick unless one as late was written, and tell who is late; the day of the tick before."""
    from streams.ticking import Ticker  # as above

    ticker = Ticker(servers)
    try:
        ticker.read()
        last = ticker.last
        if last is None or day > last:
            ticker.write(day)
        ticker.tell()
        return last
    finally:
        ticker.close()
