"""Dead letters are counted, looked at without giving anybody away, and sent again as they came."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaProducer

from deploy.cli import main
from schemas.codec import encode
from schemas.examples import examples_of
from schemas.topics import DEAD_LETTERS
from streams.dead_letter_look import counted, looked_at, masked
from tests.kafka_hands import records
from tests.live_broker import LiveBroker
from tests.rows import numbered


def letter(place: int, value: bytes = b"not avro", **changes: Any) -> dict[str, Any]:
    topic = "events.transport"
    of_it: dict[str, Any] = {
        "id": f"{topic}|0|{place}",
        "department": "transport",
        "reason": "not_avro",
        "source_topic": topic,
    }
    of_it |= {"source_partition": 0, "source_offset": place, "value": value, "size": len(value)}
    return {**examples_of("dead_letter")[0], **of_it, **changes}


def test_letters_are_counted_by_department_and_reason_with_what_to_do() -> None:
    found = counted([letter(1), letter(2), letter(3, reason="too_old"), letter(4, department="water")])

    assert [(each["department"], each["reason"], each["letters"]) for each in found] == [
        ("transport", "not_avro", 2),
        ("transport", "too_old", 1),
        ("water", "not_avro", 1),
    ]
    assert "：" in found[0]["what_to_do"]


def test_a_letter_that_nobody_can_read_shows_its_shape_only() -> None:
    said = looked_at(letter(1, f'{{"姓名": "王小明", "id": "{numbered(1)}", "tel": "13904561237"}}'.encode()))

    assert said["content"] == '{"字字": "字字字", "aa": "000000000000000000", "aaa": "00000000000"}'
    assert (said["schema"], said["cut"]) == (None, False)


def test_a_letter_that_can_be_read_shows_its_fields_and_no_value_but_department_and_kind() -> None:
    (first, *_) = examples_of("health_insurance")

    said = looked_at(letter(1, encode("health_insurance", first), reason="too_old"))

    assert said["schema"] == "health_insurance"
    assert said["content"]["kind"] == "settlement"
    assert said["content"]["body"].keys() == first["body"].keys()
    text = json.dumps(said["content"])
    assert [word for word in ("inpatient", "4250000", first["event_id"], str(first["person_id"])) if word in text] == []


def test_a_letter_that_was_cut_says_so() -> None:
    assert looked_at(letter(1, size=2_000_000))["cut"]


@given(st.text())
def test_no_letter_or_digit_survives_the_mask(text: str) -> None:
    assert set(masked(text)) <= {"0", "a", "A", "字", "?", *(sign for sign in text if not sign.isalnum())}
    assert len(masked(text)) == len(text)


@given(st.binary(max_size=300))
def test_whatever_a_letter_holds_it_can_be_looked_at(value: bytes) -> None:
    json.dumps(looked_at(letter(1, value)), ensure_ascii=False)


def run(broker: LiveBroker, *arguments: str) -> Result:
    told = {"KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers}
    return CliRunner().invoke(main, ["dead-letters", *arguments], env=told)


def put(broker: LiveBroker, *letters: dict[str, Any]) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.declared())
    for each in letters:
        producer.send(DEAD_LETTERS, key=each["id"].encode(), value=encode("dead_letter", each)).get(30)
    producer.close()


def listed(broker: LiveBroker) -> set[str]:
    lines = run(broker, "list", "--department", "transport", "--json").stdout.splitlines()
    return {json.loads(line)["id"] for line in lines}


@pytest.mark.kafka
def test_letters_are_replayed_one_by_one_or_by_reason_as_they_came_and_no_longer_listed(broker: LiveBroker) -> None:
    one, two, old, cut = (letter(9_000_001 + n, f"letter {n}".encode()) for n in range(4))
    put(broker, one, two, {**old, "reason": "too_old"}, {**cut, "size": 2_000_000})

    alone = run(broker, "replay", one["id"], "--json")
    assert json.loads(alone.stdout) == {"replayed": 1, "left": 0}
    assert listed(broker) == {two["id"], old["id"], cut["id"]}

    some = run(broker, "replay", "--department", "transport", "--reason", "not_avro")
    assert "已重新推送 1 条；1 条原文过长" in some.stdout
    assert listed(broker) == {old["id"], cut["id"]}

    sent = [(r.key, r.value, r.partition) for r in records(broker.bootstrap_servers, "events.transport")]
    assert [(one["key"], b"letter 0", 0), (two["key"], b"letter 1", 0)] == [s for s in sent if b"letter" in s[1]]
    counts = [
        json.loads(line) for line in run(broker, "counts", "--department", "transport", "--json").stdout.splitlines()
    ]
    assert {(each["reason"], each["letters"]) for each in counts} == {("not_avro", 1), ("too_old", 1)}


@pytest.mark.kafka
def test_a_letter_is_looked_at_by_its_id_and_one_that_is_not_there_is_said(broker: LiveBroker) -> None:
    put(broker, letter(9_100_001, b"letter 9", department="water"))

    found = run(broker, "look", "events.transport|0|9100001")
    absent = run(broker, "look", "events.transport|0|1")

    assert json.loads(found.stdout)["content"] == "aaaaaa 0"
    assert absent.exit_code == 2
    assert "没有这条死信" in absent.stderr
