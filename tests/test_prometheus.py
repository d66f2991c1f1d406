"""A real Prometheus scrapes a running bus: rates are what was published, and no label speaks of anybody."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Bell

import pytest
from kafka import KafkaProducer

from deploy.up.program import Deadline
from producers.identity import person_id
from schemas.beijing import DAY_MS
from schemas.codec import Record, encode
from schemas.departments import DEPARTMENTS
from schemas.partition import partition_of
from schemas.topics import events_topic
from tests.live_prometheus import SHIPPED, LivePrometheus
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus
from tests.source_tree import ROOT

pytestmark = pytest.mark.kafka

SECONDS = 66
TURN = 0.1
PER_TURN = {"health_insurance": 4, "civil_affairs": 2, "housing": 3, "education": 1}
PEOPLE = 50
HOUSEHOLD = "MTR-"
LABELS = frozenset(
    (
        *("__name__", "instance", "job", "program"),
        *("department", "outcome", "label", "reason", "level", "rule"),
        *("partition", "group", "topic", "stage", "le"),
        *("channel", "kind", "status", "state", "step", "township"),
    )
)
BODIES: dict[str, tuple[str, Record]] = {
    "health_insurance": (
        "settlement",
        {
            "visit_type": "inpatient",
            "total_fee_fen": 500,
            "basic_paid_fen": 200,
            "serious_paid_fen": 0,
            "aid_paid_fen": 0,
            "self_pay_fen": 300,
            "in_county": True,
            "discharged_on": 20_000,
        },
    ),
    "civil_affairs": ("temp_relief", {"reason": "illness", "amount_fen": 100}),
    "housing": ("inspection", {"grade": "D", "hazard": "crack", "inspected_on": 20_000}),
    "education": ("enrolment", {"stage": "junior", "status": "dropout", "absent_days": 30}),
}


@dataclass
class Sent:
    """When each event went out, by department; in order."""

    at: dict[str, list[float]] = field(default_factory=lambda: {code: [] for code in PER_TURN})

    def rate(self, department: str, start: float, end: float) -> float:
        """Events a second between two moments."""
        times = self.at[department]
        return (bisect_right(times, end) - bisect_right(times, start)) / (end - start)


@pytest.fixture
def prometheus(tmp_path: Path, bus: RunningBus) -> Iterator[LivePrometheus]:
    live = LivePrometheus(tmp_path, bus.data_dir)
    live.start()
    yield live
    live.stop()


def people(bus: RunningBus, tmp_path: Path) -> list[str]:
    """Ids of people, half of whom the register knows."""
    numbers = [identity_number(order, "19700202") for order in range(PEOPLE)]
    rows = [member(number, f"{HOUSEHOLD}{order}") for order, number in enumerate(numbers[::2])]
    assert bus.json("register", json_lines(tmp_path / "register.jsonl", rows))["rejected"] == []
    return [person_id(bus.county_key(), number) for number in numbers]


def event(department: str, number: int, person: str) -> bytes:
    kind, body = BODIES[department]
    now = time.time_ns() // 1_000_000
    fact = {"event_id": f"mtr-{number}", "revision": 0, "retracted": False, "department": department, "kind": kind}
    who = {"region_code": "231222", "person_id": person, "household_id": None}
    when = {"occurred_at": now - DAY_MS, "published_at": now, "batch_id": None, "row": None, "data_class": "ordinary"}
    return encode(department, {**fact, **who, **when, "body": body})


def publish_steadily(bus: RunningBus, persons: list[str]) -> Sent:
    """So many events of each department every turn; every eleventh was sent before."""
    sent, pace, count = Sent(), Bell(), 0
    producer = KafkaProducer(bootstrap_servers=bus.bootstrap_servers, acks="all", linger_ms=5)
    start = time.time()
    for turn in range(round(SECONDS / TURN)):
        pace.wait(max(0.0, start + turn * TURN - time.time()))
        for department, events in PER_TURN.items():
            for _ in range(events):
                number = count - 10 if count % 11 == 10 else count
                person = persons[number % PEOPLE]
                at = partition_of(person.encode())
                producer.send(
                    events_topic(department), event(department, number, person), person.encode(), partition=at
                )
                sent.at[department].append(time.time())
                count += 1
    producer.flush()
    producer.close()
    return sent


def test_the_shipped_configuration_is_one_that_prometheus_takes() -> None:
    done = subprocess.run(("promtool", "check", "config", str(SHIPPED)), capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_rule_fires_and_resolves_when_it_should() -> None:
    done = subprocess.run(
        ("promtool", "test", "rules", str(SHIPPED.with_name("alerts_test.yml"))),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_rule_is_tested_both_ways_and_explained() -> None:
    names = set(re.findall(r"- alert: (\w+)", SHIPPED.with_name("alerts.yml").read_text(encoding="utf-8")))
    tested = SHIPPED.with_name("alerts_test.yml").read_text(encoding="utf-8")
    explained = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert {name for name in names if not re.search(rf"alertname: {name}\n +exp_alerts:", tested)} == set()
    assert {name for name in names if f"alertname: {name}}}" not in tested} == set()
    assert {name for name in names if f"| `{name}` |" not in explained} == set()


def test_a_program_that_stands_still_is_told_of_and_taken_back(bus: RunningBus, prometheus: LivePrometheus) -> None:
    worker = next(p for p in bus.json("status")["programs"] if p["name"] == "assign-1")
    alert = ("ProgramNotReady", "assign-1")

    os.kill(worker["pid"], signal.SIGKILL)
    assert Deadline(60).reached(lambda: alert in prometheus.firing())
    assert Deadline(60).reached(lambda: alert not in prometheus.firing())


def test_rates_are_what_was_published_and_no_label_names_anybody(
    bus: RunningBus, prometheus: LivePrometheus, tmp_path: Path
) -> None:
    before = sum(bus.counts().values())
    persons = people(bus, tmp_path)
    sent = publish_steadily(bus, persons)
    end = min(times[-1] for times in sent.at.values()) - 2
    published = sum(map(len, sent.at.values()))

    bus.settle()
    rates = prometheus.query("sum by (department) (rate(alertbus_events_total[1m]))", time=end)
    assert {series["department"]: rate for series, rate in rates} == {
        d.code: pytest.approx(sent.rate(d.code, end - 60, end) if d.code in PER_TURN else 0, rel=0.05)
        for d in DEPARTMENTS
    }
    assert_every_count_has_its_outcome(prometheus, before + published)
    assert_operations_see_the_rest(prometheus)
    assert_no_label_names_anybody(prometheus, persons)


def assert_every_count_has_its_outcome(prometheus: LivePrometheus, published: int) -> None:
    Deadline(10).reached(lambda: prometheus.query("sum(alertbus_events_total)")[0][1] >= published)
    by_outcome = prometheus.query("sum by (outcome) (alertbus_events_total)")
    counts = Counter({series["outcome"]: value for series, value in by_outcome})

    assert sum(counts.values()) == published
    assert min(counts["applied"], counts["parked"], counts["duplicate"]) > 0


def assert_operations_see_the_rest(prometheus: LivePrometheus) -> None:
    def value(expression: str) -> float:
        found = prometheus.query(expression)
        assert found, expression
        return found[0][1]

    assert Deadline(10).reached(lambda: value("sum(alertbus_lag_records)") == 0)
    assert value('sum(alertbus_alerts_total{level="red"})') > 0
    assert value('rate(alertbus_cpu_seconds_total{program="assign-1"}[1m])') > 0
    assert value('alertbus_stage_seconds_count{stage="published_alert"}') > 0
    assert value("max(alertbus_oldest_unprocessed_seconds)") >= 0
    assert value('alertbus_restarts_total{program="correlate-1"}') == 0
    assert value("count(alertbus_events_total)") == len(DEPARTMENTS) * 4 * 12


def assert_no_label_names_anybody(prometheus: LivePrometheus, persons: list[str]) -> None:
    series = prometheus.series()
    values = {value for labels in series for value in labels.values()}

    assert {name for labels in series for name in labels} <= LABELS
    assert not values & set(persons)
    assert not any(HOUSEHOLD in value or re.search(r"p_[a-z2-7]{26}|mtr-|\d{11}", value) for value in values)
