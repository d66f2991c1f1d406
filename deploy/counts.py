"""What became of the events, as the assign programs' metrics say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from deploy.up.ports import HOST

OUTCOMES = ("applied", "duplicate", "parked", "dead_lettered")
_EVENTS = "alertbus_events_total"
_RELEASED = "alertbus_released_events_total"
_PARKED = "alertbus_parked_events"
_WAIT_S = 5

Series = tuple[str, tuple[tuple[str, str], ...]]
"""Name and sorted labels."""


def scrape(port: int) -> dict[Series, float]:
    """Read a program's metrics; none if it does not answer."""
    try:
        with urlopen(f"http://{HOST}:{port}/metrics", timeout=_WAIT_S) as answer:
            return parse(answer.read().decode())
    except (OSError, HTTPException):
        return {}


def parse(text: str) -> dict[Series, float]:
    """Values by series of a page of metrics."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape_all(ports: Iterable[int]) -> dict[Series, float]:
    """Read several programs' metrics at once.

    While a partition moves both its old and its new worker may show it: the greater value is the newer one, since
    totals never fall.
    """
    together: dict[Series, float] = {}
    with ThreadPoolExecutor() as pool:
        for page in pool.map(scrape, ports):
            for series, value in page.items():
                together[series] = max(value, together.get(series, value))
    return together


def counts_in(metrics: Mapping[Series, float]) -> dict[str, int]:
    """Events by outcome: `applied` includes those released since they were parked, `parked` is what is parked now."""
    counts = dict.fromkeys(OUTCOMES, 0)
    for (name, labels), value in metrics.items():
        outcome = dict(labels).get("outcome", "")
        if name == _EVENTS and outcome in counts and outcome != "parked":
            counts[outcome] += int(value)
        elif name == _RELEASED:
            counts["applied"] += int(value)
        elif name == _PARKED:
            counts["parked"] += int(value)
    return counts
