"""Metrics of the database feed. Labels are names of feeds, never people."""

from __future__ import annotations

import time
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

REGISTRY = CollectorRegistry()

READY = Gauge("alertbus_ready", "1 when the program does its work", registry=REGISTRY)
CPU_SECONDS = Gauge("alertbus_cpu_seconds_total", "CPU time used by the program", ["program"], registry=REGISTRY)
ROWS = Counter("alertbus_database_rows_total", "Rows by what became of them", ["feed", "outcome"], registry=REGISTRY)
POLLS = Counter("alertbus_database_polls_total", "Polls: done, or away", ["feed", "outcome"], registry=REGISTRY)
FURTHEST = Gauge("alertbus_database_polled_seconds", "Time of the last poll that was done", ["feed"], registry=REGISTRY)


def serve(port: int, program: str, feeds: Iterable[str]) -> None:
    """Serve the program's metrics on the loopback address; port 0 picks a free one."""
    CPU_SECONDS.labels(program).set_function(time.process_time)
    for feed in feeds:
        for outcome in ("accepted", "rejected", "repeated"):
            ROWS.labels(feed, outcome)
        for outcome in ("done", "away"):
            POLLS.labels(feed, outcome)
    start_http_server(port, addr="127.0.0.1", registry=REGISTRY)
