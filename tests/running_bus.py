"""The whole bus as a person starts it: `alertbus up` as a process of its own, and the commands beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.counts import counts_in, scrape
from deploy.up.program import Deadline
from streams.lag import lag_of, read_positions

ALERTBUS = str(Path(sys.executable).with_name("alertbus"))
_READY_SECONDS = 120
_ANSWER_SECONDS = 60


class RunningBus:
    """`alertbus up --no-clock --no-township-side` on a data directory, with a broker of its own.

    Attributes:
        addresses: what the ready line says.

    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.addresses: dict[str, Any] = {}
        self._out = data_dir.parent / "up.out"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        return str(self.addresses["bootstrap_servers"])

    @property
    def outputs(self) -> list[Path]:
        """What `up` itself printed."""
        return [self._out]

    def start(self) -> None:
        """Start it and wait for the ready line."""
        with self._out.open("wb") as out:
            self._process = subprocess.Popen(
                (ALERTBUS, "up", "--no-clock", "--no-township-side", "--broker-heap", "512m"),
                stdout=out,
                stderr=out,
                env=self._env(),
            )
        Deadline(_READY_SECONDS).reached(lambda: b"ready {" in self._out.read_bytes() or self._ended())
        lines = [line for line in self._out.read_text().splitlines() if line.startswith("ready {")]
        assert lines, self._out.read_text()
        self.addresses = json.loads(lines[0].removeprefix("ready "))

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        assert self._process
        self._process.terminate()
        self._process.wait(60)

    def _env(self) -> dict[str, str]:
        others = {key: value for key, value in os.environ.items() if not key.startswith(("ALERTBUS_", "KAFKA_"))}
        return {**others, "ALERTBUS_DATA_DIR": str(self.data_dir)}

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command as a person does; its output is text."""
        command = (ALERTBUS, *map(str, arguments))
        return subprocess.run(
            command, env=self._env(), capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=False
        )

    def json(self, *arguments: str | Path) -> Any:
        """Run a command with --json; its one object."""
        done = self.run(*arguments, "--json")
        assert done.stdout.strip(), done.stderr
        return json.loads(done.stdout)

    def json_lines(self, *arguments: str | Path) -> list[Any]:
        """Run a command with --json; an object per line."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def county_key(self) -> bytes:
        """Return the key of person ids."""
        return (self.data_dir / "county.key").read_bytes().strip()

    def metrics(self, program: str) -> Mapping[tuple[str, tuple[tuple[str, str], ...]], float]:
        """Read a program's metrics by name and sorted labels."""
        port = int(self.addresses["metrics"][program].rsplit(":", 1)[1].split("/")[0])
        return scrape(port)

    def counts(self) -> dict[str, int]:
        """Outcomes of all events so far."""
        return counts_in(self.metrics("assign-1"))

    def behind(self) -> dict[str, dict[str, int]]:
        """Records that each processor has yet to read and to commit; without partitions that are read up."""
        lags = lag_of(read_positions(self.bootstrap_servers))
        return {group: {at: waiting for at, waiting in lag.items() if waiting} for group, lag in lags.items()}

    def judged_anew(self, seconds: float = 60) -> None:
        """Wait until the activation is read and every household has been judged by the active set."""
        self.settle(seconds)
        name = "alertbus_households_to_judge"
        assert Deadline(seconds).reached(lambda: not _sum_of(name, self.metrics("correlate-1")))
        self.settle(seconds)

    def settle(self, seconds: float = 40) -> None:
        """Wait until nothing is left to read: what assign has committed, correlate has been given."""
        done = Deadline(seconds).reached(lambda: not any(self.behind().values()))
        assert done, f"{self.counts()}, behind {self.behind()}"


def _sum_of(name: str, metrics: Mapping[tuple[str, tuple[tuple[str, str], ...]], float]) -> float:
    return sum(value for (family, _), value in metrics.items() if family == name)
