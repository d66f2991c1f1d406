"""Rows L1, Y8 and X6 of the domain's list (domain.md section 8): the public's reports, with the rows' own figures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.up.program import Deadline
from producers.report.desk import FORM as PUBLIC
from producers.report.desk import Desk
from producers.report.limits import Limits, Most
from producers.report.number import event_id_of
from producers.report.receipt import Receipt
from producers.report.report import Asked
from producers.report.tallying import tally
from producers.store_file import writing
from schemas.beijing import BEIJING
from tests.gateways import NOW
from tests.live_gateway import LiveGateway, gateway_on
from tests.people import identity_number, json_lines, member
from tests.reports import FORM, ReportsHere, done, lists, receipt_in
from tests.rows import KEY, numbered
from tests.running_bus import RunningBus
from tests.test_actions_bus import Officer

LANZHOU = 6041
"""一键报贫 reports accepted and concluded in 2023; here a month's share of them, for each is a transaction."""
REPORTS = round(LANZHOU / 11.5)
HOUSEHOLDS = 480
RESULTS = (("confirmed", None), ("rejected", "already_recovered"), ("already_covered", "existing_help"))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[ReportsHere]:
    found = ReportsHere(tmp_path)
    yield found
    found.close()


def person(order: int) -> str:
    return identity_number(order % 1000, f"19{50 + order // 1000}0304")


def receipts_of(here: ReportsHere) -> list[Receipt]:
    """A month's reports, some of them on the same household."""
    desk = Desk(here.engine, KEY, Limits(Most(from_address=10**6, together=10**6)), lambda: None)
    found = []
    for order in range(REPORTS):
        asked = Asked(person(order), "self", "", ("illness",), "cadre", consent=True)
        taken = desk.take(asked, f"form-{order}", PUBLIC, "192.0.2.1", NOW)
        assert isinstance(taken, Receipt)
        found.append(taken)
    return found


def test_l1_a_months_525_of_6041_reports_have_525_receipts_and_accepted_is_concluded_when_all_are_closed(
    here: ReportsHere,
) -> None:
    receipts = receipts_of(here)
    numbers = [receipt.kept.report.number for receipt in receipts]
    cases = [numbers[order::HOUSEHOLDS] for order in range(HOUSEHOLDS)]
    before = tally(here.engine, NOW)[0]
    raised = [lists(1, some, alert_id=f"a_{order}") for order, some in enumerate(cases)]
    here.tell(*raised)
    between = tally(here.engine, NOW)[0]
    here.tell(
        *(
            lists(2, [], alert_id=f"a_{order}", actions=[done(RESULTS[order % 3][0], 1, reason=RESULTS[order % 3][1])])
            for order in range(HOUSEHOLDS)
        )
    )
    after = tally(here.engine, NOW)[0]

    assert REPORTS == 525
    assert len(set(numbers)) == len({receipt.pin + receipt.kept.report.number for receipt in receipts}) == REPORTS
    assert (before.accepted, before.open["accepted"], sum(before.concluded.values())) == (REPORTS, REPORTS, 0)
    assert (between.accepted, between.open["verifying"]) == (REPORTS, REPORTS)
    assert (after.accepted, sum(after.concluded.values()), sum(after.open.values())) == (REPORTS, REPORTS, 0)
    assert [each.adds_up for each in (before, between, after)] == [True] * 3
    assert len([some for some in cases if len(some) == 2]) == REPORTS - HOUSEHOLDS


def test_l1_those_who_report_the_same_household_share_its_case_and_each_has_a_receipt_and_the_answer(
    here: ReportsHere,
) -> None:
    mother, neighbour = here.receipt("f1"), here.receipt("f2", for_whom="other", phone="13904569999")
    here.tell(lists(1, [mother[0], neighbour[0]]))
    here.tell(lists(2, [], status="REJECTED", actions=[done("rejected", 1, reason="already_recovered")]))

    pages = [here.status(receipt).text for receipt in (mother, neighbour)]
    assert mother != neighbour
    assert all("已办结：经核实，情况不属实" in page and "情况已恢复正常" in page for page in pages)


def test_y8_an_appeal_is_202_with_an_id_and_after_the_verdict_says_verdict_and_reason(here: ReportsHere) -> None:
    key = here.key("reports")
    body = {"id_number": numbered(7), "for_whom": "other", "need": ["water"], "consent": True, "channel": "appeal"}

    posted = here.api(key, body)
    number = posted.json()["receipt"]
    waiting = here.request("GET", posted.headers["location"], headers={"authorization": f"Bearer {key}"}).json()
    here.tell(lists(1, [number]))
    looked = here.request("GET", posted.headers["location"], headers={"authorization": f"Bearer {key}"}).json()
    here.tell(lists(2, [], status="ALREADY_COVERED", actions=[done("already_covered", 1, reason="insurance_paid")]))
    answered = here.request("GET", posted.headers["location"], headers={"authorization": f"Bearer {key}"}).json()

    assert posted.status_code == 202
    assert [each["state"] for each in (waiting, looked, answered)] == ["accepted", "verifying", "concluded"]
    assert (answered["result"], answered["reason"]) == ("ALREADY_COVERED", "insurance_paid")
    assert (answered["result_text"], answered["reason_text"]) == ("已有帮扶", "保险已赔付")


