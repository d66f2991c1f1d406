"""What the gateway refuses: too much, too slow, packed too tightly, signed wrongly, guessed; in words."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from httpx import Response

from producers.gateway.desk import Limits
from producers.gateway.signature import TOLERANCE_SECONDS, signature_of
from tests.gateways import NOW, GatewayHere, bearer, lines_of
from tests.rows import fee

EDUCATION, NDJSON = "/v1/events/education", "application/x-ndjson"
SMALL = Limits(rows=3, body_bytes=10_000, body_seconds=0.2, per_minute=20)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayHere]:
    here = GatewayHere(tmp_path, SMALL)
    yield here
    here.close()


def said(answer: Response) -> tuple[int, str]:
    body = answer.json()
    assert body["message"], "in Chinese"
    assert body["message_en"], "in English"
    return answer.status_code, body["error"]


@pytest.mark.parametrize(
    ("content", "media", "headers", "expected"),
    [
        (b"{" * 9_000, "application/json", {}, (422, "bad_json")),
        (b"[" * 9_000, "application/json", {}, (422, "bad_json")),
        (b'"text"', "application/json", {}, (422, "bad_json")),
        (b"", "application/json", {}, (422, "bad_json")),
        (b"\xff\xfe", "application/json", {}, (422, "bad_json")),
        (b'{"a":' * 2_000, NDJSON, {}, (422, "bad_file")),
        (b"x" * 10_001, NDJSON, {}, (413, "body_too_large")),
        (lines_of(fee(n) for n in range(4)).encode(), NDJSON, {}, (413, "too_many_rows")),
        (json.dumps([fee(n) for n in range(4)]).encode(), "application/json", {}, (413, "too_many_rows")),
        (b"{}", "text/plain", {}, (415, "unknown_type")),
        (b"{}", "", {}, (415, "unknown_type")),
        (b"{}", "application/json", {"content_encoding": "br"}, (415, "unknown_encoding")),
        (b"{}", "application/json", {"content_encoding": "gzip"}, (400, "bad_gzip")),
        (gzip.compress(b"{}", mtime=0)[:-2], "application/json", {"content_encoding": "gzip"}, (400, "bad_gzip")),
        (
            gzip.compress(b" " * 5_000_000, mtime=0),
            "application/json",
            {"content_encoding": "gzip"},
            (413, "body_too_large"),
        ),
        (b"--x\r\n", "multipart/form-data; boundary=x", {}, (400, "bad_multipart")),
        (b"x", "multipart/form-data", {}, (400, "bad_multipart")),
        (b"no workbook", _XLSX, {}, (422, "bad_file")),
        (b"event_id,kind\n1,2\n", "text/csv", {}, (422, "bad_file")),
        (b"[]", "application/json", {"idempotency_key": "k" * 201}, (422, "bad_idempotency_key")),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_in_words(
    gateway: GatewayHere, content: bytes, media: str, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = gateway.post(EDUCATION, content, gateway.key("education"), media, **headers)

    assert said(answer) == expected
    assert gateway.bus.sent == []


def test_a_bomb_takes_no_more_memory_than_a_body_may(gateway: GatewayHere) -> None:
    bomb, key = gzip.compress(b" " * 5_000_000), gateway.key("education")

    tracemalloc.start()
    answer = gateway.post(EDUCATION, bomb, key, content_encoding="gzip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert said(answer) == (413, "body_too_large")
    assert peak < 2_000_000


def test_a_packed_body_is_read_as_its_content(gateway: GatewayHere) -> None:
    packed = gzip.compress(json.dumps(fee(1)).encode())

    assert gateway.post(EDUCATION, packed, gateway.key("education"), content_encoding="gzip").status_code == 202


@pytest.mark.parametrize("day", ["2026-02-30", "yesterday", "20260331", "２０２６-03-31", ""])
def test_a_day_that_is_none_is_refused(gateway: GatewayHere, day: str) -> None:
    answer = gateway.post(f"{EDUCATION}?covers_to={day}", "[]", gateway.key("education"))

    assert said(answer) == (422, "bad_covers_to")


def test_a_body_that_does_not_arrive_is_not_waited_for(gateway: GatewayHere) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.Event().wait()

    headers = {**bearer(gateway.key("education")), "content-type": "application/json"}
    answer = gateway.request("POST", EDUCATION, content=slowly(), headers=headers)

    assert said(answer) == (408, "too_slow")


def test_a_body_without_a_stated_length_is_cut_off_where_it_is_too_long(gateway: GatewayHere) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1_000
            yield b" " * 1_000

    headers = {**bearer(gateway.key("education")), "content-type": "application/json"}
    answer = gateway.request("POST", EDUCATION, content=endless(), headers=headers)

    assert said(answer) == (413, "body_too_large")
    assert given <= 12_000


def test_addresses_and_methods_that_are_not_there_are_refused_in_the_same_shape(gateway: GatewayHere) -> None:
    key = gateway.key("education")

    assert said(gateway.post("/v1/events/weather", "[]", key)) == (404, "not_found")
    assert said(gateway.get(EDUCATION, key)) == (405, "wrong_method")
    assert said(gateway.get("/v1/receipts/none", key)) == (404, "not_found")


def test_a_key_makes_so_many_requests_a_minute_and_waits_as_it_is_told(gateway: GatewayHere) -> None:
    key, other = gateway.key("education"), gateway.key("education")
    codes = [gateway.post(EDUCATION, "[]", key).status_code for _ in range(SMALL.per_minute)]

    limited = gateway.post(EDUCATION, "[]", key)
    others = gateway.post(EDUCATION, "[]", other)
    gateway.now += int(limited.headers["retry-after"]) * 1000

    assert codes == [202] * SMALL.per_minute
    assert said(limited) == (429, "too_many_requests")
    assert others.status_code == 202
    assert gateway.post(EDUCATION, "[]", key).status_code == 202


def test_guessing_keys_is_limited_and_whoever_was_let_in_before_goes_on(
    gateway: GatewayHere, caplog: pytest.LogCaptureFixture
) -> None:
    known, fresh = gateway.key("education"), gateway.key("education")
    gateway.post(EDUCATION, "[]", known)
    guesses = [f"hab_{known.key_id}_{n:043d}" for n in range(12)]

    answers = [said(gateway.post(EDUCATION, "[]", guess)) for guess in guesses]

    assert answers == [(401, "bad_key")] * 10 + [(429, "too_many_wrong_keys")] * 2
    assert gateway.post(EDUCATION, "[]", known).status_code == 202
    assert said(gateway.post(EDUCATION, "[]", fresh)) == (429, "too_many_wrong_keys")
    assert "a wrong key from" in caplog.text
    assert [g for g in guesses if g in caplog.text] == []
    gateway.now += 60_000
    assert gateway.post(EDUCATION, "[]", fresh).status_code == 202


def test_a_key_opens_until_it_expires(gateway: GatewayHere) -> None:
    key = gateway.key("education", expires_at=NOW + 1_000)
    before = gateway.post(EDUCATION, "[]", key)
    gateway.now += 1_000

    assert before.status_code == 202
    assert said(gateway.post(EDUCATION, "[]", key)) == (401, "bad_key")


def test_a_signed_request_is_taken_once_and_only_as_it_was_signed(gateway: GatewayHere) -> None:
    key = gateway.key("education", signed=True)
    body = json.dumps(fee(1))

    def signed(message_id: str, content: str = body, seconds: int = 0) -> Response:
        at = NOW // 1000 + seconds
        signature = "v1,x " + signature_of(key.secret, message_id, at, body.encode())
        headers = {"webhook_id": message_id, "webhook_timestamp": str(at), "webhook_signature": signature}
        return gateway.post(EDUCATION, content, key, **headers)

    assert said(gateway.post(EDUCATION, body, key)) == (401, "no_signature")
    assert signed("a").status_code == 202
    assert said(signed("a")) == (401, "replayed")
    assert signed("b").status_code == 202
    assert said(signed("c", body.replace("junior", "senior"))) == (401, "bad_signature")
    assert said(signed("d", seconds=-TOLERANCE_SECONDS - 1)) == (401, "old_signature")
    assert said(signed("e", seconds=TOLERANCE_SECONDS + 1)) == (401, "old_signature")
    assert said(gateway.post(EDUCATION, body, key, webhook_id="f")) == (401, "bad_signature")
