"""The gateway: rows in, a receipt once the bus has them; who may send, what is refused and in which words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.gateway.api_key import ID_BYTES, SECRET_BYTES, new_token, token_of
from producers.gateway.words import REFUSALS
from schemas.english import ENGLISH
from schemas.faults import FAULTS
from schemas.reasons import REASONS
from schemas.topics import REGISTER_HOUSEHOLDS, REGISTER_PERSONS, events_topic
from tests.gateways import GatewayHere, bearer, lines_of
from tests.rows import fee, member, numbered

EDUCATION, REGISTER = "/v1/events/education", "/v1/register"
NDJSON = "application/x-ndjson"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayHere]:
    here = GatewayHere(tmp_path)
    yield here
    here.close()


def test_a_row_is_on_the_bus_when_its_receipt_is_given(gateway: GatewayHere) -> None:
    key = gateway.key("education")

    answer = gateway.post(EDUCATION, json.dumps(fee(1)), key)

    assert answer.status_code == 202
    receipt = answer.json()
    assert (receipt["rows"], receipt["accepted"], receipt["rejected"], receipt["state"]) == (1, 1, 0, "taken")
    events = gateway.bus.records(events_topic("education"))
    assert [(e["event_id"], e["batch_id"]) for e in events] == [("XF-1", receipt["receipt"])]
    assert answer.headers["location"] == f"/v1/receipts/{receipt['receipt']}"
    assert [(d["source"], d["accepted"], d["covers_to"]) for d in gateway.bus.deliveries()] == [("batch", 1, None)]


def test_lines_arrays_and_files_are_read_as_publish_reads_them(gateway: GatewayHere) -> None:
    key = gateway.key("education")
    rows = [fee(1), fee(2, overdue="much"), fee(3)]
    table = "event_id,kind,id_number,occurred_at,stage,due,overdue,overdue_days\n" + "".join(
        f"{r['event_id']},fee,{r['id_number']},2026-03-14,junior,1200,{r['overdue']},30\n" for r in rows
    )

    answers = [
        gateway.post(EDUCATION, lines_of(rows), key, NDJSON),
        gateway.post(EDUCATION, json.dumps(rows), key),
        gateway.post(EDUCATION, table.encode("gb18030"), key, "text/csv"),
        gateway.request("POST", EDUCATION, files={"file": ("a.csv", table)}, headers=bearer(key)),
    ]

    assert [a.status_code for a in answers] == [202] * 4
    for answer in answers:
        receipt = answer.json()
        assert (receipt["accepted"], receipt["rejected"]) == (2, 1)
        (problem,) = receipt["problems"]
        assert (problem["row"], problem["field"], problem["rule"]) == (2, "overdue", "amount")
        assert "请改正" in problem["reason"]
        assert "correct it" in problem["reason_en"]


def test_rows_that_are_all_wrong_are_refused_with_their_receipt(gateway: GatewayHere) -> None:
    answer = gateway.post(EDUCATION, json.dumps(fee(1, kind="bus_fare")), gateway.key("education"))

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["reason_en"].startswith("there is no such kind of event here; it must be one")
    assert gateway.bus.records(events_topic("education")) == []


def test_register_rows_go_to_both_topics_and_need_the_registers_key(gateway: GatewayHere) -> None:
    row = json.dumps(member(1))

    refused = gateway.post(REGISTER, row, gateway.key("education"))
    taken = gateway.post(REGISTER, row, gateway.key("register"))

    assert (refused.status_code, refused.json()["error"]) == (403, "other_department")
    assert taken.status_code == 202
    assert [len(gateway.bus.records(t)) for t in (REGISTER_PERSONS, REGISTER_HOUSEHOLDS)] == [1, 1]


@pytest.mark.parametrize(("body", "media"), [("[]", "application/json"), ("", NDJSON), ("", "text/csv")])
def test_an_empty_delivery_is_a_delivery_and_says_how_far_it_goes(gateway: GatewayHere, body: str, media: str) -> None:
    answer = gateway.post(f"{EDUCATION}?covers_to=2026-03-31", body, gateway.key("education"), media)

    assert (answer.status_code, answer.json()["rows"]) == (202, 0)
    assert [(d["accepted"], d["covers_to"]) for d in gateway.bus.deliveries()] == [(0, 20_543)]


def test_a_delivery_sent_again_under_its_key_is_answered_and_not_sent(gateway: GatewayHere) -> None:
    key, row = gateway.key("education"), json.dumps(fee(1))
    first = gateway.post(EDUCATION, row, key, idempotency_key="month 3")
    gateway.now += 86_400_000

    again = gateway.post(EDUCATION, row, key, idempotency_key="month 3")
    other = gateway.post(EDUCATION, json.dumps(fee(2)), key, idempotency_key="month 3")
    covering = gateway.post(f"{EDUCATION}?covers_to=2026-03-31", row, key, idempotency_key="month 3")

    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (202, first.json(), "true")
    assert [(a.status_code, a.json()["error"]) for a in (other, covering)] == [(422, "other_content")] * 2
    assert len(gateway.bus.records(events_topic("education"))) == 1


def test_after_a_bus_that_did_not_confirm_the_same_records_go_out_under_the_same_batch(gateway: GatewayHere) -> None:
    key, rows = gateway.key("education"), lines_of([fee(1), fee(2)])
    gateway.bus.fails_after = 1
    away = gateway.post(EDUCATION, rows, key, NDJSON, idempotency_key="a")
    gateway.bus.fails_after = None
    gateway.now += 60_000

    taken = gateway.post(EDUCATION, rows, key, NDJSON, idempotency_key="a")

    assert (away.status_code, away.json()["error"], away.headers["retry-after"]) == (503, "bus_away", "5")
    assert taken.status_code == 202
    events = [m.value for m in gateway.bus.sent if m.topic == events_topic("education")]
    assert len(events) == 3
    assert events[0] == events[1]
    assert len(gateway.bus.deliveries()) == 1


def test_a_check_sends_nothing_and_keeps_nothing(gateway: GatewayHere) -> None:
    answer = gateway.post(
        f"{EDUCATION}?check=true", lines_of([fee(1), fee(2, due=-1)]), gateway.key("education"), NDJSON
    )

    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (200, 1, 1)
    assert gateway.bus.sent == []


def test_a_receipt_is_shown_to_its_department_alone(gateway: GatewayHere) -> None:
    key = gateway.key("education")
    address = gateway.post(EDUCATION, json.dumps(fee(1)), key).headers["location"]

    assert gateway.get(address, key).json()["became"]["waiting"] == 1
    assert gateway.get(address, gateway.key("education")).status_code == 200
    assert gateway.get(address, gateway.key("housing")).status_code == 404
    assert gateway.get(address, None).status_code == 401


def test_nothing_that_is_refused_repeats_a_number_or_a_key(gateway: GatewayHere) -> None:
    key = gateway.key("education")
    wrong = numbered(1)[:-1] + ("0" if numbered(1)[-1] != "0" else "1")
    spoilt = key.text[:-2] + "AA"

    answers = [
        gateway.post(EDUCATION, json.dumps(fee(1, id_number=wrong)), key),
        gateway.post(EDUCATION, json.dumps(fee(1, **{numbered(1): "x"})), key),
        gateway.post(EDUCATION, json.dumps({numbered(1): numbered(1)}), key, "text/csv"),
        gateway.post(f"/v1/events/{numbered(1)}", "[]", key),
        gateway.post(EDUCATION, json.dumps(fee(1)), spoilt),
        gateway.get(f"/v1/receipts/{numbered(1)}", key),
    ]

    assert {a.status_code for a in answers} == {401, 404, 422}
    assert [a.text for a in answers if any(s in a.text for s in (wrong, numbered(1), key.text, spoilt))] == []


def test_every_refusal_and_reason_is_worded_in_both_languages_and_says_what_to_do() -> None:
    assert ENGLISH.keys() == FAULTS.keys() | REASONS.keys()
    assert [code for code, words in ENGLISH.items() if ": " not in words] == []
    assert [code for code, words in REFUSALS.items() if "：" not in words.zh or not words.en.strip()] == []


def test_what_is_no_key_is_no_token() -> None:
    assert [token_of(text) for text in ("", "hab_", "hab_aaaaaaaa_", "hab_aaaaaaaa_" + "é" * 43)] == [None] * 4


@given(st.binary(min_size=ID_BYTES + SECRET_BYTES, max_size=ID_BYTES + SECRET_BYTES))
def test_every_key_is_read_as_it_was_made_also_where_its_secret_has_underscores(randomness: bytes) -> None:
    token = new_token(randomness)

    assert token_of(token.text) == token
    assert token.text.split("_", 2)[1] == token.key_id
