"""The shipped Grafana dashboard as tests read it, with its variables resolved as Grafana does."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.source_tree import ROOT

FOLDER = ROOT / "deploy" / "grafana"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "alertbus.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
VARIABLES: list[dict[str, Any]] = DASHBOARD["templating"]["list"]
OF_GRAFANA = {"$__rate_interval": "20s"}
"""Four scrapes of 5 s in life; the tests' Prometheus scrapes every second."""


def queries() -> list[tuple[str, str]]:
    """Panel's title and expression, as they are written."""
    return [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]


def resolved(expression: str, chosen: dict[str, str] | None = None) -> str:
    """Expression with its variables resolved: all of each, unless one is chosen."""
    values = OF_GRAFANA | {f"${each['name']}": each["allValue"] for each in VARIABLES}
    values |= {f"${name}": value for name, value in (chosen or {}).items()}
    for name in sorted(values, key=len, reverse=True):
        expression = expression.replace(name, values[name])
    return expression


def metrics_in(text: str) -> set[str]:
    """Names of the bus's metrics in expressions, as the code says them: a histogram's parts are the histogram."""
    return {re.sub(r"_(?:bucket|count|sum|total)$", "", name) for name in re.findall(r"\balertbus_[a-z_]+", text)}
