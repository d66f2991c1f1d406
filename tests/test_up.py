"""The supervisor at work on real processes: what it starts, restarts, leaves stopped, takes with it when it goes."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import pytest

from deploy.up.program import Deadline
from deploy.up.run import make_county_key
from tests.live_broker import LiveBroker

pytestmark = pytest.mark.kafka
FAKE_BUS = str(Path(__file__).with_name("fake_bus.py"))
Start = Callable[..., "Bus"]


class Bus:
    """A supervisor with fake programs, as a process of its own."""

    def __init__(self, data_dir: Path, servers: str, *programs: str) -> None:
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            (sys.executable, FAKE_BUS, str(data_dir), servers, *programs),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line + (self.process.stderr.read() if self.process.stderr else "")
        found: dict[str, Any] = json.loads(line.removeprefix("ready "))
        return found

    def program(self, name: str) -> dict[str, Any]:
        try:
            state = json.loads((self.data_dir / "bus.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"state": None}
        found: dict[str, Any] = next((p for p in state["programs"] if p["name"] == name), {"state": None})
        return found

    def pids(self) -> list[int]:
        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


@pytest.fixture
def start(tmp_path: Path, broker: LiveBroker) -> Iterator[Start]:
    running: list[Bus] = []

    def _start(*programs: str, servers: str = broker.bootstrap_servers) -> Bus:
        running.append(Bus(tmp_path / "data", servers, *programs))
        return running[-1]

    yield _start
    for bus in running:
        if bus.process.poll() is None:
            bus.process.kill()
        bus.process.communicate()


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    assert Deadline(seconds).reached(condition)


def gone(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE for p in pids)


def test_up_prints_ready_with_addresses_and_ends_in_order_on_sigterm(start: Start) -> None:
    bus = start("assign-1=steady", "clock=steady")
    addresses = bus.ready()
    pids = bus.pids()
    with urlopen(addresses["metrics"]["supervisor"]) as answer:
        metrics = answer.read().decode()

    assert 'alertbus_up{program="assign-1"} 1.0' in metrics
    assert 'alertbus_restarts_total{program="clock"} 0.0' in metrics
    assert set(addresses["metrics"]) == {"supervisor", "assign-1", "clock"}
    assert len(pids) == 2
    assert bus.end() == 0
    assert gone(pids)
    assert not (bus.data_dir / "bus.json").exists()


def test_ctrl_c_ends_it_as_well(start: Start) -> None:
    bus = start("assign-1=steady")
    bus.ready()

    bus.process.send_signal(signal.SIGINT)

    assert bus.process.wait(60) == 0


def test_a_killed_program_is_restarted_on_the_same_port_and_counted(start: Start) -> None:
    bus = start("assign-1=steady")
    bus.ready()
    before = bus.program("assign-1")

    os.kill(before["pid"], signal.SIGKILL)
    after = before

    def is_back() -> bool:  # one look: between two the program may die
        nonlocal after
        after = bus.program("assign-1")
        return bool(after["state"] == "ready" and after["pid"] != before["pid"])

    until(is_back)

    assert (after["restarts"], after["metrics_port"]) == (1, before["metrics_port"])


def test_exit_78_is_left_stopped_with_its_reason_while_the_rest_runs_on(start: Start) -> None:
    bus = start("assign-1=steady", "assign-2=needs-a-person")

    until(lambda: bus.program("assign-2")["state"] == "stopped" and bus.program("assign-1")["state"] == "ready")

    stopped = bus.program("assign-2")
    assert (stopped["reason"], stopped["restarts"], stopped["pid"]) == ("the ledger is ahead of the log", 0, None)
    assert bus.end() == 0


def test_no_orphan_survives_a_supervisor_that_is_killed(start: Start) -> None:
    bus = start("assign-1=steady", "clock=deaf")
    bus.ready()
    pids = bus.pids()

    bus.process.kill()
    bus.process.wait()

    until(lambda: gone(pids))


def test_a_second_up_on_the_same_data_is_refused_in_words(start: Start) -> None:
    start("assign-1=steady").ready()

    second = start("assign-1=steady")
    _, errors = second.process.communicate(timeout=20)

    assert second.process.returncode != 0
    assert "already runs on" in errors
    assert "choose another --data-dir" in errors


def test_own_broker_is_ready_within_20_s_and_keeps_its_address_over_a_restart(start: Start) -> None:
    began = time.monotonic()
    bus = start("assign-1=steady", servers="own")
    first = bus.ready()
    took = time.monotonic() - began
    crowding = max(1, os.getloadavg()[0] / (os.cpu_count() or 1))  # others may need the machine at the same time
    pids = bus.pids()
    key = (bus.data_dir / "county.key").read_text(encoding="ascii")

    assert took < 20 * crowding
    assert bus.program("broker")["state"] == "ready"
    assert bus.end() == 0
    assert gone(pids)
    again = start("assign-1=steady", servers="own")
    assert again.ready()["bootstrap_servers"] == first["bootstrap_servers"]
    assert (bus.data_dir / "county.key").read_text(encoding="ascii") == key


def test_the_county_key_is_secret_random_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "county.key"
    make_county_key(path)
    key = path.read_text(encoding="ascii")
    make_county_key(path)

    assert len(bytes.fromhex(key)) == 32
    assert path.read_text(encoding="ascii") == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
