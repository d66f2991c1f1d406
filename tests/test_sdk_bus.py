"""The SDK with a real gateway on a real bus: the manual's example over TLS, and a program that is killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.up.program import Deadline
from producers import DirectPublisher, Limits, Publisher
from producers.sdk.errors import SettingError
from tests.certificates import certificate
from tests.kafka_hands import decoded
from tests.live_department import Department
from tests.live_gateway import LiveGateway, gateway_on
from tests.people import member
from tests.running_bus import RunningBus
from tests.sdk_sender import inspection, stop_file, taken_rows
from tests.source_tree import ROOT, text_of

pytestmark = pytest.mark.kafka

KILLS, ROWS = 3, 900
_SECONDS = 90
LIMITS = Limits(linger_seconds=0.05, close_seconds=0)


@pytest.fixture(scope="module")
def gateway(bus: RunningBus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", tmp_path_factory.mktemp("gateway")) as live:
        yield live


def test_the_example_of_the_manual_runs_as_it_stands_over_tls(bus: RunningBus, tmp_path: Path) -> None:
    cert, private = certificate(tmp_path)
    settings = {"ALERTBUS_GATEWAY_CERT": str(cert), "ALERTBUS_GATEWAY_CERT_KEY": str(private)}
    (example,) = re.findall(r"```python\n(.*?)```", text_of("docs/sdk.md"), re.DOTALL)
    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", tmp_path, settings) as live:
        env = {"GATEWAY": f"https://127.0.0.1:{live.port}", "KEY": live.key("housing"), "CA": str(cert)}
        command = (sys.executable, "-c", example)
        env |= {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)

        spool = tmp_path / "other.spool"
        with Publisher(env["GATEWAY"], key=env["KEY"], department="housing", spool=spool, limits=LIMITS) as other:
            other.send(inspection(1, "TLS"))
            assert Deadline(_SECONDS).reached(lambda: "certificate is not trusted" in (other.trouble or ""))

    assert done.returncode == 0, done.stderr
    assert "'state': 'taken'" in done.stdout
    found = [event for event in decoded(bus.bootstrap_servers, "events.housing") if event["event_id"] == "HO-1"]
    assert [event["body"]["grade"] for event in found] == ["D"]
    assert example.count("\n") <= 14, "it is an example of ten lines, and its imports"


def test_a_program_killed_while_it_sends_loses_and_doubles_nothing(
    bus: RunningBus, gateway: LiveGateway, tmp_path: Path
) -> None:
    bus.settle()
    before = bus.counts()
    department = Department(gateway, tmp_path, ROWS)
    for kill in range(1, KILLS + 1):
        department.start()
        due = ROWS * kill // (KILLS + 1)
        assert Deadline(_SECONDS).reached(lambda: taken_rows(department.taken) > due, every_s=0.01)  # noqa: B023
        department.kill()
    department.start()
    assert department.ends() == 0, department.log.read_text()
    bus.settle()

    after = bus.counts()
    assert sum(after[what] - before[what] for what in ("applied", "parked")) == ROWS
    accepted = sum(accepted for _, accepted, _ in department.receipts())
    assert department.held() == (0, 0)
    assert ROWS <= accepted <= ROWS + KILLS, "only a row that was taken and not written down is sent again"


def test_two_programs_share_a_spool_and_one_goes_on_when_the_other_is_killed(
    bus: RunningBus, gateway: LiveGateway, tmp_path: Path
) -> None:
    one, other = both = [Department(gateway, tmp_path, 10**6, 0.002, prefix) for prefix in ("ONE", "OTHER")]
    for each in both:
        each.start()
    assert Deadline(_SECONDS).reached(lambda: min(taken_rows(each.taken) for each in both) > 50, every_s=0.01)
    one.kill()
    stop_file(other.taken).touch()
    assert other.ends() == 0, other.log.read_text()

    events = {str(event["event_id"]) for event in decoded(bus.bootstrap_servers, "events.housing")}
    arrived = Counter(name.partition("-")[0] for name in events)
    assert one.held() == (0, 0)
    assert arrived["OTHER"] == taken_rows(other.taken)
    assert 0 <= arrived["ONE"] - taken_rows(one.taken) <= 1, "what it took and could not write down arrives, too"
    assert {f"ONE-{number}" for number in range(taken_rows(one.taken))} <= events


def test_straight_onto_the_bus_only_with_the_county_key(bus: RunningBus) -> None:
    with pytest.raises(SettingError, match="programs of departments send through the gateway"):
        DirectPublisher("housing", {"KAFKA_BOOTSTRAP_SERVERS": bus.bootstrap_servers})
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": bus.bootstrap_servers,
        "ALERTBUS_COUNTY_KEY_FILE": str(bus.data_dir / "county.key"),
    }
    with DirectPublisher("housing", env) as direct:
        sent = direct.send_many([inspection(1, "DIR"), {**inspection(2, "DIR"), "grade": "E"}])
    with DirectPublisher("register", env) as register:
        registered = register.send_many([member(str(inspection(1)["id_number"]), "SDK-H-1")])
    bus.settle()

    assert (sent.taken, registered.taken) == (1, 1)
    assert [(problem.row, problem.field) for problem in sent.problems] == [(2, "grade")]
    events = decoded(bus.bootstrap_servers, "events.housing")
    assert [e["event_id"] for e in events if str(e["event_id"]).startswith("DIR-")] == ["DIR-1"]
