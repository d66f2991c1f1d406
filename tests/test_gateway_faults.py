"""The gateway killed under load, and without a broker: each row that was acknowledged counts once, none is lost."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import httpx
import pytest

from deploy.up.program import Deadline
from schemas.topics import events_topic
from tests.gateways import lines_of
from tests.live_broker import LiveBroker
from tests.live_gateway import LiveGateway, gateway_on, insist
from tests.people import Row, identity_number
from tests.rows import KEY, LATELY, fee
from tests.running_bus import RunningBus
from tests.test_publish_bus import read_all

pytestmark = pytest.mark.kafka

KILLS, SENDERS, BATCHES, ROWS = 4, 3, 8, 50
HOUSING, EDUCATION, NDJSON = "/v1/events/housing", "/v1/events/education", "application/x-ndjson"
_GIVE_UP_SECONDS = 120


def inspection(name: str) -> Row:
    what: Row = {"event_id": name, "kind": "inspection", "id_number": identity_number(77, "19410203"), "grade": "A"}
    return {**what, "occurred_at": "2026-09-01", "hazard": "none", "inspected_on": "2026-09-01"}


class Sender(threading.Thread):
    """A department's system: one batch after the other, each until it is taken."""

    def __init__(self, gateway: LiveGateway, key: str, number: int) -> None:
        super().__init__(daemon=True)
        self.gateway, self.key, self.number = gateway, key, number
        self.taken: list[str] = []

    def run(self) -> None:
        for batch in range(BATCHES):
            rows = lines_of(inspection(f"KILL-{self.number}-{batch}-{row}") for row in range(ROWS))
            name = f"{self.number}-{batch}"
            answer = insist(lambda: self.gateway.post(HOUSING, rows, self.key, NDJSON, idempotency_key=name))  # noqa: B023
            self.taken.append(answer.headers["location"])


def counted(bus: RunningBus) -> int:
    counts = bus.counts()
    return counts["applied"] + counts["parked"]


def test_a_gateway_killed_again_and_again_under_load_loses_and_doubles_nothing(bus: RunningBus, tmp_path: Path) -> None:
    bus.settle()
    before = counted(bus)
    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", tmp_path) as gateway:
        key = gateway.key("housing")
        senders = [Sender(gateway, key, number) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        for kill in range(1, KILLS + 1):
            due = kill * SENDERS * BATCHES // (KILLS + 1)
            assert Deadline(_GIVE_UP_SECONDS).reached(
                lambda: sum(len(sender.taken) for sender in senders) >= due,  # noqa: B023
                every_s=0.01,
            )
            assert any(sender.is_alive() for sender in senders), "the kill must fall into the load"
            gateway.kill()
            gateway.start()
        for sender in senders:
            sender.join(_GIVE_UP_SECONDS)
        bus.settle()
        receipts = [gateway.settled_receipt(address, key) for sender in senders for address in sender.taken]

    assert len(receipts) == SENDERS * BATCHES
    assert [r for r in receipts if not r["adds_up"] or r["accepted"] != ROWS] == []
    assert counted(bus) - before == SENDERS * BATCHES * ROWS


def test_without_a_broker_nothing_is_taken_and_the_same_delivery_is_taken_when_it_is_back(tmp_path: Path) -> None:
    live = LiveBroker(tmp_path / "broker")
    live.start()
    (tmp_path / "county.key").write_bytes(KEY)
    rows = [fee(n, occurred_at=LATELY) for n in range(20)]
    try:
        with gateway_on(live.declared(), tmp_path / "county.key", tmp_path) as gateway:
            key = gateway.key("education")

            def send() -> httpx.Response:
                answer: httpx.Response = gateway.post(EDUCATION, json.dumps(rows), key, idempotency_key="a")
                return answer

            warm = gateway.post(EDUCATION, json.dumps(rows[:1]), key)
            live.kill()
            away = send()
            live.start()
            taken = insist(send)

        found = [r["event_id"] for _, (_, r) in read_all(live.bootstrap_servers, {events_topic("education")})]
    finally:
        live.stop()

    assert (warm.status_code, away.status_code, away.json()["error"]) == (202, 503, "bus_away")
    assert int(away.headers["retry-after"]) > 0
    assert taken.json()["accepted"] == 20
    assert set(found) == {row["event_id"] for row in rows}
