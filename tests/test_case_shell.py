"""Actions on their way: copied on by assign, folded by correlate, answered on the alerts that they name."""

from __future__ import annotations

import asyncio

import pytest

from schemas.actions import PARTS
from schemas.codec import Record, decode, encode
from schemas.topics import ALERTS, DEAD_LETTERS, HOUSEHOLD_EVENTS, TOWNSHIP_ACTIONS
from streams.action_copy import copy_of
from streams.assign_program import Assign
from streams.case import alert_id_of
from streams.changelog import ENTITY, HEADER_BYTES
from streams.correlate_program import Correlate
from streams.household import unpack
from streams.rule_set import shipped
from tests.builders import bill, deed, graded
from tests.fake_log import FakeProducer, FakeRecord
from tests.offline import (
    OfflineWorker,
    action_record,
    activation_record,
    copied_record,
    household_record,
    households_on,
)

(HOUSEHOLD,) = households_on(0, 1)
FIRST, SECOND = alert_id_of(HOUSEHOLD, 1), alert_id_of(HOUSEHOLD, 2)


UNREADABLE = FakeRecord(HOUSEHOLD_EVENTS, 0, 2, HOUSEHOLD.encode(), copy_of(FakeRecord("t", 0, 0, b"", b"odd")))


def action(code: str = "acknowledged", number: int = 1, **more: object) -> Record:
    return deed(code, HOUSEHOLD, **({"action_id": f"a{number}", "alert_id": FIRST, "version_seen": 1} | more))


def assign(producer: FakeProducer | None = None) -> OfflineWorker:
    worker = OfflineWorker(Assign(), producer)
    worker.take_over({TOWNSHIP_ACTIONS: 100})
    return worker


def correlate(producer: FakeProducer | None = None) -> OfflineWorker:
    worker = OfflineWorker(Correlate(lambda _: shipped()), producer)
    worker.take_over({HOUSEHOLD_EVENTS: 1000})
    return worker


def letters(worker: OfflineWorker) -> list[tuple[str, str, str | None]]:
    found = [decode(value)[1] for _, value in worker.producer.records(DEAD_LETTERS)]
    return [(letter["department"], letter["reason"], letter["field"]) for letter in found]


def published(worker: OfflineWorker) -> list[tuple[str, int, str]]:
    alerts = [decode(value)[1] for _, value in worker.producer.records(ALERTS)]
    return [(alert["alert_id"], alert["version"], alert["status"]) for alert in alerts]


def run(worker: OfflineWorker, topic: str, *batches: list[FakeRecord]) -> OfflineWorker:
    async def story() -> None:
        for batch in batches:
            await worker.process(topic, batch)

    asyncio.run(story())
    return worker


def unsafe() -> list[FakeRecord]:
    return [activation_record(0, 0, shipped().hash), household_record(1, HOUSEHOLD, graded("D"))]


def test_assign_copies_an_action_on_with_its_time_and_place() -> None:
    record = action_record(5, action())
    worker = run(assign(), TOWNSHIP_ACTIONS, [record])

    ((key, value),) = worker.producer.records(HOUSEHOLD_EVENTS)
    name, copy = decode(value)
    assert (key, name) == (HOUSEHOLD.encode(), "household_action")
    assert decode(copy["action"]) == ("action", action())
    assert (copy["known_at"], copy["source_topic"], copy["source_offset"]) == (record.timestamp, TOWNSHIP_ACTIONS, 5)


def test_an_action_read_again_is_sent_again_and_counted_once() -> None:
    producer = FakeProducer()
    run(assign(producer), TOWNSHIP_ACTIONS, [action_record(0, action()), action_record(1, action(number=2))])

    heir = run(assign(producer), TOWNSHIP_ACTIONS, [action_record(1, action(number=2))])

    assert len(producer.records(HOUSEHOLD_EVENTS)) == 3
    assert heir.program.samples()["alertbus_actions"] == [(("0",), 2)]


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        (action_record(0, action() | {"action": "paid"}), "unknown_action", "action"),
        (action_record(0, action(role="guest")), "bad_action", "role"),
        (action_record(0, action(actor="张三")), "bad_action", "actor"),
        (action_record(0, action(reason="他说没有")), "bad_action", "reason"),
        (action_record(0, action(details={"note": "家里有人"})), "bad_action", "details"),
        (action_record(0, action(township_code="城关镇")), "bad_action", "township_code"),
        (action_record(0, action(acted_at=2**60)), "bad_time", "acted_at"),
        (FakeRecord(TOWNSHIP_ACTIONS, 0, 0, HOUSEHOLD.encode(), b"odd"), "not_avro", None),
        (FakeRecord(TOWNSHIP_ACTIONS, 0, 0, b"H-other", encode("action", action())), "wrong_key", None),
        (FakeRecord(TOWNSHIP_ACTIONS, 0, 0, b"", encode("tick", {"day": 1, "positions": {}, "written_at": 0})),
         "wrong_schema", None),
    ],
)  # fmt: skip
def test_an_action_that_nobody_could_answer_is_a_dead_letter(
    record: FakeRecord, reason: str, field: str | None
) -> None:
    worker = run(assign(), TOWNSHIP_ACTIONS, [record])

    assert letters(worker) == [("actions", reason, field)]
    assert worker.producer.records(HOUSEHOLD_EVENTS) == []
    heir = assign(worker.producer)
    assert heir.program.samples()["alertbus_dead_letters"] == [(("actions", reason, "0"), 1)]


