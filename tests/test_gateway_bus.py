"""The gateway on a real bus: a row over HTTP becomes an alert, and its receipt says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from tests.gateways import lines_of
from tests.live_feed import LiveFeed
from tests.live_gateway import LiveGateway, gateway_on
from tests.outboxes import fee_row, fees, put
from tests.people import Row, identity_number, json_lines, member
from tests.rows import LATELY, fee, numbered
from tests.running_bus import RunningBus

pytestmark = pytest.mark.kafka

BORN = "19650304"
HOUSING, EDUCATION, REGISTER = "/v1/events/housing", "/v1/events/education", "/v1/register"
NDJSON = "application/x-ndjson"


@pytest.fixture(scope="module")
def gateway(bus: RunningBus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", tmp_path_factory.mktemp("gateway")) as live:
        yield live


def inspection(order: int, **changes: object) -> Row:
    what = {"event_id": f"GW-{order}", "kind": "inspection", "id_number": identity_number(order, BORN)}
    return {
        **what,
        "occurred_at": "2026-09-01",
        "grade": "D",
        "hazard": "crack",
        "inspected_on": "2026-09-01",
        **changes,
    }


def test_a_row_over_http_becomes_an_alert_and_its_receipt_adds_up(bus: RunningBus, gateway: LiveGateway) -> None:
    register, housing = gateway.key("register"), gateway.key("housing")
    people = lines_of([member(identity_number(1, BORN), "GW-1")])
    rows = [inspection(1), inspection(2), inspection(3, grade="E")]

    registered = gateway.post(REGISTER, people, register, NDJSON)
    bus.settle()
    taken = gateway.post(HOUSING, lines_of(rows), housing, NDJSON, idempotency_key="September")
    receipt = gateway.settled_receipt(taken.headers["location"], housing)
    bus.settle()

    assert (registered.status_code, taken.status_code) == (202, 202)
    assert (receipt["rows"], receipt["rejected"], receipt["adds_up"]) == (3, 1, True)
    assert {k: receipt["became"][k] for k in ("applied", "parked", "duplicate")} == {
        "applied": 1,
        "parked": 1,
        "duplicate": 0,
    }
    assert [a["level"] for a in bus.json_lines("alerts", "--household", "GW-1")] == ["red"]


def test_the_same_fact_by_file_and_over_http_counts_once(bus: RunningBus, gateway: LiveGateway, tmp_path: Path) -> None:
    housing = gateway.key("housing")
    rows = [inspection(order) for order in range(10, 15)]
    before = bus.counts()

    bus.run("publish", "housing", json_lines(tmp_path / "rows.jsonl", rows))
    bus.settle()
    answer = gateway.post(HOUSING, json.dumps(rows), housing)
    receipt = gateway.settled_receipt(answer.headers["location"], housing)

    assert (receipt["became"]["duplicate"], receipt["became"]["applied"], receipt["adds_up"]) == (5, 0, True)
    assert bus.counts()["duplicate"] - before["duplicate"] == 5


def from_a_database(bus: RunningBus, folder: Path, rows: list[dict[str, Any]]) -> None:
    """Bring rows of a school's database onto the bus."""
    url = f"sqlite:///{folder / 'school.db'}"
    engine = create_engine(url)
    put(engine, fees(engine), *rows)
    engine.dispose()
    feed = LiveFeed(bus.bootstrap_servers, url, folder, bus.county_key())
    feed.start()
    feed.reaches(rows[-1]["id"], delivered=True)
    feed.kill()


def test_the_same_fact_from_a_database_and_over_http_counts_once_and_so_does_a_batch_sent_twice(
    bus: RunningBus, gateway: LiveGateway, tmp_path: Path
) -> None:
    education, register = gateway.key("education"), gateway.key("register")
    people = [member(numbered(number), "GW-DB") for number in range(3)]
    gateway.post(REGISTER, json.dumps(people), register)
    bus.settle()
    before = bus.counts()
    from_a_database(bus, tmp_path, [fee_row(n, bill_no=f"GWDB-{n}", occurred_at=LATELY) for n in range(3)])

    rows = json.dumps([fee(n, event_id=f"GWDB-{n}", occurred_at=LATELY) for n in range(3)])
    answers = [gateway.post(EDUCATION, rows, education, idempotency_key="twice") for _ in range(2)]
    answers.append(gateway.post(EDUCATION, rows, education))
    receipts = [gateway.settled_receipt(answer.headers["location"], education) for answer in answers]
    bus.settle()

    assert [receipt["became"]["duplicate"] for receipt in receipts] == [3, 3, 3]
    assert receipts[0]["receipt"] == receipts[1]["receipt"] != receipts[2]["receipt"]
    after = bus.counts()
    assert {what: after[what] - before[what] for what in ("applied", "parked", "duplicate")} == {
        "applied": 3,
        "parked": 0,
        "duplicate": 6,
    }


def test_a_revoked_key_opens_nothing_and_a_rotated_one_both_ways(gateway: LiveGateway) -> None:
    old = gateway.key("education")
    _, key_id, secret = old.split("_", 2)  # the secret may have `_`, at its start, too
    new = gateway.keys("rotate", key_id).partition("\n")[0]

    both = [gateway.post("/v1/events/education", "[]", key).status_code for key in (old, new)]
    gateway.keys("revoke", key_id)
    after = [gateway.post("/v1/events/education", "[]", key).status_code for key in (old, new)]

    assert (both, after) == ([202, 202], [401, 202])
    assert secret not in gateway.keys("list") + gateway.log.read_text()
