"""State of a partition: what is due when, whose copies are removed, who owned it last."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.errors import MessageSizeTooLargeError
from hypothesis import given
from hypothesis import strategies as st

from streams.changelog import ENTITY, LEDGER, Copies, furthest, last_owner, pack_row, through_of
from streams.sending import BatchTooLargeError, Sender
from streams.state_table import Partition, StateTable
from tests.fake_log import FakeProducer

KEYS = tuple(ENTITY + name for name in (b"H1", b"H2", b"H3", b"H4"))
CHANGELOG = "a-changelog"


def table() -> StateTable:
    return StateTable(CHANGELOG, lambda key: last_owner if key[:1] == LEDGER else furthest)


def recovered(producer: FakeProducer, tag: bytes, generation: int) -> tuple[StateTable, Partition]:
    copies = Copies()
    for record in producer.log(CHANGELOG, 0):
        copies.apply(record.key or b"", record.value)
    owner = table()
    partition = owner.recovered(0, copies, generation)
    partition.tag = tag
    return owner, partition


async def written(
    owner: StateTable, partition: Partition, rows: list[tuple[bytes, bytes]], producer: FakeProducer
) -> None:
    await (await owner.write(partition, rows, Sender(producer)))


dues = st.tuples(st.sampled_from(KEYS), st.integers(0, 12))


@given(st.lists(dues, max_size=8), st.lists(st.lists(dues, max_size=3), max_size=8), st.integers(0, 13))
def test_a_tick_visits_exactly_the_entries_that_are_due(
    first: list[tuple[bytes, int]], writes: list[list[tuple[bytes, int]]], day: int
) -> None:
    rows = {key: pack_row(0, due, b"") for key, due in first}
    partition = Partition(0, rows, {})
    expected = dict(first)
    for write in writes:
        partition.put([(key, pack_row(1, due, b"")) for key, due in write])
        expected |= dict(write)

    assert partition.due_by(day) == sorted(key for key, due in expected.items() if due and due <= day)


def test_a_ledger_is_never_due() -> None:
    partition = Partition(0, {LEDGER + b"t": pack_row(5, 3, b"")}, {})
    partition.put([(LEDGER + b"t", pack_row(6, 3, b""))])

    assert partition.due_by(100) == []


def test_a_write_removes_the_copies_of_other_writers_once() -> None:
    async def story() -> FakeProducer:
        producer = FakeProducer()
        one, partition = recovered(producer, b"writer-1", 1)
        await written(one, partition, [(KEYS[0], pack_row(4, 0, b"one"))], producer)
        other, partition = recovered(producer, b"writer-2", 2)
        for through in (6, 7):
            await written(other, partition, [(KEYS[0], pack_row(through, 0, b"other"))], producer)
        return producer

    batches = asyncio.run(story()).batches[CHANGELOG, 0]

    assert [[(key[-8:], value is None) for key, value in batch if key] for batch in batches] == [
        [(b"writer-1", False)],
        [(b"writer-2", False), (b"writer-1", True)],
        [(b"writer-2", False)],
    ]


def test_what_a_stopped_worker_writes_late_overwrites_nobody() -> None:
    async def story() -> Partition:
        producer = FakeProducer()
        stopped, its_partition = recovered(producer, b"writer-1", 1)
        owner, partition = recovered(producer, b"writer-2", 2)
        await written(owner, partition, [(KEYS[0], pack_row(9, 0, b"newer"))], producer)
        await written(stopped, its_partition, [(KEYS[0], pack_row(4, 0, b"stale"))], producer)
        return recovered(producer, b"writer-3", 3)[1]

    partition = asyncio.run(story())

    assert partition.body(KEYS[0]) == b"newer"
    assert through_of(partition.rows[KEYS[0]]) == 9


def test_every_takeover_has_a_greater_epoch_even_when_the_group_was_made_anew() -> None:
    async def story() -> list[int]:
        producer, epochs = FakeProducer(), []
        for generation in (3, 4, 9, 1, 2, 30):
            owner, partition = recovered(producer, b"writer-%d" % (generation % 10), generation)
            epochs.append(partition.epoch)
            await written(owner, partition, [(LEDGER + b"t", pack_row(5, partition.epoch, b""))], producer)
        return epochs

    assert asyncio.run(story()) == [3, 4, 9, 10, 11, 30]


def test_rows_that_do_not_fit_one_record_batch_are_refused_and_change_nothing() -> None:
    async def story() -> Partition:
        producer = FakeProducer(limit=100)
        owner, partition = recovered(producer, b"writer-1", 1)
        with pytest.raises(BatchTooLargeError, match="2 records for a-changelog-0"):
            await owner.write(partition, [(key, pack_row(1, 0, b"x" * 40)) for key in KEYS[:2]], Sender(producer))
        return partition

    assert asyncio.run(story()).rows == {}


def test_a_write_waits_for_the_one_before_and_fails_with_it() -> None:
    async def story() -> FakeProducer:
        producer = FakeProducer(refused={CHANGELOG})
        owner, partition = recovered(producer, b"writer-1", 1)
        first = await owner.write(partition, [(KEYS[0], pack_row(1, 0, b""))], Sender(producer))
        for failing in (owner.write(partition, [(KEYS[1], pack_row(2, 0, b""))], Sender(producer)), first):
            with pytest.raises(MessageSizeTooLargeError):
                await failing
        return producer

    assert not asyncio.run(story()).records(CHANGELOG)


def test_a_dropped_partition_is_gone() -> None:
    owner, _ = recovered(FakeProducer(), b"writer-1", 1)
    owner.drop(0)
    owner.drop(0)

    assert owner.partitions == {}


def test_a_process_that_takes_a_partition_over_again_writes_under_another_name() -> None:
    owner = table()

    assert owner.recovered(0, Copies(), 1).tag != owner.recovered(0, Copies(), 3).tag
