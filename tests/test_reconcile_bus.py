"""`alertbus reconcile` on a real broker whose logs are written by hand: no processor takes part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from schemas.codec import Record, decode, encode
from schemas.examples import examples_of
from schemas.fact import RoutedFact, fact_of, pack_routed
from schemas.partition import partition_of
from schemas.topics import (
    ALERTS,
    AREA_ALERTS,
    HOUSEHOLD_EVENTS,
    REGISTER_HOUSEHOLDS,
    REGISTER_PERSONS,
    TOPICS,
    TOWNSHIP_ACTIONS,
    TOWNSHIP_EVENTS,
    events_topic,
)
from streams.action_copy import copy_of
from streams.activation import publish_shipped_rules
from streams.assign import take_row
from streams.assign_area import take_area_event
from streams.follow_up import FollowUp
from streams.follow_up_command import read_follow_up
from streams.lag import INPUTS
from streams.reconcile_command import Report, in_words, reconcile_bus
from streams.recount import expected
from streams.recount_area import expected_areas
from streams.sources import read_sources
from streams.subject import Source, new_subject
from tests.area_events import outage
from tests.areas import VILLAGE
from tests.assign_world import PERSON, bill, row, settlement
from tests.builders import deed
from tests.fake_log import FakeRecord
from tests.live_broker import LiveBroker

pytestmark = pytest.mark.kafka

BILLS, WATER = events_topic("health_insurance"), events_topic("water")
HOUSEHOLD = "A"


class ByHand:
    """Writes what producers and processors would."""

    def __init__(self, servers: str) -> None:
        self.servers = servers
        self._producer = KafkaProducer(bootstrap_servers=servers, acks="all")

    def put(self, topic: str, key: str, name: str, record: Record, partition: int | None = None) -> int:
        """Publish a record; its offset."""
        place = partition_of(key.encode()) if partition is None else partition
        sent = self._producer.send(topic, key=key.encode(), value=encode(name, record), partition=place)
        return int(sent.get(30).offset)

    def everything_read(self) -> None:
        """Commit for the processors what there is."""
        for group, topics in INPUTS.items():
            consumer = KafkaConsumer(bootstrap_servers=self.servers, group_id=group, enable_auto_commit=False)
            wanted = [TopicPartition(t.name, n) for t in TOPICS if t.name in topics for n in range(t.partitions)]
            consumer.assign(wanted)
            consumer.commit({tp: OffsetAndMetadata(end, "", -1) for tp, end in consumer.end_offsets(wanted).items()})
            consumer.close()

    def alert(self, **changes: object) -> None:
        """Publish the alert that is due, or another."""
        due = expected(read_sources(self.servers).history)[HOUSEHOLD]
        assert due is not None
        example = examples_of("alert")[0]
        causes = [{**example["causes"][0], **cause} for cause in due["causes"]]
        said = {**example, "household_id": HOUSEHOLD, "version": 1, **due, "causes": causes, **changes}
        self.put(ALERTS, HOUSEHOLD, "alert", said)

    def area_alert(self, **changes: object) -> None:
        """Publish the alert of a village that is due, or another."""
        reading = read_sources(self.servers)
        ((alert_id, due),) = expected_areas(reading.areas, {}).items()
        example = next(each for each in examples_of("area_alert") if each["causes"])
        causes = [{**example["causes"][0], **cause} for cause in due["causes"]]
        said = {**example, "alert_id": alert_id, "status": "ALERTED", **due, "causes": causes, **changes}
        self.put(AREA_ALERTS, alert_id, "area_alert", said)

    def water_is_off(self, est_days: int, revision: int = 0) -> None:
        """Publish an outage of a village, and what assign makes of it."""
        event = outage("o1", 0, est_days=est_days, revision=revision)
        offset = self.put(WATER, VILLAGE, "water", event)
        source = Source(WATER, partition_of(VILLAGE.encode()), offset, 0)
        for township, message in take_area_event(new_subject(), event, source).sends:
            self.put(TOWNSHIP_EVENTS, township, *decode(message))

    def act(self, **changes: object) -> None:
        """Publish an answer of the responsible township to version 1, and assign's copy of it."""
        due = expected(read_sources(self.servers).history)[HOUSEHOLD]
        assert due is not None
        page = {"alert_id": due["alert_id"], "version_seen": 1, "township_code": due["township_code"]}
        action = deed("confirmed", HOUSEHOLD, **page, **changes)
        offset = self.put(TOWNSHIP_ACTIONS, HOUSEHOLD, "action", action)
        place = partition_of(HOUSEHOLD.encode())
        copied = FakeRecord(TOWNSHIP_ACTIONS, place, offset, b"", encode("action", action), action["acted_at"])
        self.put(HOUSEHOLD_EVENTS, HOUSEHOLD, "household_action", decode(copy_of(copied))[1])

    def forget_bills(self) -> None:
        """Let retention take all bills."""
        with KafkaAdminClient(bootstrap_servers=self.servers) as admin:
            admin.delete_records({TopicPartition(BILLS, partition_of(PERSON.encode())): -1})

    def reconciled(self) -> Report:
        self.everything_read()
        return reconcile_bus(self.servers, wait_seconds=30)

    def close(self) -> None:
        self._producer.close()


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[ByHand]:
    """A bus on which a household has one bill over the line."""
    live = LiveBroker(tmp_path)
    live.start()
    hand = ByHand(live.declared())
    publish_shipped_rules(hand.servers)
    for topic, owner in ((REGISTER_PERSONS, PERSON), (REGISTER_HOUSEHOLDS, HOUSEHOLD)):
        hand.put(topic, f"{owner}|row", "register_row", row(HOUSEHOLD), partition_of(owner.encode()))
    costly = settlement(body=bill(0) | {"self_pay_fen": 3_000_000})
    offset = hand.put(BILLS, PERSON, "health_insurance", costly)
    routed = RoutedFact(fact_of(costly, 0), 0, BILLS, partition_of(PERSON.encode()), offset)
    hand.put(HOUSEHOLD_EVENTS, HOUSEHOLD, "household_fact", {"fact": pack_routed(routed)})
    yield hand
    hand.close()
    live.stop()


