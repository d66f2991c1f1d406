"""Workers on a real broker: killed, stopped, fed with nonsense, or put before damaged state."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.counts import counts_in
from deploy.topics import ensure_topics
from deploy.up.program import Deadline
from schemas.codec import MAX_MESSAGE_BYTES, encode
from schemas.partition import partition_of
from schemas.topics import (
    ALERTS,
    DEAD_LETTERS,
    HOUSEHOLD_EVENTS,
    HOUSEHOLDS_CHANGELOG,
    OUTCOMES,
    events_topic,
)
from streams.activation import publish_shipped_rules
from tests.kafka_hands import committed, decoded, lag, publish, records, settle
from tests.live_broker import LiveBroker
from tests.made_up_load import Load, Message, event_message, inspection, person, settlement
from tests.workers import Worker, end_all

pytestmark = pytest.mark.kafka
HOUSING = events_topic("housing")
Start = Callable[[str], Worker]


class Bench:
    """A broker of its own with the contract's topics, rules and register; workers on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = LiveBroker(folder / "broker")
        self.broker.start()
        self.servers = self.broker.declared()
        publish_shipped_rules(self.servers)
        self.load = Load(households=200, seed=3)
        publish(self.servers, self.load.register())
        self.workers: list[Worker] = []
        self.published = 0

    def worker(self, name: str) -> Worker:
        worker = Worker(name, self.servers, self.folder / f"{name}-{len(self.workers)}")
        self.workers.append(worker)
        return worker

    def send(self, number: int) -> None:
        self.published += publish(self.servers, self.load.events(number))

    def outcomes_now(self, worker: Worker) -> dict[str, int]:
        return counts_in(worker.metrics())

    def expected(self) -> dict[str, int]:
        words = ("applied", "duplicate", "parked", "dead_lettered")
        return {word: self.load.outcomes[word] for word in words}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    built = Bench(tmp_path_factory.mktemp("faults"))
    yield built
    end_all(*built.workers)
    built.broker.stop()


@pytest.fixture
def start(bench: Bench) -> Iterator[Start]:
    """Start workers that end with the test."""
    started: list[Worker] = []

    def one(name: str) -> Worker:
        worker = bench.worker(name)
        started.append(worker)
        worker.start_ready()
        return worker

    yield one
    end_all(*started)


BAD = {
    "not_avro": (HOUSING, b"nonsense", "p_nobody"),
    "empty": (HOUSING, b"", "p_nobody"),
    "unknown_schema": (HOUSING, b"\xc3\x01" + b"8 bytes!" + b"x", "p_nobody"),
    "trailing_bytes": (HOUSING, encode("housing", inspection(person(1), "t1", "A")) + b"!", person(1)),
    "unreadable": (HOUSING, encode("housing", inspection(person(1), "u1", "A"))[:-3], person(1)),
    "too_long": (HOUSING, encode("housing", inspection(person(1), "l1", "A")) + b"x" * MAX_MESSAGE_BYTES, person(1)),
    "wrong_schema": (HOUSING, encode("health_insurance", settlement(person(1), "w1", 5)), person(1)),
    "wrong_key": (HOUSING, encode("housing", inspection(person(1), "k1", "A")), "p_" + "z" * 26),
    "too_old": (
        events_topic("health_insurance"),
        encode("health_insurance", settlement(person(1), "o1", 5, days_ago=401)),
        person(1),
    ),
    "bad_event_id": (HOUSING, encode("housing", inspection(person(1), "雨", "A")), person(1)),
}


KNOWN_BATCH = {"wrong_key", "too_old", "bad_event_id"}


def test_whatever_cannot_count_becomes_one_dead_letter_each_and_the_stream_goes_on(bench: Bench, start: Start) -> None:
    bad = [Message(topic, partition_of(key.encode()), key.encode(), value) for topic, value, key in BAD.values()]
    good = [event_message(inspection(person(n), f"after{n}", "A")) for n in range(20)]
    publish(bench.servers, [*bad, *good])
    bench.load.outcomes["dead_lettered"] += len(bad)
    bench.load.outcomes["applied"] += len(good)
    worker = start("assign-1")
    settle(bench.servers, "assign")

    letters = decoded(bench.servers, DEAD_LETTERS)
    assert sorted(letter["reason"] for letter in letters) == sorted(BAD)
    assert {letter["value"] for letter in letters} == {message.value for message in bad}
    assert bench.outcomes_now(worker) == bench.expected()
    assert worker.stop() == 0


def test_what_a_worker_had_done_when_it_was_killed_counts_once(bench: Bench, start: Start) -> None:
    bench.send(3_000)
    worker = bench.worker("assign-1")
    worker.order("after_changelog", "SIGKILL")
    worker.start()
    assert worker.ended() == -signal.SIGKILL
    before = committed(bench.servers, "assign")
    again = start("assign-1")
    settle(bench.servers, "assign")

    assert committed(bench.servers, "assign") > before
    assert bench.outcomes_now(again) == bench.expected()
    told, expected = reported(bench), bench.expected()
    assert told["applied"] + told["parked"] == expected["applied"] + expected["parked"]
    assert told["duplicate"] == expected["duplicate"]
    assert told["dead_lettered"] == dead_letters_with_a_batch(bench)
    assert again.stop() == 0


