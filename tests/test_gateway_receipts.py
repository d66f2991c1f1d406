"""Receipts later on: what came of a delivery, in counts, kept through restarts; and when a receipt is forgotten."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.up.program import Deadline
from producers.gateway.bus_reader import forget
from producers.gateway.evidence import came_of, event_id_in, note_alerts
from producers.gateway.outcomes import note
from producers.gateway.store import reading, writing
from producers.gateway.submission import KEPT_MS
from producers.results.came_of import CameOf, Verdicts
from schemas.codec import Record, encode
from schemas.departments import DEPARTMENTS
from schemas.examples import examples_of
from tests.deliveries import HOUSING, about, done, outcome
from tests.gateways import NOW, GatewayHere
from tests.live_gateway import gateway_on
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus
from tests.seeds import seeds
from tests.test_actions_bus import Officer
from tests.test_gateway_bus import inspection


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayHere]:
    here = GatewayHere(tmp_path)
    yield here
    here.close()


def sent(gateway: GatewayHere, *orders: int) -> str:
    """Id of a receipt of inspections `GW-<order>`."""
    rows = json.dumps([inspection(order) for order in orders])
    answer = gateway.post("/v1/events/housing", rows, gateway.key("housing"))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["receipt"])


def told(gateway: GatewayHere, receipt: str, *alerts: Record) -> Verdicts | None:
    with writing(gateway.engine) as conn:
        note_alerts(conn, alerts)
    with reading(gateway.engine) as conn:
        return came_of(conn, "housing", receipt)


@pytest.mark.parametrize("department", [d.code for d in DEPARTMENTS])
def test_an_events_id_is_read_from_its_message(department: str) -> None:
    for example in examples_of(department):
        for event_id in (example["event_id"], "x" * 64):
            message = encode(department, {**example, "event_id": event_id})
            assert event_id_in(message) == event_id.encode()


def test_a_receipt_says_how_many_alerts_rest_on_its_rows_and_what_was_found(gateway: GatewayHere) -> None:
    receipt, other = sent(gateway, 1, 2), sent(gateway, 3)
    alerts = [
        about("GW-1", alert_id="a_1"),
        about("GW-1", alert_id="a_1", version=2, actions=[done("confirmed")], status="CONFIRMED"),
        about("GW-2", "GW-3", alert_id="a_2"),
        about("GW-2", alert_id="a_3", status="LEAD"),
        about("GW-1", alert_id="a_4", departments=("education",)),
    ]

    assert told(gateway, receipt, *alerts) == (2, 1, 0, 0, 1)
    assert told(gateway, other) == (1, 0, 0, 0, 1)
    assert gateway.get(f"/v1/receipts/{receipt}", gateway.key("housing")).json()["came_of_it"]["alerts"] == 2


def test_a_register_delivery_has_no_alerts_of_its_own(gateway: GatewayHere) -> None:
    key = gateway.key("register")
    answer = gateway.post("/v1/register", json.dumps(member(identity_number(1), "H-1")), key)

    assert "came_of_it" not in gateway.get(answer.headers["location"], key).json()


@seeds(40)
@given(st.randoms(use_true_random=False))
def test_the_store_counts_as_the_log_does_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    gateway = GatewayHere(tmp_path_factory.mktemp("gateway"))
    receipt, pure = sent(gateway, 1, 2, 3), CameOf(HOUSING)
    answers = [done(each) for each in ("confirmed", "rejected", "already_covered")]
    alerts = [
        about(
            *chance.sample(["GW-1", "GW-2", "GW-3", "GW-9"], 2),
            alert_id=f"a_{chance.randrange(3)}",
            version=version,
            status=chance.choice(["LEAD", "ALERTED"]),
            actions=chance.sample(answers, chance.randrange(3)),
        )
        for version in range(1, 7)
    ]
    for version in alerts:
        pure.take_alert(version)
    ours = [a for a, known in pure.alerts.items() if known.raised and known.named & {"GW-1", "GW-2", "GW-3"}]

    found = told(gateway, receipt, *chance.sample([*alerts, *alerts], 12))

    assert found == pure.verdicts(ours)
    gateway.close()


def test_a_dead_letter_that_was_replayed_counts_as_what_it_became(gateway: GatewayHere) -> None:
    receipt, key = sent(gateway, 1, 2, 1), gateway.key("housing")

    def became(**counts: int) -> tuple[tuple[int, int, int], bool]:
        with writing(gateway.engine) as conn:
            note(conn, [{**outcome(0, **counts), "batch_id": receipt}])
        found = gateway.get(f"/v1/receipts/{receipt}", key).json()
        told = found["became"]
        return (told["applied"], told["duplicate"], told["dead_lettered"]), found["adds_up"]

    assert became(applied=1, duplicate=1, dead_lettered=1) == ((1, 1, 1), True)
    assert became(applied=2, duplicate=1, dead_lettered=1) == ((2, 1, 0), True)
    assert became(applied=4)[1] is False


def test_what_a_worker_that_was_held_up_tells_late_takes_nothing_from_a_receipt(gateway: GatewayHere) -> None:
    receipt, key = sent(gateway, 1, 2, 1), gateway.key("housing")

    def told_of(*said: Record) -> object:
        with writing(gateway.engine) as conn:
            note(conn, [{**each, "batch_id": receipt} for each in said])
        return gateway.get(f"/v1/receipts/{receipt}", key).json()["became"]

    all_of_it = told_of(outcome(0, applied=2, parked=1, parked_now=1))

    assert told_of(outcome(0, applied=1)) == all_of_it
    assert told_of(outcome(0, applied=2, parked=1, parked_now=1), outcome(0, applied=2)) == all_of_it
    assert told_of(outcome(0, applied=2, parked=1, parked_now=0)) != all_of_it


def test_a_receipt_is_forgotten_when_the_bus_forgets_its_events(gateway: GatewayHere) -> None:
    receipt, key = sent(gateway, 1), gateway.key("housing")
    asked = f"/v1/receipts/{receipt}"

    forget(gateway.engine, NOW + KEPT_MS)
    kept = gateway.get(asked, key).status_code
    forget(gateway.engine, NOW + KEPT_MS + 1)

    assert (kept, gateway.get(asked, key).status_code) == (200, 404)
    assert told(gateway, receipt, about("GW-1")) is None


@pytest.mark.kafka
def test_alerts_and_confirmations_reach_the_receipt_of_a_gateway_that_is_killed_in_between(
    bus: RunningBus, tmp_path: Path
) -> None:
    number = identity_number(71, "19650304")
    bus.json("register", json_lines(tmp_path / "people.jsonl", [member(number, "RC-1")]))
    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", tmp_path) as live:
        key = live.key("housing")

        def comes_to(alerts: int, confirmed: int) -> bool:
            found = live.receipt(taken.headers["location"], key).get("came_of_it", {})
            return (found.get("alerts"), found.get("confirmed")) == (alerts, confirmed)

        taken = live.post("/v1/events/housing", json.dumps(inspection(71, event_id="RC-1", id_number=number)), key)
        bus.settle()
        assert Deadline(30).reached(lambda: comes_to(1, 0))
        live.kill()
        (alert,) = bus.json_lines("alerts", "--household", "RC-1")
        officer = Officer(bus)
        officer.does("confirmed", alert, "rc-1", acted_at=time.time_ns() // 1_000_000)
        officer.close()
        bus.settle()
        live.start()

        assert Deadline(30).reached(lambda: comes_to(1, 1))
