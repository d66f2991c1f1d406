"""`alertbus up` with the programs of this distribution and a broker of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import psutil
import pytest

from deploy.up.ports import HOST, free_port
from deploy.up.program import Deadline
from producers.gateway.media import SUFFIXES
from tests.people import identity_number, json_lines, member
from tests.test_end_to_end import workbook
from tests.test_gateway_bus import inspection

pytestmark = pytest.mark.kafka
XLSX = next(media for media, suffix in SUFFIXES.items() if suffix == ".xlsx")
ALERTBUS = (sys.executable, "-m", "deploy.cli")


class Bus:
    """The bus as a person runs it.

    Attributes:
        addresses: what the ready line says.

    """

    def __init__(self, data_dir: Path) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith(("ALERTBUS_", "KAFKA_"))}
        self.environment = {**others, "ALERTBUS_DATA_DIR": str(data_dir)}
        self.page = f"http://{HOST}:{(port := free_port())}"
        ports = ("--inbox-port", str(port), "--gateway", str(free_port()))
        command = (*ALERTBUS, "up", "--workers", "2", "--broker-heap", "512m", *ports)
        began = time.monotonic()
        self.up = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        assert self.up.stdout
        line = self.up.stdout.readline()
        assert line.startswith("ready ")
        self.addresses: dict[str, Any] = json.loads(line.removeprefix("ready "))
        self.ready_after_s = time.monotonic() - began

    def run(self, *arguments: str) -> dict[str, Any]:
        """Run a command as a person does; its one object."""
        command = (*ALERTBUS, *arguments, "--json")
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def alerts(self, household: str) -> list[str]:
        """Level of each alert of a household."""
        command = (*ALERTBUS, "alerts", "--household", household, "--json")
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return [json.loads(line)["level"] for line in done.stdout.splitlines()]

    def deliveries(self, department: str) -> list[dict[str, Any]]:
        """What became of a department's deliveries; exit code 1 while something waits."""
        command = (*ALERTBUS, "deliveries", department, "--json")
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return [json.loads(each) for each in done.stdout.splitlines()]

    def status(self) -> dict[str, Any]:
        return self.run("status")

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
        *(
            "broker",
            "assign-1",
            "assign-2",
            "correlate-1",
            "correlate-2",
            "area-1",
            "clock",
            "notify",
            "inbox",
            "gateway",
        ),
    ]
    assert set(found["lag"]) == {"assign", "correlate", "area", "notify"}
    assert found["waiting"] == {"deliveries": 0, "answers": 0}
    assert found["counts"] == {"published": 0, "applied": 0, "duplicate": 0, "parked": 0, "dead_lettered": 0}


def test_the_page_is_where_ready_and_invitations_say(bus: Bus) -> None:
    invitation = bus.run("accounts", "invite", "officer", "--township", "231222103")["link"]

    assert bus.addresses["inbox"] == bus.page
    assert invitation.startswith(f"{bus.page}/invitations/")
    with urlopen(invitation) as answer:
        assert "officer" in answer.read().decode()


def test_the_gateway_is_where_ready_says_and_a_workbook_that_it_takes_becomes_an_alert(
    bus: Bus, tmp_path: Path
) -> None:
    number = identity_number(1, "19650304")
    rows = [inspection(order, id_number=number, event_id=f"XL-{order}") for order in (1, 2)]
    book = workbook(tmp_path / "鉴定.xlsx", [*rows, inspection(3, grade="E")])
    command = (*ALERTBUS, "keys", "create", "housing")
    made = subprocess.run(command, env=bus.environment, capture_output=True, text=True, check=True)
    headers = {"authorization": f"Bearer {made.stdout.partition(chr(10))[0]}", "content-type": XLSX}

    bus.run("register", str(json_lines(tmp_path / "people.jsonl", [member(number, "XL-1")])))
    url = f"{bus.addresses['gateway']}/v1/events/housing"
    taken = httpx.post(url, content=book.read_bytes(), headers=headers, timeout=60, trust_env=False)

    found = taken.json()
    assert (taken.status_code, found["accepted"], [each["row"] for each in found["problems"]]) == (202, 2, [3])
    assert Deadline(60).reached(lambda: bus.status()["counts"]["applied"] == 2, every_s=0.5)
    assert Deadline(60).reached(lambda: bus.alerts("XL-1") == ["red"], every_s=0.5)


def test_a_killed_inbox_comes_back_on_its_port(bus: Bus) -> None:
    bus.kill("inbox")

    with urlopen(f"{bus.page}/sign-in") as answer:
        assert answer.status == 200


def test_a_worker_killed_amid_a_file_comes_back_to_work_and_the_files_sums_are_equal(bus: Bus, tmp_path: Path) -> None:
    rows = [
        {**inspection(1, event_id=f"KM-{number}", household_id=f"KM-{number % 500}"), "id_number": ""}
        for number in range(20_000)
    ]
    command = (*ALERTBUS, "publish", "housing", str(json_lines(tmp_path / "rows.jsonl", [*rows, *rows[:100]])))

    def line() -> dict[str, Any]:
        return next((each for each in bus.deliveries("housing") if each["rows"] == 20_100), {})

    with subprocess.Popen(command, env=bus.environment, stdout=subprocess.DEVNULL) as publishing:
        bus.kill("assign-1")
        assert publishing.wait(60) == 0
    assert Deadline(60).reached(lambda: bool(line().get("adds_up")), every_s=0.5), json.dumps(line())
    found = line()
    assert (found["parked"], found["duplicate"], found["repeated"]) == (20_000, 100, 0), "the register knows nobody"
    assert bus.program("assign-1")["restarts"] == 1


def test_a_killed_broker_comes_back_on_its_address(bus: Bus) -> None:
    bus.kill("broker")

    assert bus.status()["errors"] == []


def test_sigterm_leaves_nothing_running(bus: Bus) -> None:
    children = psutil.Process(bus.up.pid).children(recursive=True)

    bus.up.terminate()

    assert bus.up.wait(60) == 0
    assert psutil.wait_procs(children, timeout=5)[1] == []


def test_a_port_that_somebody_else_has_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        command = (*ALERTBUS, "up", "--inbox-port", str(port), "--data-dir", str(tmp_path / "data"))
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 78
    assert f"port {port} of the inbox page is taken" in done.stderr
    assert not (tmp_path / "data" / "kafka").exists()
