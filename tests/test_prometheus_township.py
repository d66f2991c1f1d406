"""A real Prometheus scrapes bus and township side: the dashboard has data, a red alert that nobody sees is told of."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from deploy.up.program import Deadline
from producers.identity import person_id
from schemas.codec import Record
from schemas.departments import DEPARTMENTS
from schemas.partition import partition_of
from schemas.topics import events_topic
from tests.clocks import ClockProgram
from tests.dashboard import PANELS, VARIABLES, metrics_in, queries, resolved
from tests.inbox_programs import InboxPrograms, inbox_of
from tests.live_gateway import LiveGateway, gateway_on
from tests.live_prometheus import SHIPPED, LivePrometheus
from tests.people import identity_number, json_lines, member
from tests.rows import days_ago
from tests.running_bus import RunningBus
from tests.source_tree import text_of
from tests.test_actions_bus import Officer
from tests.test_end_to_end import alerts_of
from tests.test_grafana import exported
from tests.test_prometheus import LABELS, event

pytestmark = pytest.mark.kafka

DAY_MS = 86_400_000
FIRST_EVENT = 900_000
DEPARTMENTS_AT_WORK = ("health_insurance", "civil_affairs", "housing", "education")
OVERDUE = ("UnacknowledgedRed", "")
PEOPLE_STAGES = ("alert_notified", "notified_acknowledged", "acknowledged_verified")


def now() -> int:
    return time.time_ns() // 1_000_000


class Watched:
    """A bus with its township side, watched by Prometheus; people and households of its own."""

    def __init__(self, bus: RunningBus, township: InboxPrograms, report: LiveGateway, folder: Path) -> None:
        self.bus, self.folder = bus, folder
        self.clock = ClockProgram(bus.bootstrap_servers, folder)
        others = {"clock": self.clock.port, "report": report.metrics_port}
        self.prometheus = LivePrometheus(folder, bus.data_dir, {**township.metrics, **others})
        self.officer = Officer(bus)
        self.began = time.time()
        self._events = FIRST_EVENT
        self._producer = KafkaProducer(bootstrap_servers=bus.bootstrap_servers, acks="all")

    def household(self, order: int) -> str:
        """Register a household of one; the id of who lives there."""
        number = identity_number(order, "20130304")
        self.bus.json("register", json_lines(self.folder / "register.jsonl", [member(number, f"WTC-{order}")]))
        return person_id(self.bus.county_key(), number)

    def publish(self, department: str, person: str, message: bytes | None = None, at: int | None = None) -> None:
        """Send an event, or what is none; at that Kafka time (ms)."""
        self._events += 1
        value = event(department, self._events, person) if message is None else message
        key = person.encode()
        where = events_topic(department)
        self._producer.send(where, value, key, partition=partition_of(key), timestamp_ms=at or now()).get(30)

    def alert(self, order: int) -> Record:
        """Alert of a household, once there is one."""
        self.bus.settle()
        [alert] = alerts_of(self.bus, f"WTC-{order}")
        return alert

    def does(self, code: str, alert: Record, **more: Any) -> None:
        self.officer.does(code, alert, f"wtc-{alert['household_id']}-{code}", **({"acted_at": now()} | more))

    def counted(self, stage: str) -> float:
        found = self.prometheus.query(f'sum(alertbus_stage_seconds_count{{stage="{stage}"}})')
        return found[0][1] if found else 0

    def close(self) -> None:
        self._producer.close()
        self.officer.close()
        self.prometheus.stop()
        self.clock.end()


@pytest.fixture(scope="module")
def watched(bus: RunningBus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Return a watched bus on which everything has happened that the dashboard shows."""
    folder = tmp_path_factory.mktemp("watched")
    key = bus.data_dir / "county.key"
    with (
        inbox_of(bus, folder) as township,
        gateway_on(bus.bootstrap_servers, key, folder, program="report") as report,
    ):
        watched = Watched(bus, township, report, folder)
        try:
            bus.run("tick", "--at", days_ago(-1))  # so that the clock finds no day to tick
            watched.clock.start()
            watched.prometheus.start()
            make_traffic(watched)
            yield watched
        finally:
            watched.close()


def make_traffic(watched: Watched) -> None:
    """Events of four departments, some of people unknown, one twice, one unreadable; an alert, and who answers it."""
    person, stranger = watched.household(1), person_id(watched.bus.county_key(), identity_number(2, "20130304"))
    for _ in range(2):  # what is counted for the first time is no rise yet
        for department in DEPARTMENTS_AT_WORK:
            watched.publish(department, person)
            watched.publish(department, stranger)
        watched.publish("housing", person, b"no event")
        watched.publish("education", person, event("education", FIRST_EVENT, person))
        alert = watched.alert(1)
        assert Deadline(20).reached(lambda: watched.counted("alert_notified") >= 1)
    before = [watched.counted(stage) for stage in PEOPLE_STAGES[1:]]
    for code in ("acknowledged", "confirmed"):
        watched.does(code, alert)
    watched.does("acknowledged", alert, version_seen=alert["version"])
    after = [count + 1 for count in before]
    assert Deadline(20).reached(lambda: [watched.counted(stage) for stage in PEOPLE_STAGES[1:]] == after), before


def test_every_panel_has_data(watched: Watched) -> None:
    def empty() -> list[tuple[str, str]]:
        found = watched.prometheus
        return [(title, query) for title, query in queries() if not found.seen(resolved(query), watched.began)]

    Deadline(20).reached(lambda: not empty(), every_s=1)

    assert empty() == []
    assert len(queries()) > len(PANELS) > 15


def test_a_department_chosen_on_the_dashboard_is_the_only_one_shown(watched: Watched) -> None:
    [asked] = [each["query"]["query"] for each in VARIABLES if each["name"] == "department"]
    metric = asked.removeprefix("label_values(").removesuffix(", department)")
    known = {labels["department"] for labels, _ in watched.prometheus.query(f"group by (department) ({metric})")}
    [title, query] = next(each for each in queries() if "by (department)" in each[1] and "$department" in each[1])
    shown = watched.prometheus.seen(resolved(query, {"department": "(education|housing)"}), watched.began)

    assert known == {department.code for department in DEPARTMENTS}
    assert shown == {(("department", "education"),), (("department", "housing"),)}, title


def test_what_is_exported_is_what_rules_dashboard_and_manual_know(watched: Watched) -> None:
    series = watched.prometheus.series()
    shown = {name for labels in series for name in metrics_in(labels["__name__"])}
    asked = metrics_in(text_of("deploy/prometheus/alerts.yml")) | {
        n for _, query in queries() for n in metrics_in(query)
    }

    assert SHIPPED.exists()
    assert asked - shown == set()
    assert {name for name in shown if not name.endswith("_created")} - exported() == set()
    assert {name for labels in series for name in labels} <= LABELS


def test_a_red_alert_that_nobody_sees_for_a_day_is_told_of_until_somebody_takes_note(watched: Watched) -> None:
    person, since = watched.household(3), now() - DAY_MS - 3_600_000
    assert OVERDUE not in watched.prometheus.firing()
    watched.publish("education", person, at=since)
    alert = watched.alert(3)
    assert alert["level"] == "red"
    assert Deadline(30).reached(lambda: OVERDUE in watched.prometheus.firing())
    [(_, age)] = watched.prometheus.query("max(alertbus_red_unacknowledged_oldest_seconds)")

    watched.does("acknowledged", alert)

    assert age == pytest.approx(25 * 3600, abs=300)
    assert Deadline(30).reached(lambda: OVERDUE not in watched.prometheus.firing())
