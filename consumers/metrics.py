"""All metrics of the consumer programs. Labels are never households or persons."""

from __future__ import annotations

import time
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from consumers.channels import CHANNELS
from consumers.delivery import OUTCOMES
from consumers.stages import STAGES
from consumers.store.tasks import KINDS

REGISTRY = CollectorRegistry()

READY = Gauge("alertbus_ready", "1 when the program does its work", registry=REGISTRY)
CPU_SECONDS = Gauge("alertbus_cpu_seconds_total", "CPU time used by the program", ["program"], registry=REGISTRY)
LAG = Gauge("alertbus_lag_records", "Records not yet processed", ["group", "topic", "partition"], registry=REGISTRY)
OLDEST_UNPROCESSED = Gauge(
    "alertbus_oldest_unprocessed_seconds", "Age of the oldest record not yet processed", registry=REGISTRY
)
NOTIFICATIONS = Counter(
    "alertbus_notifications_total", "Attempts to tell somebody", ["channel", "kind", "outcome"], registry=REGISTRY
)
UNROUTABLE = Counter(
    "alertbus_unroutable_alerts_total",
    "Changes of alerts of which the county was told for want of anybody else",
    registry=REGISTRY,
)
PUSHED = Counter(
    "alertbus_pushed_changes_total",
    "Changes of alerts that went out to a township, neither held back nor only restored",
    ["township"],
    registry=REGISTRY,
)
PENDING = Gauge("alertbus_deliveries_pending", "Messages that still have to be sent", registry=REGISTRY)
STORED_ALERTS = Gauge(
    "alertbus_stored_alerts", "Alerts by their newest version's level and state", ["level", "status"], registry=REGISTRY
)
FUNNEL = Gauge("alertbus_funnel", "From records to verdicts: wholes, and their parts", ["step"], registry=REGISTRY)
RED_UNSEEN = Gauge("alertbus_red_unacknowledged_alerts", "Red alerts of which nobody has taken note", registry=REGISTRY)
RED_UNSEEN_OLDEST = Gauge(
    "alertbus_red_unacknowledged_oldest_seconds", "How long the oldest of them has been red", registry=REGISTRY
)
UNREADABLE = Counter(
    "alertbus_unreadable_alerts_total", "Records of the alerts topic that went to dead letters", registry=REGISTRY
)
OUTBOX_WAITING = Gauge("alertbus_outbox_actions", "Answers not yet acknowledged by the bus", registry=REGISTRY)
OUTBOX_OLDEST = Gauge("alertbus_outbox_oldest_seconds", "Age of the oldest of them", registry=REGISTRY)
STAGE_SECONDS = Histogram(
    "alertbus_stage_seconds",
    "Time from one stage to the next",
    ["stage"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 60, 3600, 86_400, 2_592_000),
    registry=REGISTRY,
)


def serve(port: int, program: str) -> int:
    """Serve the program's metrics on the loopback address; return the port (0 picks a free one)."""
    CPU_SECONDS.labels(program).set_function(time.process_time)
    server, _ = start_http_server(port, addr="127.0.0.1", registry=REGISTRY)
    return int(server.server_port)


def show_all_outcomes(places: Iterable[str]) -> None:
    """Show every series from the start, so that the first of its kind is a rise and not a beginning.

    `places` are the townships that are listed, and the county.
    """
    for place in places:
        PUSHED.labels(place)
    for stage in STAGES:
        STAGE_SECONDS.labels(stage)
    for channel in CHANNELS:
        for kind in KINDS:
            for outcome in OUTCOMES:
                NOTIFICATIONS.labels(channel, kind, outcome)