def named(report: Report) -> list[tuple[str | None, str]]:
    return [(difference.household_id, difference.what) for difference in report.differences]


def test_reconcile_tells_apart_what_is_missing_wrong_right_on_its_way_and_no_longer_kept(hand: ByHand) -> None:
    missing = hand.reconciled()
    hand.alert(level="yellow", causes=[])
    wrong = hand.reconciled()
    hand.alert(version=2)
    right = hand.reconciled()

    assert named(missing) == [(HOUSEHOLD, "missing")]
    assert named(wrong) == [(HOUSEHOLD, "level"), (HOUSEHOLD, "causes")]
    assert named(right) == []
    assert (right.households, right.facts, right.removed, right.lag) == (1, 1, 0, 0)

    hand.put(BILLS, PERSON, "health_insurance", settlement("e2", body=bill(0) | {"self_pay_fen": 9_000_000}))
    on_its_way = reconcile_bus(hand.servers, wait_seconds=1)
    hand.forget_bills()
    no_longer_kept = hand.reconciled()

    assert (named(on_its_way), on_its_way.lag) == ([], 1)
    assert (named(no_longer_kept), no_longer_kept.removed, no_longer_kept.facts) == ([], 1, 0)


def test_a_relocated_household_without_help_is_found_on_a_bus(hand: ByHand) -> None:
    hand.everything_read()
    assert read_follow_up(hand.servers, 20_000) == FollowUp(0, [])
    moved = row(HOUSEHOLD, tags=["relocated"])
    for topic, owner in ((REGISTER_PERSONS, PERSON), (REGISTER_HOUSEHOLDS, HOUSEHOLD)):
        hand.put(topic, f"{owner}|row", "register_row", moved, partition_of(owner.encode()))
    hand.everything_read()

    found = read_follow_up(hand.servers, 20_000)

    assert (found.households, [household for household, _ in found.without]) == (1, [HOUSEHOLD])


def test_reconcile_tells_what_is_missing_wrong_and_right_of_villages(hand: ByHand) -> None:
    hand.everything_read()
    hand.alert()
    hand.water_is_off(5)
    missing = hand.reconciled()
    hand.area_alert(version=1, level="red", subjects=["S2"])
    wrong = hand.reconciled()
    hand.area_alert(version=2)
    right = hand.reconciled()
    hand.water_is_off(1, revision=1)
    over = hand.reconciled()

    assert [(each.place_code, each.what) for each in missing.differences] == [(VILLAGE, "missing")]
    assert [(each.what, each.live, each.expected) for each in wrong.differences] == [
        ("level", "red", "orange"),
        ("subjects", ["S2"], ["S1"]),
    ]
    assert (right.differences, right.areas, right.facts, right.lag) == ([], 1, 2, 0)
    assert [(each.place_code, each.what) for each in over.differences] == [(VILLAGE, "unfounded")]
    assert f"村镇 {VILLAGE}  预警 r_" in in_words(over)


def test_reconcile_names_an_answer_that_was_folded_wrongly_or_not_at_all(hand: ByHand) -> None:
    place = Source(REGISTER_PERSONS, partition_of(PERSON.encode()), 0, 0)
    for household, message in take_row(new_subject(), row(HOUSEHOLD), place).sends:
        hand.put(HOUSEHOLD_EVENTS, household, *decode(message))
    hand.everything_read()
    hand.alert(source_topic=place.topic, source_partition=place.partition, source_offset=place.offset)
    hand.act()
    hand.everything_read()
    hand.alert(version=2, status="ALERTED", actions=[])
    unfolded = hand.reconciled()
    hand.alert(version=3, status="ALERTED", actions=done("refused"))
    refused = hand.reconciled()
    hand.alert(version=4, actions=done("accepted"))
    right = hand.reconciled()

    assert named(unfolded) == [(HOUSEHOLD, "status"), (HOUSEHOLD, "actions")]
    assert named(refused) == [(HOUSEHOLD, "status"), (HOUSEHOLD, "actions")]
    assert named(right) == []


def done(outcome: str) -> list[Record]:
    (action, *_) = examples_of("alert")[0]["actions"]
    return [{**action, "action_id": "act-1", "outcome": outcome}]
