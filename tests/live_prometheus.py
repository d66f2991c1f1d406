"""Debian's real Prometheus for tests, with the configuration that is shipped."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from deploy.up.ports import HOST, free_port
from deploy.up.program import Deadline
from deploy.up.state import TARGETS_FILE
from tests.source_tree import ROOT

SHIPPED = ROOT / "deploy" / "prometheus" / "prometheus.yml"
_SHIPPED_TARGETS = f"../../var/{TARGETS_FILE}"
_SHIPPED_INTERVAL = "_interval: 5s"
_SHIPPED_RULES = "rule_files: [alerts.yml]"


class LivePrometheus:
    """A Prometheus that scrapes the bus of a data directory every second; what should last minutes lasts 2 s."""

    def __init__(self, folder: Path, data_dir: Path, others: Mapping[str, int] | None = None) -> None:
        """`others` are programs beside the bus, with the ports of their metrics."""
        text = SHIPPED.read_text(encoding="utf-8")
        assert _SHIPPED_TARGETS in text
        assert _SHIPPED_INTERVAL in text
        assert _SHIPPED_RULES in text
        self.config = folder / "prometheus.yml"
        beside = folder / "beside.json"
        targets = [{"targets": [f"{HOST}:{at}"], "labels": {"program": name}} for name, at in (others or {}).items()]
        beside.write_text(json.dumps(targets), encoding="utf-8")
        self._files = data_dir / TARGETS_FILE, beside
        text = text.replace(_SHIPPED_TARGETS, ", ".join(map(str, self._files)))
        self.config.write_text(text.replace(_SHIPPED_INTERVAL, "_interval: 1s"), encoding="utf-8")
        rules = SHIPPED.with_name("alerts.yml").read_text(encoding="utf-8")
        (folder / "alerts.yml").write_text(re.sub(r"for: \d+m", "for: 2s", rules), encoding="utf-8")
        self._folder = folder
        self._address = f"127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until every target was scraped."""
        command = (
            "prometheus",
            f"--config.file={self.config}",
            f"--storage.tsdb.path={self._folder / 'tsdb'}",
            f"--web.listen-address={self._address}",
        )
        with (self._folder / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        assert Deadline(30).reached(self._scrapes), (self._folder / "prometheus.log").read_text()

    def _scrapes(self) -> bool:
        """Whether all were scraped: Prometheus may learn of the second file's targets 5 s after those of the first."""
        groups = [group for file in self._files for group in json.loads(file.read_text(encoding="utf-8"))]
        try:
            up = self.query("up")
        except URLError:
            return False
        return len(up) == sum(len(group["targets"]) for group in groups) and all(value == 1 for _, value in up)

    def stop(self) -> None:
        """End it."""
        if self._process:
            self._process.terminate()
            self._process.wait(30)

    def _get(self, path: str, **parameters: object) -> Any:
        with urlopen(f"http://{self._address}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str, **parameters: object) -> list[tuple[dict[str, str], float]]:
        """Evaluate an expression; labels and value of each series."""
        found = self._get("query", query=expression, **parameters)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def seen(self, expression: str, start: float) -> set[tuple[tuple[str, str], ...]]:
        """Labels of the series of an expression that had a number, and not NaN, at some second since `start`."""
        asked = {"query": expression, "start": start, "end": time.time(), "step": "1s"}
        found = self._get("query_range", **asked)["result"]
        has_number = (s["metric"] for s in found if any(value != "NaN" for _, value in s["values"]))
        return {tuple(sorted(labels.items())) for labels in has_number}

    def firing(self) -> set[tuple[str, str]]:
        """Alert rules that fire now, and of which program they speak."""
        found = self.query('ALERTS{alertstate="firing"}')
        return {(labels["alertname"], labels.get("program", "")) for labels, _ in found}

    def series(self) -> list[dict[str, str]]:
        """Labels of every series that the bus has."""
        found: list[dict[str, str]] = self._get("series", **{"match[]": '{__name__=~"alertbus_.*"}'})
        return found
