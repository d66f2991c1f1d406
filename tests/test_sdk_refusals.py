"""What the SDK makes of refusals: rows and batches set aside, keys and clocks that stop it, all in words."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest

from deploy.up.program import Deadline
from producers import GatewayRefusesError, NotDeliveredError, Publisher, RowRefusedError
from producers.gateway.desk import Limits as GatewayLimits
from producers.sdk.courier import MOST_BROKEN
from producers.sdk.errors import SettingError
from tests.gateways import GatewayHere
from tests.rows import fee
from tests.sdk_wire import QUICK, Wire, arrived, body_of, names, publisher, refusing


@pytest.mark.parametrize(("status", "code"), [(503, "busy"), (429, "too_many_requests"), (409, "in_hand")])
def test_retry_after_is_waited_for(wire: Wire, tmp_path: Path, status: int, code: str) -> None:
    wire.instead = lambda _: refusing(status, code, retry_after="60") if len(wire.requests) == 1 else None
    with publisher(wire, tmp_path, limits=replace(QUICK, close_seconds=0)) as sending:
        sending.send(fee(1))
        assert Deadline(10).reached(lambda: sending.trouble is not None)
        with pytest.raises(NotDeliveredError):
            sending.flush(0.1)

    assert len(wire.requests) == 1


def test_a_refused_row_is_set_aside_with_its_reason_and_the_others_count(wire: Wire, tmp_path: Path) -> None:
    old = fee(2, occurred_at="2020-01-01")
    with publisher(wire, tmp_path) as sending:
        sending.send_many([fee(1), old, fee(3)])
        sending.flush()
        (refused,) = sending.set_aside()
        held = sending.waiting
        sending.forget([refused])
        left = sending.set_aside()

    assert arrived(wire) == names(1, 3)
    assert (refused.row, refused.receipt) == (old, sending_receipt(wire))
    assert (refused.problem.field, refused.problem.rule) == ("occurred_at", "too_old")
    assert "400" in refused.problem.reason
    assert (held.rows, held.set_aside, left) == (0, 1, [])


def sending_receipt(wire: Wire) -> str:
    return str(wire.gateway.bus.deliveries()[-1]["batch_id"])


@pytest.mark.parametrize("answer", [refusing(422, "other_content"), refusing(400, "bad_request")])
def test_a_batch_that_is_refused_as_a_whole_is_set_aside_and_those_behind_it_go_on(
    wire: Wire, tmp_path: Path, answer: httpx.Response
) -> None:
    wire.instead = lambda request: answer if b"XF-1" in body_of(request) else None
    with publisher(wire, tmp_path, limits=replace(QUICK, batch_rows=1)) as sending:
        sending.send_many([fee(1), fee(2)])
        sending.flush()
        (refused,) = sending.set_aside()

    assert arrived(wire) == names(2)
    assert (refused.row["event_id"], refused.receipt, refused.problem.reason_en) == ("XF-1", None, "no: correct it")


def test_a_batch_over_which_the_gateway_fails_again_and_again_is_set_aside(wire: Wire, tmp_path: Path) -> None:
    wire.instead = lambda request: refusing(500, "broken") if b"XF-1" in body_of(request) else None
    with publisher(wire, tmp_path, limits=replace(QUICK, batch_rows=1)) as sending:
        sending.send_many([fee(1), fee(2)])
        sending.flush(10)
        refused = sending.set_aside()

    assert arrived(wire) == names(2)
    assert [each.problem.rule for each in refused] == ["broken"]
    assert len(wire.requests) == MOST_BROKEN + 1


def test_a_batch_that_is_too_large_for_the_gateway_becomes_smaller_ones(tmp_path: Path) -> None:
    here = GatewayHere(tmp_path, GatewayLimits(rows=3))
    wire = Wire(here)
    with publisher(wire, tmp_path) as sending:
        sending.send_many(fee(number) for number in range(10))

    assert arrived(wire) == names(*range(10))
    here.close()


def test_a_row_that_is_too_large_for_the_gateway_is_set_aside(wire: Wire, tmp_path: Path) -> None:
    wire.instead = lambda request: refusing(413, "body_too_large") if b"XF-1" in body_of(request) else None
    with publisher(wire, tmp_path) as sending:
        sending.send_many([fee(0), fee(1), fee(2)])
        sending.flush()
        refused = sending.set_aside()

    assert arrived(wire) == names(0, 2)
    assert [each.row["event_id"] for each in refused] == names(1)


def test_a_gateway_that_takes_nothing_packed_gets_it_plain(wire: Wire, tmp_path: Path) -> None:
    wire.instead = lambda request: refusing(415, "unknown_encoding") if "content-encoding" in request.headers else None
    with publisher(wire, tmp_path) as sending:
        sending.send_many(fee(number) for number in range(20))
        sending.flush()
        sending.send_many(fee(number) for number in range(20, 40))

    assert arrived(wire) == names(*range(40))
    assert len(wire.requests) == 3
    assert wire.keys[0] == wire.keys[1]


@pytest.mark.parametrize("answer", [httpx.Response(403, text="<html>proxy</html>"), httpx.Response(302)])
def test_what_is_not_the_gateway_takes_nothing_away(wire: Wire, tmp_path: Path, answer: httpx.Response) -> None:
    wire.instead = lambda _: answer if len(wire.requests) < 3 else None
    with publisher(wire, tmp_path) as sending:
        sending.send(fee(1))

    assert arrived(wire) == names(1)


def test_a_receipt_that_does_not_fit_its_batch_is_none(wire: Wire, tmp_path: Path) -> None:
    wrong = {"receipt": "x", "state": "taken", "rows": 7, "accepted": 7, "problems": []}
    wire.instead = lambda _: httpx.Response(202, json=wrong) if len(wire.requests) < 3 else None
    with publisher(wire, tmp_path) as sending:
        sending.send(fee(1))
        sending.flush()
        receipts = sending.receipts()

    assert arrived(wire) == names(1)
    assert len(receipts) == 1


def test_a_wrong_key_stops_everything_in_words_and_the_spool_is_kept(wire: Wire, tmp_path: Path) -> None:
    wrong, right = wire.gateway.key("housing").text, wire.gateway.key("education").text
    with (
        pytest.raises(GatewayRefusesError, match=r"此密钥不属于这个部门.*another department's"),
        publisher(wire, tmp_path, key=wrong) as sending,
    ):
        sending.send(fee(1))
    sending = publisher(wire, tmp_path, key=wrong)
    assert Deadline(10).reached(lambda: sending.trouble is not None)
    with pytest.raises(GatewayRefusesError):
        sending.send(fee(2))
    with pytest.raises(GatewayRefusesError):
        sending.close()
    assert arrived(wire) == []

    publisher(wire, tmp_path, key=right).close()

    assert arrived(wire) == names(1)


def test_a_clock_that_is_wrong_stops_a_signing_key_and_refuses_no_row_here(wire: Wire, tmp_path: Path) -> None:
    wire.gateway.now = time.time_ns() // 1_000_000 + 3_600_000
    key = wire.gateway.key("education", signed=True).text
    tomorrow = date.fromordinal(date.today().toordinal() + 3).isoformat()  # noqa: DTZ011  # any day to come
    with (
        pytest.raises(GatewayRefusesError, match=r"请校准时钟.*set your clock"),
        publisher(wire, tmp_path, key=key, signed=True) as sending,
    ):
        sending.send(fee(1, occurred_at=tomorrow))

    wire.gateway.now = time.time_ns() // 1_000_000
    with publisher(wire, tmp_path, key=key, signed=True) as sending:
        sending.flush()
        (refused,) = sending.set_aside()

    assert refused.problem.rule == "in_future", "the gateway's clock counts"


def test_a_wrong_row_is_refused_before_it_is_sent_in_both_languages(wire: Wire, tmp_path: Path) -> None:
    with publisher(wire, tmp_path) as sending:
        with pytest.raises(RowRefusedError) as caught:
            sending.send(fee(1, stage="university"))
        sent = sending.send_many([fee(2), fee(3, overdue="-1"), fee(4), fee(5, id_number="1")])

    problem = caught.value.problem
    assert (problem.field, problem.rule) == ("stage", "word")
    assert "请改正" in problem.reason
    assert "correct it" in problem.reason_en
    assert [(each.row, each.field, each.rule) for each in sent.problems] == [
        (2, "overdue", "amount"),
        (4, "id_number", "id_length"),
    ]
    assert (sent.taken, arrived(wire)) == (2, names(2, 4))


@pytest.mark.parametrize(
    "url", ["http://gateway.example", "http://10.0.0.1:8001", "ftp://gateway.example", "gateway", ""]
)
def test_identity_numbers_never_travel_in_plain_text(wire: Wire, tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingError, match="https"):
        Publisher(url, key=wire.gateway.key("education").text, department="education", spool=tmp_path / "s")


def test_what_a_publisher_cannot_be_made_with_is_said_without_repeating_it(wire: Wire, tmp_path: Path) -> None:
    key = wire.gateway.key("education").text
    for changes, words in (({"key": key[:-1]}, "key is not whole"), ({"ca": tmp_path / "none"}, "give a PEM file")):
        with pytest.raises(SettingError, match=words) as caught:
            publisher(wire, tmp_path, **changes)
        assert key[:-1] not in str(caught.value)
    with pytest.raises(SettingError, match="no such department"):
        publisher(wire, tmp_path, department="bakery", key=key)
