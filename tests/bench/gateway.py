"""Rows over HTTP: how many a second in batches, and how long a sender waits for its receipt at half of the target.

Broker, gateway and load share the machine. First closed-loop: a few senders, one batch after the other. Then open-loop:
batch i is due at start + i / rate whatever happens, and its time counts from then.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.gateways import lines_of
from tests.live_broker import LiveBroker
from tests.live_gateway import LiveGateway, gateway_on
from tests.rows import KEY, LATELY, fee

ADDRESS, MEDIA = "/v1/events/education", "application/x-ndjson"
TARGET_ROWS, TARGET_P99_MS = 3_000, 300
_SETTINGS = {"ALERTBUS_GATEWAY_REQUESTS": "1000000"}


class Load(NamedTuple):
    """What is sent."""

    rows: int
    senders: int
    seconds: float


class Client:
    """Sends batches of fresh rows; threads may share it."""

    def __init__(self, gateway: LiveGateway, rows: int) -> None:
        headers = {"authorization": f"Bearer {gateway.key('education')}", "content-type": MEDIA}
        self._http = httpx.Client(base_url=gateway.url, headers=headers, timeout=60, trust_env=False)
        self._numbers = count()
        self._rows = rows

    def batch(self) -> str:
        first = next(self._numbers) * self._rows
        return lines_of(fee(number, occurred_at=LATELY) for number in range(first, first + self._rows))

    def send(self, batch: str) -> None:
        answer = self._http.post(ADDRESS, content=batch)
        assert answer.status_code == 202, answer.text


def closed_loop(client: Client, load: Load) -> float:
    """Rows a second."""
    end = time.monotonic() + load.seconds

    def go_on(_: int) -> int:
        sent = 0
        while time.monotonic() < end:
            client.send(client.batch())
            sent += 1
        return sent

    began = time.monotonic()
    with ThreadPoolExecutor(load.senders) as pool:
        batches = sum(pool.map(go_on, range(load.senders)))
    return batches * load.rows / (time.monotonic() - began)


def open_loop(client: Client, load: Load, rate: float) -> list[float]:
    """Milliseconds from due to receipt, sorted."""
    batches = [client.batch() for _ in range(int(load.seconds * rate / load.rows))]
    start = time.monotonic() + 0.5

    def on_time(number: int) -> float:
        due = start + number * load.rows / rate
        if (early := due - time.monotonic()) > 0:
            time.sleep(early)
        client.send(batches[number])
        return (time.monotonic() - due) * 1000

    with ThreadPoolExecutor(16) as pool:
        return sorted(pool.map(on_time, range(len(batches))))


def with_gateway(measure: Callable[[LiveGateway], bool]) -> bool:
    """Run a measurement on a broker and a gateway of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "county.key").write_bytes(KEY)
        live = LiveBroker(folder / "broker")
        live.start()
        try:
            with gateway_on(live.declared(), folder / "county.key", folder, _SETTINGS) as gateway:
                return measure(gateway)
        finally:
            live.stop()


def measured(gateway: LiveGateway, load: Load) -> bool:
    """Measure and print; whether both targets are met."""
    client = Client(gateway, load.rows)
    closed_loop(client, load._replace(seconds=3))
    rows = closed_loop(client, load)
    times = open_loop(client, load, TARGET_ROWS / 2)
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    print(f"{load.senders} senders, batches of {load.rows}: {rows:,.0f} rows/s (target {TARGET_ROWS:,})")
    print(f"at {TARGET_ROWS / 2:,.0f} rows/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms (target {TARGET_P99_MS} ms)")
    return rows >= TARGET_ROWS and p99 < TARGET_P99_MS


def main() -> int:
    """Exit 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100, help="a batch")
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    load = Load(given.rows, given.senders, given.seconds)
    return 0 if with_gateway(lambda gateway: measured(gateway, load)) else 1


if __name__ == "__main__":
    sys.exit(main())
