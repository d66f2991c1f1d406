"""The public's reports on a running bus: a form becomes an alert, the answer comes back, nothing is lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.counts import scrape
from deploy.up.program import Deadline
from schemas.codec import decode
from schemas.topics import events_topic
from streams.log_reader import read_all
from tests.live_gateway import LiveGateway, gateway_on
from tests.people import identity_number, json_lines, member
from tests.reports import FORM, receipt_in
from tests.running_bus import RunningBus
from tests.test_actions_bus import Officer

pytestmark = pytest.mark.kafka

NO_BROKER = "127.0.0.1:1"
BORN = "19580304"
SECONDS = 40
Receipt = tuple[str, str]


@pytest.fixture(scope="module")
def page(bus: RunningBus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("report")
    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", folder, program="report") as live:
        yield live


@pytest.fixture
def officer(bus: RunningBus) -> Iterator[Officer]:
    officer = Officer(bus)
    yield officer
    officer.close()


def post(page: LiveGateway, path: str, **fields: object) -> httpx.Response:
    return httpx.post(page.url + path, data=fields, timeout=30, trust_env=False)


def report(page: LiveGateway, order: int, **changes: object) -> Receipt:
    fields = FORM | {"id_number": identity_number(order, BORN), "token": f"form-{order}"} | changes
    answer = post(page, "/", **fields)
    assert answer.status_code == 200, answer.text
    return receipt_in(answer)


def status(page: LiveGateway, receipt: Receipt) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", post(page, "/status", number=receipt[0], pin=receipt[1]).text)
    assert found
    return found[1]


def comes_to(page: LiveGateway, receipt: Receipt, words: str) -> bool:
    """Whether a report's page says so before long."""
    return Deadline(SECONDS).reached(lambda: status(page, receipt) == words, every_s=0.2)


def event_ids(bus: RunningBus) -> list[str]:
    """Ids of all reports' events on the bus."""
    found = read_all(bus.bootstrap_servers, (events_topic("rural_revitalisation"),))
    ids = (decode(record.value)[1]["event_id"] for record in found)
    return [event_id for event_id in ids if event_id.startswith("report-")]


def alert_of(bus: RunningBus, household: str) -> Any:
    [alert] = bus.json_lines("alerts", "--household", household)
    return alert


def test_a_report_is_accepted_then_verified_then_answered_with_the_reason(
    bus: RunningBus, page: LiveGateway, officer: Officer, tmp_path: Path
) -> None:
    bus.json("register", json_lines(tmp_path / "r.jsonl", [member(identity_number(1, BORN), "RPT-1")]))
    bus.settle()
    receipt = report(page, 1)

    assert comes_to(page, receipt, "核实中")
    alert = alert_of(bus, "RPT-1")
    assert (alert["level"], alert["causes"][0]["evidence"]) == ("orange", [f"report-{receipt[0]}"])
    officer.does("rejected", alert, "report-1", reason="already_recovered")

    assert comes_to(page, receipt, "已办结：经核实，情况不属实")
    assert "情况已恢复正常" in post(page, "/status", number=receipt[0], pin=receipt[1]).text


def test_who_is_in_no_register_is_told_so_and_is_verified_once_registered(
    bus: RunningBus, page: LiveGateway, tmp_path: Path
) -> None:
    receipt = report(page, 2)
    assert comes_to(page, receipt, "待核对户籍")

    bus.json("register", json_lines(tmp_path / "r.jsonl", [member(identity_number(2, BORN), "RPT-2")]))

    assert comes_to(page, receipt, "核实中")


def test_without_a_broker_a_report_has_its_receipt_and_reaches_the_bus_later(bus: RunningBus, tmp_path: Path) -> None:
    key = bus.data_dir / "county.key"
    with gateway_on(NO_BROKER, key, tmp_path, program="report") as alone:
        receipt = report(alone, 3)
        assert status(alone, receipt) == "已受理"
        gauge = ("alertbus_report_unsent", ())
        assert Deadline(SECONDS).reached(lambda: scrape(alone.metrics_port).get(gauge) == 1)
    assert f"report-{receipt[0]}" not in event_ids(bus)

    with gateway_on(bus.bootstrap_servers, key, tmp_path, program="report") as page:
        assert comes_to(page, receipt, "待核对户籍")

    assert event_ids(bus).count(f"report-{receipt[0]}") == 1


def test_killed_at_any_moment_every_receipt_has_its_one_event_and_is_shown_again(
    bus: RunningBus, tmp_path: Path
) -> None:
    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", tmp_path, program="report") as page:
        receipts: dict[int, Receipt] = {}
        for order in range(100, 112):
            receipts[order] = report(page, order)
            if order % 3 == 0:  # while it is being sent, or has just been
                page.kill()
                page.start()
        again = {order: report(page, order) for order in receipts}
        arrived = [comes_to(page, receipt, "待核对户籍") for receipt in receipts.values()]

    assert again == receipts
    assert all(arrived)
    expected = {f"report-{number}" for number, _ in receipts.values()}
    assert expected <= set(event_ids(bus))
    assert len(expected) == 12
