"""All metrics of the stream programs. Counts of events are exported from ledgers, so they are exact after any kill."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()

READY = Gauge("alertbus_ready", "1 when the program works on its partitions", registry=REGISTRY)
RECOVERED_ROWS = Counter(
    "alertbus_recovered_rows_total", "Changelog rows read while rebuilding state", registry=REGISTRY
)
RECOVERY_SECONDS = Gauge("alertbus_recovery_seconds", "Length of the last recovery", registry=REGISTRY)
REBALANCES = Counter("alertbus_rebalances_total", "Assignments of partitions", registry=REGISTRY)
BATCH_RECORDS = Histogram(
    "alertbus_batch_records",
    "Records of a processed batch",
    buckets=(1, 10, 100, 500, 1000, 2000, 5000, 10_000),
    registry=REGISTRY,
)
STAGE_SECONDS = Histogram(
    "alertbus_stage_seconds",
    "Time from one stage to the next, of the newest event of each batch",
    ["stage"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 60, 3600, 86_400, 2_592_000),
    registry=REGISTRY,
)
OLDEST_UNPROCESSED = Gauge(
    "alertbus_oldest_unprocessed_seconds", "Age of the oldest record not yet processed", registry=REGISTRY
)
CPU_SECONDS = Gauge("alertbus_cpu_seconds_total", "CPU time used by the program", ["program"], registry=REGISTRY)

Sample = tuple[tuple[str, ...], float]
"""Label values and the number."""

FAMILIES: dict[str, tuple[type[Metric], str, tuple[str, ...]]] = {
    "alertbus_events": (CounterMetricFamily, "First outcome of each event", ("department", "outcome", "partition")),
    "alertbus_released_events": (CounterMetricFamily, "Parked events applied later", ("department", "partition")),
    "alertbus_parked_events": (GaugeMetricFamily, "Events waiting for the register", ("department", "partition")),
    "alertbus_dead_letters": (CounterMetricFamily, "Dead letters by reason", ("department", "reason", "partition")),
    "alertbus_labelled_events": (CounterMetricFamily, "Late or conflicting", ("department", "label", "partition")),
    "alertbus_actions": (CounterMetricFamily, "Actions copied on to their household", ("partition",)),
    "alertbus_alerts": (CounterMetricFamily, "Causes that newly stood on an alert", ("level", "rule", "partition")),
    "alertbus_households_to_judge": (GaugeMetricFamily, "Households not yet judged by the active set", ("partition",)),
    "alertbus_feed_days_late": (GaugeMetricFamily, "Days since a delivery's grace was over", ("department",)),
    "alertbus_unaccounted_rows": (GaugeMetricFamily, "Rows of which nobody says what they became", ("department",)),
    "alertbus_lag_records": (GaugeMetricFamily, "Records not yet processed", ("group", "topic", "partition")),
    "alertbus_partitions": (GaugeMetricFamily, "Partitions owned and recovered", ("group",)),
}
"""Name without `_total` -> type, meaning, labels. Labels are never households or persons."""


class FromLedgers(Collector):
    """Exports what a program's ledgers say at the moment of the scrape."""

    def __init__(self, samples: Callable[[], dict[str, list[Sample]]]) -> None:
        """`samples` gives, by family name, the samples of now."""
        self._samples = samples

    def collect(self) -> Iterable[Metric]:
        """Yield the families that have samples (called by prometheus_client, in its own thread)."""
        return list(self._families())

    def _families(self) -> Iterator[Metric]:
        for name, samples in self._samples().items():
            family, meaning, labels = FAMILIES[name]
            metric = family(name, meaning, labels=labels)  # type: ignore[call-arg]  # Metric's subclasses take labels
            for values, number in samples:
                metric.add_metric(values, number)  # type: ignore[attr-defined]  # as above
            yield metric


def serve(port: int, program: str, samples: Callable[[], dict[str, list[Sample]]]) -> int:
    """Serve the program's metrics on the loopback address; return the port (0 picks a free one)."""
    CPU_SECONDS.labels(program).set_function(time.process_time)
    REGISTRY.register(FromLedgers(samples))
    server, _ = start_http_server(port, addr="127.0.0.1", registry=REGISTRY)
    return int(server.server_port)
