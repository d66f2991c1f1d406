"""`alertbus up` with the programs of this distribution and a broker of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.up.program import Deadline

pytestmark = pytest.mark.kafka
ALERTBUS = (sys.executable, "-m", "deploy.cli")


class Bus:
    """The bus as a person runs it."""

    def __init__(self, data_dir: Path) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith(("ALERTBUS_", "KAFKA_"))}
        self.environment = {**others, "ALERTBUS_DATA_DIR": str(data_dir)}
        command = (*ALERTBUS, "up", "--workers", "2", "--broker-heap", "512m")
        began = time.monotonic()
        self.up = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        assert self.up.stdout
        assert self.up.stdout.readline().startswith("ready ")
        self.ready_after_s = time.monotonic() - began

    def status(self) -> dict[str, Any]:
        command = (*ALERTBUS, "status", "--json")
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def program(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(p for p in self.status()["programs"] if p["name"] == name)
        return found

    def kill(self, name: str) -> None:
        """Kill a program and wait until its next life is ready."""
        before = self.program(name)
        os.kill(before["pid"], signal.SIGKILL)
        assert Deadline(60).reached(lambda: self.program(name)["restarts"] > before["restarts"], every_s=0.5)
        assert Deadline(60).reached(lambda: bool(self.status()["ready"]), every_s=0.5)


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    running = Bus(tmp_path_factory.mktemp("up"))
    yield running
    if running.up.poll() is None:
        running.up.terminate()
    running.up.communicate(timeout=60)


def test_everything_is_ready_and_named_as_agreed(bus: Bus) -> None:
    found = bus.status()

    assert found["ready"]
    assert [p["name"] for p in found["programs"]] == [
        *("broker", "assign-1", "assign-2", "correlate-1", "correlate-2", "clock"),
    ]
    assert found["counts"] == {"published": 0, "applied": 0, "duplicate": 0, "parked": 0, "dead_lettered": 0}


def test_a_killed_worker_comes_back_to_work(bus: Bus) -> None:
    bus.kill("assign-1")

    assert bus.program("assign-1")["restarts"] == 1


def test_a_killed_broker_comes_back_on_its_address(bus: Bus) -> None:
    bus.kill("broker")

    assert bus.status()["errors"] == []


def test_sigterm_leaves_nothing_running(bus: Bus) -> None:
    children = psutil.Process(bus.up.pid).children(recursive=True)

    bus.up.terminate()

    assert bus.up.wait(60) == 0
    assert psutil.wait_procs(children, timeout=5)[1] == []
