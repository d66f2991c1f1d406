"""The SDK: a row that was taken arrives once, whatever becomes of gateway and answers in between."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import date
from itertools import accumulate
from pathlib import Path

import pytest

from deploy.up.program import Deadline
from producers import NotDeliveredError
from tests.rows import fee, member
from tests.sdk_wire import QUICK, Wire, arrived, body_of, names, publisher


def test_a_row_arrives_and_its_receipt_can_be_asked_for(wire: Wire, tmp_path: Path) -> None:
    with publisher(wire, tmp_path) as sending:
        sending.send(fee(1))
        sending.flush()
        (noted,) = sending.receipts()
        receipt = sending.receipt(noted.receipt)

    assert arrived(wire) == names(1)
    assert (noted.accepted, noted.rejected) == (1, 0)
    assert (receipt["receipt"], receipt["state"], receipt["rows"]) == (noted.receipt, "taken", 1)


def test_rows_go_out_in_batches_in_their_order_and_packed(wire: Wire, tmp_path: Path) -> None:
    with publisher(wire, tmp_path, limits=replace(QUICK, batch_rows=40, linger_seconds=60)) as sending:
        sent = sending.send_many(fee(number) for number in range(100))

    assert (sent.taken, sent.problems) == (100, [])
    assert arrived(wire) == names(*range(100))
    assert [len(json.loads(body_of(request))) for request in wire.requests] == [40, 40, 20]
    assert {request.headers["content-encoding"] for request in wire.requests} == {"gzip"}


def test_a_batch_ends_where_it_is_large_enough(wire: Wire, tmp_path: Path) -> None:
    wire.away = True
    with publisher(wire, tmp_path, limits=replace(QUICK, batch_bytes=500)) as sending:
        sending.send_many(fee(number) for number in range(6))
        wire.away = False

    sizes = [len(body_of(request)) for request in wire.requests]
    assert max(sizes) < 500 + 10
    assert arrived(wire) == names(*range(6))


def test_what_waits_while_the_gateway_is_away_arrives_in_its_order_when_it_is_back(wire: Wire, tmp_path: Path) -> None:
    wire.away = True
    with publisher(wire, tmp_path, limits=replace(QUICK, batch_rows=3)) as sending:
        for number in range(10):
            sending.send(fee(number))
        assert Deadline(10).reached(lambda: len(wire.requests) > 3)
        with pytest.raises(NotDeliveredError, match=r"10 rows are still in the spool.*does not answer"):
            sending.flush(0)
        wire.away = False

    assert arrived(wire) == names(*range(10))
    assert len({*wire.keys[:4]}) == 1, "the same batch until it is taken"


def test_what_could_not_be_delivered_goes_out_with_the_next_publisher(wire: Wire, tmp_path: Path) -> None:
    wire.away = True
    with publisher(wire, tmp_path, limits=replace(QUICK, close_seconds=0.05)) as sending:
        sending.send_many([fee(1), fee(2)])
        assert Deadline(10).reached(lambda: sending.trouble is not None)
    wire.away = False
    with publisher(wire, tmp_path) as sending:
        sending.flush()
        sending.send(fee(3))

    assert arrived(wire) == names(1, 2, 3)
    assert wire.keys[0] == wire.keys[-2]


def test_an_answer_that_was_lost_makes_nothing_go_out_twice(wire: Wire, tmp_path: Path) -> None:
    wire.losing = 2
    with publisher(wire, tmp_path) as sending:
        sending.send_many([fee(1), fee(2)])
        sending.flush()
        receipts = sending.receipts()

    assert arrived(wire) == names(1, 2)
    assert len(wire.requests) == 3
    assert len({*wire.keys}) == 1
    assert [(receipt.accepted, receipt.rejected) for receipt in receipts] == [(2, 0)]


def test_after_a_bus_that_did_not_confirm_the_same_batch_goes_out_again(wire: Wire, tmp_path: Path) -> None:
    wire.gateway.bus.fails_after = 1
    with publisher(wire, tmp_path, limits=QUICK) as sending:
        sending.send_many([fee(1), fee(2)])
        assert Deadline(10).reached(lambda: "The bus did not confirm" in (sending.trouble or ""))
        wire.gateway.bus.fails_after = None

    records = wire.gateway.bus.records("events.education")
    assert {str(record["event_id"]) for record in records} == {*names(1, 2)}
    assert len({str(record["batch_id"]) for record in records}) == 1


def test_a_signing_key_signs_each_attempt_anew(wire: Wire, tmp_path: Path) -> None:
    key = wire.gateway.key("education", signed=True).text
    wire.gateway.now = time.time_ns() // 1_000_000
    wire.losing = 1
    with publisher(wire, tmp_path, key=key, signed=True) as sending:
        sending.send_many(fee(number) for number in range(20))

    assert len(wire.gateway.bus.records("events.education")) == 20
    assert len({request.headers["webhook-id"] for request in wire.requests}) == 2


def test_an_empty_delivery_says_how_far_it_goes_after_all_that_came_before(wire: Wire, tmp_path: Path) -> None:
    with publisher(wire, tmp_path) as sending:
        sending.deliver_empty(date(2026, 3, 31))
        sending.flush()
        sending.send(fee(1))
        sending.deliver_empty(date(2026, 4, 30))
        sending.send(fee(2))

    deliveries = wire.gateway.bus.deliveries()
    so_far = accumulate(int(str(delivery["accepted"])) for delivery in deliveries)
    said = [(delivery["covers_to"], rows) for delivery, rows in zip(deliveries, so_far, strict=True)]
    assert [each for each in said if each[0]] == [(20_543, 0), (20_573, 1)]
    assert said[-1] == (None, 2)


def test_the_register_is_sent_in_the_same_way(wire: Wire, tmp_path: Path) -> None:
    with publisher(wire, tmp_path, department="register") as sending:
        problems = sending.send_many([member(1), member(2, village_code="1")]).problems

    assert [(each.row, each.field) for each in problems] == [(2, "village_code")]
    assert len(wire.gateway.bus.records("register.persons")) == 1
