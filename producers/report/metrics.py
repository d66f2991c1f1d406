"""Metrics of the report program. Labels are states and codes, never people, households or places."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from producers.report.refusals import REFUSALS

REGISTRY = CollectorRegistry()

READY = Gauge("alertbus_ready", "1 when the program does its work", registry=REGISTRY)
CPU_SECONDS = Gauge("alertbus_cpu_seconds_total", "CPU time used by the program", ["program"], registry=REGISTRY)
REQUESTS = Counter("alertbus_report_requests_total", "Requests answered", ["status"], registry=REGISTRY)
TURNED_AWAY = Counter("alertbus_report_turned_away_total", "Requests refused", ["reason"], registry=REGISTRY)
REPORTS = Gauge("alertbus_reports", "Reports by where they stand", ["state"], registry=REGISTRY)
OVERDUE = Gauge("alertbus_reports_overdue", "Reports for which a day has passed", ["step"], registry=REGISTRY)
UNSENT = Gauge("alertbus_report_unsent", "Records that the bus does not have yet", registry=REGISTRY)
UNSENT_SECONDS = Gauge("alertbus_report_unsent_seconds", "How long the first of them waits", registry=REGISTRY)


def serve(port: int, program: str) -> None:
    """Serve the program's metrics on the loopback address; port 0 picks a free one."""
    CPU_SECONDS.labels(program).set_function(time.process_time)
    for reason in REFUSALS:
        TURNED_AWAY.labels(reason)
    start_http_server(port, addr="127.0.0.1", registry=REGISTRY)
