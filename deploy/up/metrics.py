"""The supervisor's metrics, all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from deploy.up.ports import HOST
from deploy.up.program import Program


class _Programs(Collector):
    """Reads the supervised programs when asked: nothing is counted twice."""

    def __init__(self, programs: Callable[[], Sequence[Program]]) -> None:
        self._programs = programs

    def collect(self) -> Iterator[Metric]:
        restarts = CounterMetricFamily(
            "alertbus_restarts", "How often a program was started again since `alertbus up`.", labels=["program"]
        )
        up = GaugeMetricFamily("alertbus_up", "1 while the program is ready, else 0.", labels=["program"])
        for program in self._programs():
            restarts.add_metric([program.spec.name], program.restarts)
            up.add_metric([program.spec.name], program.state == "ready")
        yield restarts
        yield up


def serve(port: int, programs: Callable[[], Sequence[Program]]) -> None:
    """Serve /metrics on a loopback port from now on."""
    registry = CollectorRegistry()
    registry.register(_Programs(programs))
    start_http_server(port, HOST, registry)