def reported(bench: Bench) -> Counter[str]:
    """First outcomes of all batches, as their senders are told: of each partition the newest report."""
    reports = decoded(bench.servers, OUTCOMES)
    newest = {(report["department"], report["batch_id"], report["partition"]): report for report in reports}
    total: Counter[str] = Counter()
    for report in newest.values():
        total.update({word: report[word] for word in ("applied", "duplicate", "parked", "dead_lettered")})
    return total


def dead_letters_with_a_batch(bench: Bench) -> int:
    """Of what cannot be read no batch is known."""
    return sum(letter["reason"] in KNOWN_BATCH for letter in decoded(bench.servers, DEAD_LETTERS))


def test_a_worker_that_is_asked_to_end_in_the_middle_loses_and_doubles_nothing(bench: Bench, start: Start) -> None:
    bench.send(6_000)
    worker = start("assign-1")
    assert Deadline(60).reached(lambda: sum(bench.outcomes_now(worker).values()) > 0)
    assert worker.stop() == 0
    again = start("assign-1")
    settle(bench.servers, "assign")

    assert bench.outcomes_now(again) == bench.expected()
    assert again.stop() == 0


def test_with_the_broker_stopped_nothing_is_committed_and_no_alert_appears(bench: Bench, start: Start) -> None:
    bench.send(8_000)
    assign, correlate = start("assign-1"), start("correlate-1")
    moving = Deadline(60).reached(lambda: sum(bench.outcomes_now(assign).values()) > 100, every_s=0.01)
    assert moving
    broker = bench.broker.pid
    os.kill(broker, signal.SIGSTOP)
    try:
        held = held_back(bench, (assign, correlate))
        later = held_back(bench, (assign, correlate), after_seconds=5)
    finally:
        os.kill(broker, signal.SIGCONT)
    assert later == held
    settle(bench.servers, "assign", "correlate", seconds=120)

    assert bench.outcomes_now(assign) == bench.expected()
    assert records(bench.servers, ALERTS)
    assert (assign.stop(), correlate.stop()) == (0, 0)


def held_back(bench: Bench, workers: tuple[Worker, ...], after_seconds: float = 1) -> dict[str, float]:
    """What is not yet acknowledged, and the size of the logs that would grow, after a while."""
    Deadline(after_seconds).reached(lambda: False)
    sizes = {
        path.parent.name: float(path.stat().st_size)
        for path in (bench.folder / "broker").rglob("*.log")
        if path.parent.name.startswith((ALERTS, "__consumer_offsets"))
    }
    return sizes | {worker.name: sum(worker.reads().values()) for worker in workers}


def test_a_worker_whose_alerts_are_refused_stops_and_commits_nothing(bench: Bench) -> None:
    bench_alter(bench, ALERTS, {"max.message.bytes": "60"})
    publish(bench.servers, [event_message(inspection(person(0), "refused", "D", days_ago=1))])
    bench.load.outcomes["applied"] += 1
    assign, correlate = bench.worker("assign-1"), bench.worker("correlate-1")
    try:
        assign.start_ready()
        before = committed(bench.servers, "correlate")
        correlate.start()
        assert correlate.ended() == 70
        assert lag(bench.servers, "correlate") > 0
        assert committed(bench.servers, "correlate") == before
        bench_alter(bench, ALERTS, {"max.message.bytes": str(2 * 1024 * 1024)})
        correlate.start_ready()
        settle(bench.servers, "assign", "correlate")
        assert (assign.stop(), correlate.stop()) == (0, 0)
    finally:
        end_all(assign, correlate)


def bench_alter(bench: Bench, topic: str, configs: dict[str, str]) -> None:
    with KafkaAdminClient(bootstrap_servers=bench.servers) as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])


def test_a_damaged_changelog_row_stops_the_worker_for_a_person(bench: Bench) -> None:
    publish(bench.servers, [Message(HOUSEHOLDS_CHANGELOG, 5, b"eH1writer-1", b"damaged")])
    worker = bench.worker("correlate-1")
    worker.start()

    assert worker.ended() == 78
    assert "STOPPED: changelog correlate-households-changelog partition 5" in worker.last_words()
    assert "is damaged" in worker.last_words()


def test_a_topic_made_anew_stops_the_worker_for_a_person(bench: Bench) -> None:
    topics = {HOUSING}
    with KafkaAdminClient(bootstrap_servers=bench.servers) as admin:
        admin.delete_topics(sorted(topics))
        assert Deadline(30).reached(lambda: topics.isdisjoint(t["name"] for t in admin.describe_topics()))
    ensure_topics(bench.servers)
    worker = bench.worker("assign-1")
    worker.start()

    assert worker.ended() == 78
    assert "STOPPED: the ledger of events.housing partition" in worker.last_words()
    assert "made anew or cut" in worker.last_words()


def test_an_input_with_another_partition_count_stops_the_worker_for_a_person(bench: Bench) -> None:
    with KafkaAdminClient(bootstrap_servers=bench.servers) as admin:
        admin.create_partitions({HOUSEHOLD_EVENTS: 13})
    worker = bench.worker("correlate-1")
    worker.start()

    assert worker.ended() == 78
    assert "household.events has 13 partitions, expected 12" in worker.last_words()
