"""The commands against a real broker, and over its death."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kafka import KafkaConsumer, TopicPartition

from producers.commands import COMMANDS
from schemas.beijing import day_number
from schemas.codec import Decoded, Record, SchemaError, decode
from schemas.partition import partition_of
from schemas.topics import DELIVERIES, PARTITIONS, REGISTER_HOUSEHOLDS, REGISTER_PERSONS, events_topic
from tests.live_broker import LiveBroker
from tests.rows import KEY, LATELY, fee, lines, member

publish, register = COMMANDS


def invoke(command: object, *arguments: object) -> Result:
    assert command in COMMANDS
    return CliRunner().invoke(publish if command is publish else register, [str(a) for a in arguments])


def read_all(servers: str, topics: set[str]) -> Iterator[tuple[bytes, Decoded]]:
    partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
    consumer = KafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest", enable_auto_commit=False)
    consumer.assign(partitions)
    ends = consumer.end_offsets(partitions)
    try:
        while any(consumer.position(tp) < ends[tp] for tp in partitions):
            for records in consumer.poll(500).values():
                for record in records:
                    try:
                        found = decode(record.value)
                    except SchemaError:  # another test's
                        continue
                    assert record.partition == partition_of(record.key.split(b"|")[0])
                    yield record.key, found
    finally:
        consumer.close()


@pytest.fixture
def bus_dir(tmp_path: Path, broker: LiveBroker, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.declared())
    (tmp_path / "county.key").write_bytes(KEY + b"\n")
    return tmp_path


@pytest.mark.kafka
def test_the_commands_put_rows_and_their_delivery_on_a_real_bus(bus_dir: Path, broker: LiveBroker) -> None:
    rows = lines(bus_dir / "rows.jsonl", [fee(n, event_id=f"BUS-{n}", occurred_at=LATELY) for n in range(500)])
    members = lines(bus_dir / "members.jsonl", [member(n, household_id=f"BUS-{n}") for n in range(100)])

    registered = invoke(register, members, "--data-dir", bus_dir, "--json")
    published = invoke(publish, "education", rows, "--data-dir", bus_dir, "--json", "--covers-to", "2026-03-31")

    assert (registered.exit_code, published.exit_code) == (0, 0), published.output
    assert json.loads(published.stdout) == {"accepted": 500, "rejected": []}
    events = ours(broker, {events_topic("education")}, "event_id")
    register_records = ours(broker, {REGISTER_PERSONS, REGISTER_HOUSEHOLDS}, "household_id")
    batches = {str(record["batch_id"]) for record in (*events, *register_records)}
    deliveries = [r for _, (_, r) in read_all(broker.bootstrap_servers, {DELIVERIES}) if r["batch_id"] in batches]
    assert sorted(e["event_id"] for e in events) == sorted(f"BUS-{n}" for n in range(500))
    assert len(register_records) == 200
    assert {(d["department"], d["accepted"], d["covers_to"]) for d in deliveries} == {
        ("register", 100, None),
        ("education", 500, day_number(date(2026, 3, 31))),
    }


def ours(broker: LiveBroker, topics: set[str], field: str) -> list[Record]:
    """What this test sent: other tests share the broker."""
    found = [record for _, (_, record) in read_all(broker.bootstrap_servers, topics)]
    return [record for record in found if str(record.get(field)).startswith("BUS-")]


@pytest.mark.kafka
def test_a_key_that_is_not_there_sends_nothing(bus_dir: Path) -> None:
    (bus_dir / "county.key").unlink()

    result = invoke(publish, "housing", lines(bus_dir / "a.jsonl", [fee(1)]), "--data-dir", bus_dir)

    assert result.exit_code == 2
    assert "ALERTBUS_COUNTY_KEY_FILE" in result.stderr


@pytest.mark.kafka
def test_publishing_goes_on_over_a_broker_that_is_killed_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = LiveBroker(tmp_path / "broker")
    live.start()
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", live.declared())
    (tmp_path / "county.key").write_bytes(KEY)
    path = lines(tmp_path / "rows.jsonl", [fee(n, occurred_at=LATELY) for n in range(60_000)])
    results: list[Result] = []
    run = threading.Thread(
        target=lambda: results.append(invoke(publish, "education", path, "--data-dir", tmp_path, "--json"))
    )
    run.start()
    try:
        wait_for_records(live.bootstrap_servers, 1)
        assert run.is_alive(), "the fault must fall into the run"
        live.kill()
        live.start()
        run.join(120)

        assert json.loads(results[0].stdout)["accepted"] == 60_000
        ids = {d[1]["event_id"] for _, d in read_all(live.bootstrap_servers, {events_topic("education")})}
        assert len(ids) == 60_000
    finally:
        live.stop()


def wait_for_records(servers: str, count: int) -> None:
    """Until the topic holds so many records; a minute at most."""
    partitions = [TopicPartition(events_topic("education"), number) for number in range(PARTITIONS)]
    consumer = KafkaConsumer(bootstrap_servers=servers)
    try:
        for _ in range(600):
            if sum(consumer.end_offsets(partitions).values()) >= count:
                return
            consumer.poll(100)
        raise AssertionError("too few records arrived")
    finally:
        consumer.close()
