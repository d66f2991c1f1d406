"""What becomes of a report: waiting for the register, answered once, taken back, late; and the program itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from kafka.errors import KafkaTimeoutError

from deploy.cli import main
from deploy.up.settings import shipped_programs
from producers.report import gauges
from producers.report.carrier import Carrier
from producers.report.metrics import OVERDUE, REPORTS
from producers.report.tallying import tally
from producers.send import A_REQUEST, BusError, Sender
from producers.settings import listening_on
from schemas.beijing import DAY_MS
from schemas.partition import partition_of
from tests.gateways import NOW
from tests.live_gateway import HOST, LiveGateway, gateway_on
from tests.reports import FORM, ReportsHere, done, lists
from tests.rows import KEY, numbered
from tests.test_send import FlakyProducer, Word

NO_BROKER = "127.0.0.1:1"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[ReportsHere]:
    found = ReportsHere(tmp_path)
    yield found
    found.close()


@pytest.fixture
def county_key(tmp_path: Path) -> Path:
    (file := tmp_path / "county.key").write_bytes(KEY)
    return file


def test_who_is_in_no_register_is_told_so_until_a_row_comes(here: ReportsHere) -> None:
    receipt = here.receipt()
    here.arrive(receipt[0], parked_now=1)
    waits = here.status(receipt).text
    here.arrive(receipt[0])
    here.tell(lists(1, [receipt[0]]))

    assert "待核对户籍" in waits
    assert "申报没有丢" in waits
    assert "核实中" in here.status(receipt).text


def test_an_alert_that_lists_nobodys_report_is_not_kept(here: ReportsHere) -> None:
    here.receipt()
    here.tell(lists(1, []), lists(1, ["9999-9999-9999"], alert_id="a_other"))

    assert here.counts() == {"accepted": 1}


def test_a_report_is_taken_back_once_and_its_fact_with_it(here: ReportsHere) -> None:
    receipt = here.receipt()
    pages = [here.request("POST", "/withdraw", data=dict(zip(("number", "pin"), receipt, strict=True))) for _ in "12"]

    told, back = here.events()
    assert [page.status_code for page in pages] == [200, 409]
    assert "已办结：已撤回" in pages[0].text
    assert (back["event_id"], back["revision"], back["retracted"], back["body"]) == (told["event_id"], 1, True, None)
    assert here.counts() == {"WITHDRAWN": 1}


def test_what_was_answered_stays_whatever_is_read_later(here: ReportsHere) -> None:
    receipt = here.receipt()
    here.tell(lists(1, [receipt[0]]), lists(2, [], actions=[done("confirmed", 1)]))
    here.tell(lists(3, [], known_at=NOW - DAY_MS, actions=[done("rejected", 1, NOW - DAY_MS, reason="other")]))
    here.arrive(receipt[0], parked_now=1)

    assert here.counts() == {"CONFIRMED": 1}
    assert here.request("POST", "/withdraw", data={"number": receipt[0], "pin": receipt[1]}).status_code == 409


def test_nobody_appeals_or_takes_back_without_the_code(here: ReportsHere) -> None:
    number, pin = here.receipt()
    wrong = {"number": number, "pin": f"{(int(pin) + 1) % 1_000_000:06}"}

    assert [here.request("POST", path, data=wrong).status_code for path in ("/withdraw", "/appeal")] == [404, 404]
    assert here.counts() == {"accepted": 1}


def test_what_is_late_is_counted_by_the_day_that_passed(here: ReportsHere) -> None:
    for order in range(3):
        here.receipt(f"f{order}", id_number=numbered(order))
    found = []
    for days in (0, 20, 60):
        here.now = NOW + days * DAY_MS
        gauges.show(here.engine, here.now)
        found.append([OVERDUE.labels(step)._value.get() for step in ("visit", "decision")])

    assert found == [[0, 0], [3, 0], [0, 3]]
    assert REPORTS.labels("accepted")._value.get() == 3
    assert [late.step for late in tally(here.engine, here.now)[0].late] == ["decision"] * 3


def test_the_command_counts_lists_what_is_late_and_names_nobody(here: ReportsHere, tmp_path: Path) -> None:
    receipts = [here.receipt(f"f{order}", id_number=numbered(order)) for order in range(2)]
    here.tell(lists(1, [receipts[0][0]]), lists(2, [], actions=[done("already_covered", 1, reason="other")]))
    with sqlite3.connect(tmp_path / "report.db") as db:
        db.execute("UPDATE report SET accepted_at = ?", (NOW - 900 * DAY_MS,))
    shown = [CliRunner().invoke(main, ["reports", "--data-dir", str(tmp_path), *more]) for more in ((), ("--json",))]
    words, counted = shown[0].output, json.loads(shown[1].output)

    assert [each.exit_code for each in shown] == [0, 0]
    assert "受理 2 件 = 办结 1 + 在办 1，相符" in words
    assert f"逾期 {receipts[1][0]}" in words
    assert (counted["accepted"], counted["concluded"]["ALREADY_COVERED"], counted["unsent"]) == (2, 1, 2)
    assert [(late["number"], late["step"]) for late in counted["late"]] == [(receipts[1][0], "decision")]


def test_without_a_store_the_command_says_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["reports", "--data-dir", str(tmp_path)])

    assert done.exit_code == 2
    assert "alertbus up --report" in done.output
    assert not (tmp_path / "report.db").exists()


def test_up_starts_the_page_when_it_is_asked_to_and_only_then() -> None:
    names = [name for name, _ in shipped_programs(1, report=True)]
    where = listening_on("report", {"ALERTBUS_REPORT_HOST": "127.0.0.1"}, 8123)

    assert names[-1] == "report"
    assert "report" not in [name for name, _ in shipped_programs(1, gateway=True, database=True)]
    assert where is not None
    assert (where.url, listening_on("report", {}, None)) == ("http://127.0.0.1:8123", None)


def test_beyond_this_machine_or_without_the_countys_key_it_does_not_start(county_key: Path, tmp_path: Path) -> None:
    open_to_all = LiveGateway(NO_BROKER, county_key, tmp_path, {"ALERTBUS_REPORT_HOST": "0.0.0.0"}, "report")  # noqa: S104
    keyless = LiveGateway(NO_BROKER, tmp_path / "none", tmp_path, program="report")
    ends = [each.run_to_the_end() for each in (open_to_all, keyless)]

    assert [code for code, _ in ends] == [78, 78]
    assert "STOPPED: 0.0.0.0 is not the loopback address" in ends[0][1]
    assert "ALERTBUS_COUNTY_KEY_FILE" in ends[1][1]


def test_behind_the_countys_proxy_each_person_has_an_address_and_cookies_are_for_tls(
    county_key: Path, tmp_path: Path
) -> None:
    def posted(page: LiveGateway, order: int, address: str) -> int:
        fields = FORM | {"id_number": numbered(order), "token": f"form-{order}"}
        headers = {"x-forwarded-for": f"203.0.113.99, {address}"}
        return httpx.post(page.url, data=fields, headers=headers, trust_env=False).status_code

    settings = {"ALERTBUS_REPORT_PER_ADDRESS": "1", "ALERTBUS_REPORT_URL": "https://bao.example.cn"}
    with gateway_on(NO_BROKER, county_key, tmp_path, settings, "report") as alone:
        assert [posted(alone, order, f"198.51.100.{order}") for order in (1, 2)] == [200, 429]
    believed = settings | {"ALERTBUS_REPORT_PROXIES": HOST}
    with gateway_on(NO_BROKER, county_key, tmp_path, believed, "report") as behind:
        assert [posted(behind, order, f"198.51.100.{order}") for order in (3, 4)] == [200, 200]
        assert posted(behind, 5, "198.51.100.3") == 429
        key = behind.key("hotline")
        began = httpx.post(f"{behind.url}/hotline/sign-in", data={"key": key}, trust_env=False)
    cookie = began.headers["set-cookie"].lower()

    assert "; secure" in cookie
    assert cookie.startswith("__host-alertbus-hotline=")
    assert began.headers["strict-transport-security"] == "max-age=31536000"
    assert (tmp_path / "report.db").stat().st_mode & 0o777 == 0o600


class Unsure(FlakyProducer):
    """A producer of whose first record the broker says nothing."""

    def __init__(self) -> None:
        super().__init__({1}, KafkaTimeoutError("no word"))

    def send(
        self, topic: str, value: bytes | None = None, key: bytes | None = None, *, partition: int | None = None
    ) -> Word:
        assert (topic, partition) == ("events.rural_revitalisation", partition_of(key or b""))
        return super().send("t", value, b"k", partition=0)

    def partitions_for(self, topic: str) -> set[int] | None:
        return {0} if topic else None


def test_a_record_is_forgotten_only_once_the_broker_has_confirmed_it(here: ReportsHere) -> None:
    here.receipt()
    producer = Unsure()
    carrier = Carrier(here.engine, lambda: Sender(producer, patience=A_REQUEST))
    with pytest.raises(BusError):
        carrier.send_some()
    assert len(here.events()) == 1

    assert (carrier.send_some(), here.events(), carrier.send_some()) == (1, [], 0)
    assert (producer.sends, len(producer.log)) == (2, 1)