def test_an_identity_number_is_no_household() -> None:
    number = "220302199001011234"
    message = encode("action", action() | {"household_id": number})
    record = FakeRecord(TOWNSHIP_ACTIONS, 0, 0, number.encode(), message)

    assert letters(run(assign(), TOWNSHIP_ACTIONS, [record])) == [("actions", "bad_household_id", "household_id")]


def test_an_action_makes_the_next_version_however_often_it_comes() -> None:
    once, again = copied_record(2, action()), copied_record(3, action())
    worker = run(correlate(), HOUSEHOLD_EVENTS, unsafe(), [once], [again])

    assert published(worker) == [(FIRST, 1, "ALERTED"), (FIRST, 2, "ACKED")]
    alert = decode(worker.producer.records(ALERTS)[-1][1])[1]
    assert (alert["source_topic"], alert["source_offset"], alert["known_at"]) == (TOWNSHIP_ACTIONS, 2, once.timestamp)


def test_an_alert_that_ended_and_the_one_that_follows_are_both_told_from_one_batch() -> None:
    since = household_record(2, HOUSEHOLD, bill(27_000, "2023-05-02", "b"))
    worker = run(correlate(), HOUSEHOLD_EVENTS, [*unsafe(), since, copied_record(3, action("rejected"))])

    assert published(worker) == [(FIRST, 3, "REJECTED"), (SECOND, 1, "ALERTED")]


def test_every_alert_that_ended_is_told_though_many_end_in_one_batch() -> None:
    log = unsafe()
    for ordinal in range(1, 9):
        alert_id = alert_id_of(HOUSEHOLD, ordinal)
        log.append(copied_record(len(log), action("rejected", ordinal, alert_id=alert_id)))
        log.append(household_record(len(log), HOUSEHOLD, bill(27_000, f"202{ordinal}-05-02", f"b{ordinal}")))
    worker = run(correlate(), HOUSEHOLD_EVENTS, log)

    ended = {(alert_id, status) for alert_id, _, status in published(worker) if status == "REJECTED"}
    assert ended == {(alert_id_of(HOUSEHOLD, ordinal), "REJECTED") for ordinal in range(1, 9)}
    row = worker.table.partitions[0].rows[ENTITY + HOUSEHOLD.encode()]
    case = unpack(row[HEADER_BYTES:]).case
    assert case is not None
    assert [other.ordinal for other in case.others] == [8, 7, 6]


def test_an_action_on_the_alert_before_is_told_on_that_alert() -> None:
    since = household_record(2, HOUSEHOLD, bill(27_000, "2023-05-02", "b"))
    parts = [copied_record(4 + n, action(part, 4 + n)) for n, part in enumerate(PARTS)]
    worker = run(correlate(), HOUSEHOLD_EVENTS, [*unsafe(), since, copied_record(3, action("rejected"))], parts)

    assert published(worker)[2:] == [(FIRST, 7, "REJECTED")]


def test_records_read_again_tell_the_present_alert_and_the_ones_before_again() -> None:
    producer = FakeProducer()
    since = household_record(2, HOUSEHOLD, bill(27_000, "2023-05-02", "b"))
    log = [*unsafe(), since, copied_record(3, action("rejected"))]
    run(correlate(producer), HOUSEHOLD_EVENTS, log)

    run(correlate(producer), HOUSEHOLD_EVENTS, log)

    assert published(correlate(producer))[2:] == [(FIRST, 3, "REJECTED"), (SECOND, 1, "ALERTED")]


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([copied_record(2, action(alert_id=alert_id_of("H9", 1)))], "unknown_alert"),
        ([UNREADABLE], "not_avro"),
        ([copied_record(2, action(role="guest"))], "bad_action"),
    ],
)
def test_a_copy_that_cannot_be_folded_is_a_dead_letter_and_the_rest_goes_on(
    records: list[FakeRecord], reason: str
) -> None:
    after = copied_record(3, action(number=9))
    worker = run(correlate(), HOUSEHOLD_EVENTS, [*unsafe(), *records, after])

    assert letters(worker) == [("household", reason, "role" if reason == "bad_action" else None)]
    assert published(worker)[-1] == (FIRST, 2, "ACKED")
    counted = worker.program.samples()["alertbus_dead_letters"]
    assert counted == ([(("household", reason, "0"), 1)] if reason == "unknown_alert" else [])
