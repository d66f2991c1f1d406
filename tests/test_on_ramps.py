"""Every on-ramp driven as its users would: the alert follows, and the receipt says so."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine

from deploy.up.program import Deadline
from tests.live_feed import LiveFeed
from tests.live_gateway import LiveGateway, gateway_on
from tests.live_postgres import LivePostgres
from tests.outboxes import fee_row, fees, put
from tests.people import identity_number, json_lines, member
from tests.rows import days_ago
from tests.running_bus import RunningBus
from tests.source_tree import ROOT, text_of
from tests.test_end_to_end import alerts_of

pytestmark = pytest.mark.kafka

_SECONDS = 60
CRACKED = {"EXAMPLE-inspection": "CURL-1", '"grade": "A"': '"grade": "D"'}
"""What the reader changes in the example of a house."""


@pytest.fixture(scope="module")
def gateway(bus: RunningBus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", tmp_path_factory.mktemp("gateway")) as live:
        yield live


class Reader:
    """Somebody who copies calls from the gateway's manual into a shell."""

    def __init__(self, gateway: LiveGateway) -> None:
        self._gateway = gateway
        page = httpx.get(gateway.url, trust_env=False).text
        self.calls = [html.unescape(call) for call in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]

    def call(self, *, with_text: str, key: str, **instead: str) -> Any:
        """Run the call that has this text, with words exchanged; the answer."""
        (call,) = [call for call in self.calls if with_text in call]
        for old, new in instead.items():
            assert old in call
            call = call.replace(old, new)
        done = subprocess.run(("sh", "-c", call), env={"KEY": key}, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)


def test_curl_from_the_manual_becomes_an_alert_and_the_receipt_says_that_it_did(
    bus: RunningBus, gateway: LiveGateway
) -> None:
    reader, register, housing = Reader(gateway), gateway.key("register"), gateway.key("housing")

    reader.call(with_text="/v1/register", key=register)
    bus.settle()
    graded = reader.call(with_text='"kind": "inspection"', key=housing, **CRACKED)

    def receipt() -> Any:
        return reader.call(with_text="/v1/receipts/RECEIPT", key=housing, RECEIPT=graded["receipt"])

    assert Deadline(_SECONDS).reached(lambda: receipt().get("came_of_it", {}).get("alerts") == 1), receipt()
    said = receipt()
    assert (said["rows"], said["became"]["applied"], said["adds_up"]) == (1, 1, True)
    assert [alert["level"] for alert in alerts_of(bus, "H-0001")] == ["red"]


def test_the_example_of_the_sdk_becomes_an_alert_and_its_receipt_says_so(
    bus: RunningBus, gateway: LiveGateway, tmp_path: Path
) -> None:
    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(identity_number(18, "19650304"), "SDKX-1")]))
    (example,) = re.findall(r"```python\n(.*?)```", text_of("docs/sdk.md"), re.DOTALL)
    example = example.replace("HO-1", "SDKX-1").replace('"H-1"', '"SDKX-1"')
    env = {"GATEWAY": gateway.url, "KEY": gateway.key("housing"), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        (sys.executable, "-c", example), cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    bus.settle()

    assert "'state': 'taken'" in done.stdout
    assert [(alert["level"], alert["causes"][0]["evidence"]) for alert in alerts_of(bus, "SDKX-1")] == [
        ("red", ["SDKX-1"])
    ]


def test_rows_inserted_in_postgresql_become_an_alert(bus: RunningBus, postgres: LivePostgres, tmp_path: Path) -> None:
    number = identity_number(17, "20110811")
    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(number, "PG-1")]))
    url = postgres.new_database()
    engine = create_engine(url)
    table = fees(engine)
    feed = LiveFeed(bus.bootstrap_servers, url, tmp_path, bus.county_key())
    feed.start()
    try:
        owed = {"overdue": "2600", "overdue_days": "90", "due": "2600", "occurred_at": days_ago(20)}
        put(engine, table, fee_row(1, bill_no="PGA-1", id_number=number, **owed))
        feed.reaches(1)
        bus.settle()

        assert Deadline(_SECONDS).reached(lambda: bool(alerts_of(bus, "PG-1")))
        (alert,) = alerts_of(bus, "PG-1")
        assert [(cause["rule"], cause["evidence"]) for cause in alert["causes"]] == [("R12", ["PGA-1"])]
    finally:
        feed.kill()
        engine.dispose()
