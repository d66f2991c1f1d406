"""Our consumer's books at work: what is delivered, read again and committed, whatever the fetches bring."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from faust.types import TP

from schemas.failstop import NeedsAPersonError
from schemas.topics import REGISTER_PERSONS
from streams.record_batches import RecordBatch
from tests.fake_log import FakeRecord
from tests.offline_shell import TOPIC, FakeProgram, OfflineConsumer, Running, new_consumer, new_shell

PLACE = TP(TOPIC, 3)
REGISTER = TP(REGISTER_PERSONS, 3)


def consume(story: Callable[[OfflineConsumer], Coroutine[Any, Any, None]]) -> OfflineConsumer:
    async def run() -> OfflineConsumer:
        consumer = await new_consumer(new_shell(FakeProgram()))
        await story(consumer)
        return consumer

    return asyncio.run(run())


async def begin(consumer: OfflineConsumer, at: int | None = 10, tp: TP = PLACE, start: int = 0) -> None:
    """Start to read a partition at its committed offset."""
    consumer.known, consumer.starts = {tp: at}, {tp: start}
    await consumer.perform_seek()
    consumer.sought.clear()


async def fetch(consumer: OfflineConsumer, *rounds: list[list[int]], tp: TP = PLACE) -> None:
    consumer.rounds = [{tp: batches} for batches in rounds]
    await consumer._drain_messages(Running())
    consumer._stopped.clear()


def message(consumer: OfflineConsumer, offsets: list[int], tp: TP = PLACE) -> Any:
    return consumer._to_message(tp, RecordBatch([FakeRecord(tp.topic, tp.partition, n, b"", b"") for n in offsets]))


async def hand_over(consumer: OfflineConsumer, offsets: list[int]) -> Any:
    batch = message(consumer, offsets)
    assert await consumer._offer(PLACE, batch)
    return batch


def test_a_group_without_a_commit_first_commits_the_logs_start() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer, None, start=7)
        assert consumer.committed == {PLACE: 7}
        await fetch(consumer, [[7, 8]])

    assert consume(story).delivered == [[7, 8]]


def test_a_group_goes_on_where_it_has_committed() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        consumer.known = {PLACE: 10}
        await consumer.perform_seek()
        assert consumer.sought == [(PLACE, 10)]

    assert consume(story).committed == {}


def test_batches_that_follow_one_another_are_handed_over() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        await fetch(consumer, [[10, 11], [12]], [[13]])

    consumer = consume(story)
    assert consumer.delivered == [[10, 11], [12], [13]]
    assert consumer.sought == []


def test_of_an_older_batch_only_what_is_new_is_handed_over() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        await fetch(consumer, [[8, 9, 10, 11]])

    assert consume(story).delivered == [[10, 11]]


def test_a_fetch_that_was_in_flight_during_a_seek_leaves_no_hole() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        await fetch(consumer, [[50, 51], [52, 53]], [[10, 11]])

    consumer = consume(story)
    assert consumer.delivered == [[10, 11]]
    assert consumer.sought == [(PLACE, 10)]


def test_two_batches_of_one_stale_fetch_do_not_pass_for_a_log_that_lost_records() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        await fetch(consumer, [[50], [51], [52]], [[10]])

    assert consume(story).delivered == [[10]]


async def judged_twice() -> None:
    consumer = await new_consumer(new_shell(FakeProgram()))
    await begin(consumer)
    for _ in range(2):
        await consumer._offer(PLACE, message(consumer, [50]))


def test_records_that_are_gone_for_good_stop_the_worker_for_a_person() -> None:
    with pytest.raises(NeedsAPersonError, match=r"offset 10 was never read.*goes on at 50.*group fake"):
        asyncio.run(judged_twice())


def test_a_register_may_miss_offsets_because_it_is_compacted() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer, tp=REGISTER)
        await fetch(consumer, [[50]], [[50]], [[60]], [[60]], tp=REGISTER)

    assert consume(story).delivered == [[50], [60]]


def test_a_batch_whose_delivery_a_rebalance_cut_off_is_read_again() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        callback, arrived = consumer.callback, asyncio.Event()

        async def never(_: object) -> None:
            arrived.set()
            await asyncio.Event().wait()

        consumer.callback = never
        delivery = asyncio.ensure_future(consumer._offer(PLACE, message(consumer, [10, 11])))
        await arrived.wait()
        consumer.suspend_flow.set()
        assert await delivery is False
        assert consumer.readings[PLACE].wanted == 10
        consumer.suspend_flow.clear()
        consumer.callback = callback
        await fetch(consumer, [[12, 13]], [[10, 11]])

    assert consume(story).delivered == [[10, 11]]


def test_only_acknowledged_batches_are_committed_in_order() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        first, second = await hand_over(consumer, [10, 11]), await hand_over(consumer, [12, 13])
        consumer.ack(second)
        await consumer.commit()
        assert consumer.committed == {}
        consumer.ack(first)
        await consumer.commit()

    assert consume(story).committed == {PLACE: 14}


def test_an_acknowledgement_of_an_earlier_reading_changes_nothing() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        earlier = await hand_over(consumer, [10, 11])
        assert consumer.is_current(earlier)
        await begin(consumer)
        again = await hand_over(consumer, [10, 11])
        assert not consumer.is_current(earlier)
        assert consumer.is_current(again)
        consumer.ack(earlier)
        await consumer.commit()
        assert consumer.committed == {}
        consumer.ack(again)
        await consumer.commit()

    assert consume(story).committed == {PLACE: 12}


def test_a_batch_of_a_partition_that_was_taken_away_is_not_current() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        batch = await hand_over(consumer, [10, 11])
        consumer.readings.clear()
        assert not consumer.is_current(batch)
        consumer.ack(batch)
        await fetch(consumer, [[12]])

    assert consume(story).delivered == [[10, 11]]


def test_a_rebalance_need_not_wait_for_batches_that_are_forgotten() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        batch = await hand_over(consumer, [10, 11])
        consumer._unacked_messages.add(batch)
        consumer._waiting_for_ack = asyncio.get_running_loop().create_future()
        consumer.forget(batch)
        await asyncio.wait_for(consumer._waiting_for_ack, 5)
        assert not consumer._unacked_messages

    assert consume(story).committed == {}


def test_a_seek_of_an_earlier_assignment_does_not_put_its_readings_back() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        gate, slow = asyncio.Event(), {PLACE: 3, REGISTER: 4}

        async def earlier() -> dict[TP, int]:
            await gate.wait()
            return slow

        quick = consumer.seek_to_committed
        consumer.seek_to_committed = earlier  # type: ignore[method-assign]  # of the earlier assignment, and slow
        late = asyncio.ensure_future(consumer.perform_seek())
        await asyncio.sleep(0)
        consumer.seek_to_committed = quick  # type: ignore[method-assign]  # as above
        await begin(consumer)
        gate.set()
        await late

    consumer = consume(story)
    assert {tp: reading.wanted for tp, reading in consumer.readings.items()} == {PLACE: 10}
    assert consumer.sought == []


def test_a_seek_that_faust_makes_while_it_reads_is_left_out() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        await begin(consumer)
        consumer.known = {PLACE: 3, REGISTER: 4}
        consumer._reader = asyncio.current_task()
        await consumer.perform_seek()

    consumer = consume(story)
    assert {tp: reading.wanted for tp, reading in consumer.readings.items()} == {PLACE: 10}


def test_lag_is_known_of_the_partitions_that_are_assigned() -> None:
    async def story(consumer: OfflineConsumer) -> None:
        consumer.known = {PLACE: 10, REGISTER: 4}
        await consumer.perform_seek()
        consumer.ends = {PLACE: 25}
        assert consumer.lag() == {PLACE: 15}

    consume(story)
