"""What `alertbus status` counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from deploy.counts import counts_in, parse
from deploy.status import Status, in_words, lag_shown, late_in
from schemas.topics import EVENT_TOPICS, HOUSEHOLD_EVENTS, PARTITIONS, TOWNSHIP_EVENTS
from streams.lag import Positions, lag_of, published_in, read_positions
from tests.live_broker import LiveBroker

HOUSING = "events.housing"


def test_a_group_without_a_committed_offset_has_the_whole_partition_as_lag() -> None:
    positions = Positions({(HOUSING, 0): 0, (HOUSING, 1): 3}, {(HOUSING, 0): 7, (HOUSING, 1): 10}, {})

    assert lag_of(positions)["assign"] == {"events.housing-0": 7, "events.housing-1": 7}


def test_lag_is_what_was_not_committed_and_each_group_sees_its_own_input_only() -> None:
    ends = {(HOUSING, 0): 7, (HOUSEHOLD_EVENTS, 4): 9, (TOWNSHIP_EVENTS, 4): 3}
    positions = Positions({}, ends, {"assign": {(HOUSING, 0): 5}, "correlate": {(HOUSEHOLD_EVENTS, 4): 9}})

    assert lag_of(positions) == {
        "assign": {"events.housing-0": 2},
        "correlate": {"household.events-4": 0},
        "area": {"township.events-4": 3},
    }


def test_the_lag_of_notify_is_shown_where_it_runs_or_ran_and_not_where_nobody_notifies() -> None:
    ends = {("alerts", 3): 8}
    nowhere: dict[str, dict[tuple[str, int], int]] = {"assign": {}, "correlate": {}, "area": {}}
    never = Positions({}, ends, {**nowhere, "notify": {}})
    once = Positions({}, ends, {**nowhere, "notify": {("alerts", 3): 6}})

    assert lag_shown(never, notify_runs=True)["notify"] == {"alerts-3": 8}
    assert lag_shown(once, notify_runs=False)["notify"] == {"alerts-3": 2}
    assert lag_shown(never, notify_runs=False) == {"assign": {}, "correlate": {}, "area": {}}


def test_a_late_feed_is_shown_with_its_days_and_one_that_is_not_is_left_out() -> None:
    late = late_in(
        parse('alertbus_feed_days_late{department="housing"} 3.0\nalertbus_feed_days_late{department="water"} 0.0\n')
    )

    assert late == {"housing": 3}
    assert "late feed housing           3 days" in in_words(Status(True, (), {}, {}, {}, feeds_late=late))


def test_published_is_the_sum_of_the_ends_of_the_departments_topics() -> None:
    ends = {("events.housing", 0): 7, ("events.education", 3): 5, ("register.persons", 0): 100}

    assert published_in(Positions({}, ends, {})) == 12


def test_released_events_count_as_applied_and_parked_is_what_is_parked_now() -> None:
    page = """
alertbus_events_total{department="housing",outcome="applied",partition="0"} 10.0
alertbus_events_total{department="housing",outcome="applied",partition="1"} 5.0
alertbus_events_total{department="housing",outcome="duplicate",partition="0"} 2.0
alertbus_events_total{department="housing",outcome="parked",partition="0"} 4.0
alertbus_events_total{department="housing",outcome="dead_lettered",partition="0"} 1.0
alertbus_released_events_total{department="housing",partition="0"} 3.0
alertbus_parked_events{department="housing",partition="0"} 1.0
"""

    assert counts_in(parse(page)) == {"applied": 18, "duplicate": 2, "parked": 1, "dead_lettered": 1}


@pytest.mark.kafka
def test_positions_are_read_from_a_real_cluster(broker: LiveBroker) -> None:
    servers = broker.declared()
    topic = EVENT_TOPICS[-1]
    before = read_positions(servers)
    producer = KafkaProducer(bootstrap_servers=servers)
    offset = producer.send(topic, b"an event", partition=11).get(10).offset
    producer.close()
    with KafkaAdminClient(bootstrap_servers=servers) as admin:
        admin.alter_group_offsets("assign", {TopicPartition(topic, 11): OffsetAndMetadata(offset, "", -1)})
    after = read_positions(servers)

    assert published_in(after) == published_in(before) + 1
    assert lag_of(after)["assign"][f"{topic}-11"] == 1
    assert len(lag_of(after)["correlate"]) == PARTITIONS


def test_without_a_bus_the_command_says_how_to_start_one(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
    command = (sys.executable, "-m", "deploy.cli", "status", "--data-dir", str(tmp_path))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    assert done.returncode == 1
    assert "start it with `alertbus up" in done.stderr


@pytest.mark.kafka
def test_status_of_a_cluster_without_programs_has_the_agreed_shape(broker: LiveBroker, tmp_path: Path) -> None:
    environment = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": broker.declared()}
    command = (sys.executable, "-m", "deploy.cli", "status", "--json", "--data-dir", str(tmp_path))
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found = json.loads(done.stdout)

    assert (found["ready"], found["programs"]) == (False, [])
    assert found["waiting"] == {}
    assert {"assign", "correlate", "area"} <= set(found["lag"])
    assert set(found["counts"]) == {"published", "applied", "duplicate", "parked", "dead_lettered"}