def test_versions_read_again_from_the_start_come_to_the_same_counts(here: ReportsHere) -> None:
    receipts = [here.receipt(f"f{n}", id_number=numbered(n)) for n in range(3)]
    versions: list[dict[str, Any]] = [lists(1, [receipts[0][0]]), lists(2, [receipts[0][0], receipts[1][0]])]
    versions.append(lists(3, [], status="CONFIRMED", actions=[done("confirmed", 2)]))
    here.tell(*versions)
    once = (here.counts(), json.dumps([here.status(receipt).text for receipt in receipts]))
    with writing(here.engine) as conn:
        conn.exec_driver_sql("DELETE FROM position")
    here.tell(*versions, *reversed(versions))

    assert (here.counts(), json.dumps([here.status(receipt).text for receipt in receipts])) == once
    assert once[0] == {"CONFIRMED": 2, "accepted": 1}


def reported_by_five(bus: RunningBus, page: LiveGateway, keys: dict[str, str], folder: Path) -> dict[str, Any]:
    """A household's troubles by self-report, portal, hotline, a department and a sweep; what each was given."""
    number, day = identity_number(6, "19600304"), f"{datetime.now(BEIJING):%Y-%m-%d}"
    seen = {"id_number": number, "occurred_at": day}
    house = {"event_id": "X6-H", "kind": "inspection", "grade": "C", "hazard": "crack", "inspected_on": day}
    income = {"event_id": "X6-S", "kind": "income", "source": "sweep", "year": day[:4], "period_end": day}
    swept = {"per_capita_net": "5000", "prev_year": "5200"}
    body = {"id_number": number, "for_whom": "other", "need": ["house"], "consent": True}
    bus.json("register", json_lines(folder / "r.jsonl", [member(number, "X6-1")]))
    bus.settle()
    bus.json("publish", "housing", json_lines(folder / "h.jsonl", [seen | house]))
    bus.json("publish", "rural_revitalisation", json_lines(folder / "s.jsonl", [seen | income | swept]))
    return {
        "self": receipt_in(httpx.post(page.url, data=FORM | {"id_number": number}, trust_env=False)),
        "reports": page.post("/v1/reports", json.dumps(body | {"channel": "portal"}), keys["reports"]).json(),
        "hotline": page.post("/v1/reports", json.dumps(body), keys["hotline"]).json(),
    }


def results(page: LiveGateway, keys: dict[str, str], given: dict[str, Any]) -> list[str]:
    """What each of the three reporters is told."""
    found = [page.receipt(f"/v1/reports/{given[scope]['receipt']}", key)["result_text"] for scope, key in keys.items()]
    form = dict(zip(("number", "pin"), given["self"], strict=True))
    shown = httpx.post(f"{page.url}/status", data=form, trust_env=False).text
    return [*found, *re.findall("已办结：(.*?)</h1>", shown)]


@pytest.mark.kafka
def test_x6_a_household_by_five_channels_is_one_case_with_five_sources_and_each_reporter_is_answered(
    bus: RunningBus, tmp_path: Path
) -> None:
    def alerts() -> list[Any]:
        return bus.json_lines("alerts", "--household", "X6-1")

    def sources() -> set[str]:
        return {event_id for alert in alerts() for cause in alert["causes"] for event_id in cause["evidence"]}

    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", tmp_path, program="report") as page:
        keys = {scope: page.key(scope) for scope in ("reports", "hotline")}
        given = reported_by_five(bus, page, keys, tmp_path)
        numbers = {given["self"][0], *(given[scope]["receipt"] for scope in keys)}
        expected = {*map(event_id_of, numbers), "X6-H", "X6-S"}
        assert Deadline(60).reached(lambda: sources() == expected, every_s=0.5), sources()
        [alert] = alerts()
        (officer := Officer(bus)).does("confirmed", alert, "x6")
        officer.close()
        assert Deadline(60).reached(lambda: results(page, keys, given) == ["情况属实"] * 3, every_s=0.3)
        counted = json.loads(page.command("reports", "--json"))

    assert len(expected) == 5
    assert (counted["accepted"], counted["concluded"]["CONFIRMED"], counted["adds_up"]) == (3, 3, True)
    assert (counted["unsent"], counted["late"]) == (0, [])
