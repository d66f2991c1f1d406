"""How long a worker needs until it works again, after it lost everything but the changelog.

The changelog is written with correct rows of households that have a membership, facts and some of them an alert,
through the real state table and sender, one ledger a batch.
Then correlate is started as shipped; its metrics tell the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psutil
from aiokafka import AIOKafkaProducer

from deploy.counts import scrape
from deploy.up.ports import free_port
from schemas.codec import decode
from schemas.fact import unpack_routed
from schemas.partition import partition_of
from schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLDS_CHANGELOG, MAX_BATCH_BYTES, PARTITIONS
from streams.activation import publish_shipped_rules
from streams.changelog import ENTITY, Copies, furthest, pack_row
from streams.correlate import Moment, Source, fold_fact, fold_membership, shipped
from streams.household import Household, due_day, pack
from streams.ledgers import Ledger
from streams.sending import Sender
from streams.state_table import Row, StateTable
from tests.bench.made_up_log import facts, household_id, memberships
from tests.bench.waiting import wait_until
from tests.live_broker import LiveBroker

_FACTS = 10
_PATTERNS = 500
_ROWS_AT_ONCE = 800


def bodies() -> list[bytes]:
    """State of some hundred households; the others are like them."""
    moment = Moment(shipped(), None, {})
    households = [Household() for _ in range(_PATTERNS)]
    for number, (_, _, value) in enumerate(memberships(_PATTERNS)):
        content = decode(value)[1]
        fold_membership(household_id(number), households[number], content, moment, Source("", 0, number, 0))
    for _, key, value in facts(_PATTERNS * _FACTS, _PATTERNS):
        routed = unpack_routed(decode(value)[1]["fact"])
        fold_fact(key.decode(), households[int(key[1:])], routed, moment, Source("", 0, 0, 0))
    return [pack_row(0, due_day(household), pack(household)) for household in households]


def rows_of(households: int) -> dict[int, list[Row]]:
    """Rows by partition."""
    patterns = bodies()
    rows: dict[int, list[Row]] = {number: [] for number in range(PARTITIONS)}
    for number in range(households):
        key = household_id(number).encode()
        rows[partition_of(key)].append((ENTITY + key, patterns[number % _PATTERNS]))
    return rows


async def write(servers: str, households: int) -> None:
    """Write the changelog."""
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, enable_idempotence=True, max_batch_size=MAX_BATCH_BYTES, max_request_size=4 << 20
    )
    await producer.start()
    table = StateTable(HOUSEHOLDS_CHANGELOG, lambda _: furthest)
    for number, rows in rows_of(households).items():
        partition = table.recovered(number, Copies(), 1)
        ledger = Ledger(HOUSEHOLD_EVENTS, number, offset=0, epoch=1, rule_set=shipped().hash).row()
        for part in _parts(rows):
            await table.write(partition, [*part, ledger], Sender(producer))
    await producer.stop()


def _parts(rows: list[Row]) -> Iterator[list[Row]]:
    rest = iter(rows)
    while part := list(islice(rest, _ROWS_AT_ONCE)):
        yield part


def recover(servers: str, folder: Path) -> dict[str, float]:
    """Start correlate and wait until it is ready: seconds by its own clock and by ours, rows, MB."""
    port = free_port()
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": servers,
        "ALERTBUS_DATA_DIR": str(folder),
        "ALERTBUS_METRICS_PORT": str(port),
        "ALERTBUS_PROGRAM": "correlate-1",
    }
    started = time.monotonic()
    with (folder / "correlate.log").open("wb") as log:
        command = (sys.executable, "-m", "streams", "correlate")
        child = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
    try:
        wait_until(lambda: _metric(port, "alertbus_ready") == 1, 300)
        wall = time.monotonic() - started
        return {
            "recovery_seconds": round(_metric(port, "alertbus_recovery_seconds"), 2),
            "wall_seconds": round(wall, 2),
            "rows": _metric(port, "alertbus_recovered_rows_total"),
            "cpu_seconds": round(sum(psutil.Process(child.pid).cpu_times()[:2]), 1),
            "rss_mb": round(psutil.Process(child.pid).memory_info().rss / 1e6),
        }
    finally:
        child.terminate()
        child.wait(60)


def _metric(port: int, name: str) -> float:
    try:
        return scrape(port).get((name, ()), 0.0)
    except OSError:
        return 0.0


def main() -> int:
    """Write, recover, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--json", help="write the figures to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="alertbus-recovery-") as name:
        broker = LiveBroker(Path(name))
        broker.start()
        try:
            servers = broker.declared()
            publish_shipped_rules(servers)
            asyncio.run(write(servers, options.households))
            figures = {"households": options.households, **recover(servers, Path(name))}
        finally:
            broker.stop()
    print(figures)
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
