"""One real broker for the whole test session, and what every run says at its end."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine

from consumers.store.database import open_store
from deploy.up.broker import libs_folder
from tests.gateways import GatewayHere
from tests.live_broker import LiveBroker
from tests.live_postgres import LivePostgres, postgres_bin
from tests.running_bus import RunningBus
from tests.sdk_wire import Wire

hypothesis_settings.register_profile("bus", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("bus")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell Schemathesis' tests apart by their addresses: by one id for all pytest-xdist would run one of them only."""
    for item in items:
        if label := getattr(item, "operation_label", None):
            item._id = replace(item.id, params=label)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBroker]:
    """Return the session's broker; a test that stops or kills one starts its own (`LiveBroker(tmp_path)`)."""
    live = LiveBroker(tmp_path_factory.mktemp("broker"))
    live.start()
    yield live
    live.stop()


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBus]:
    """Return a whole running bus with a broker of its own; tests on it use people and households of their own."""
    running = RunningBus(tmp_path_factory.mktemp("bus") / "data")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[LivePostgres]:
    """Return the session's PostgreSQL server; a test that stops or kills one starts its own."""
    live = LivePostgres()
    live.start()
    yield live
    live.remove()


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """Return what lies between an SDK and a gateway in this process."""
    here = GatewayHere(tmp_path)
    yield Wire(here)
    here.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: LivePostgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def store(store_url: str) -> Iterator[Engine]:
    """Return an empty store, once on each database."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()


def _version(*command: str) -> str:
    if not shutil.which(command[0]):
        return "missing: run `make test`, which installs it"
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else "unknown"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which real servers the tests ran against."""
    jars = [jar.stem.rsplit("-", 1)[1] for jar in libs_folder(os.environ).glob("kafka_*.jar")]
    broker = jars[0] if jars else "missing: run `make test`, which installs it"
    terminalreporter.section("real servers")
    terminalreporter.write_line(f"broker      Apache Kafka {broker} on Java {_version('java', '-version')}")
    terminalreporter.write_line(f"Prometheus  {_version('prometheus', '--version')}")
    terminalreporter.write_line(f"PostgreSQL  {_version(str((postgres_bin() or Path()) / 'postgres'), '--version')}")
    terminalreporter.write_line(f"Chromium    {_version('chromium', '--version')}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if any test was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
