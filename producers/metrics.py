"""All metrics of the producer programs. Labels are departments and codes, never people."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from schemas.departments import DEPARTMENTS

REGISTRY = CollectorRegistry()

READY = Gauge("alertbus_ready", "1 when the program does its work", registry=REGISTRY)
CPU_SECONDS = Gauge("alertbus_cpu_seconds_total", "CPU time used by the program", ["program"], registry=REGISTRY)
REQUESTS = Counter("alertbus_gateway_requests_total", "Requests answered", ["status"], registry=REGISTRY)
ROWS = Counter(
    "alertbus_gateway_rows_total", "Rows by what became of them", ["department", "result"], registry=REGISTRY
)
WRONG_KEYS = Counter("alertbus_gateway_wrong_keys_total", "Requests with a key that is none", registry=REGISTRY)
SECONDS = Histogram(
    "alertbus_gateway_seconds",
    "Time from a whole body to its receipt",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 5, 30),
    registry=REGISTRY,
)


def serve(port: int, program: str) -> int:
    """Serve the program's metrics on the loopback address; return the port (0 picks a free one)."""
    CPU_SECONDS.labels(program).set_function(time.process_time)
    for sender in ("register", *(d.code for d in DEPARTMENTS)):
        for result in ("accepted", "rejected"):
            ROWS.labels(sender, result)
    server, _ = start_http_server(port, addr="127.0.0.1", registry=REGISTRY)
    return int(server.server_port)
