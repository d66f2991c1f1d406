"""A batch is done when all it caused is confirmed; what is read again has its effects again, and counts once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiokafka.errors import MessageSizeTooLargeError

from schemas.codec import Record, decode
from schemas.failstop import NeedsAPersonError
from schemas.topics import (
    ALERTS,
    DEAD_LETTERS,
    HOUSEHOLD_EVENTS,
    HOUSEHOLDS_CHANGELOG,
    OUTCOMES,
    REGISTER_PERSONS,
    SUBJECTS_CHANGELOG,
    events_topic,
)
from streams.app import Program
from streams.assign_program import Assign
from streams.changelog import BATCH, ENTITY, LEDGER, pack_row, through_of
from streams.correlate_program import Correlate
from streams.entity_slice import SLICE_BYTES
from streams.household import MOST_BYTES, pack, unpack
from streams.ledgers import Ledger
from streams.rule_set import shipped
from tests.assign_world import PERSON, row, settlement
from tests.builders import bill, graded, household
from tests.fake_log import FakeProducer, FakeRecord
from tests.offline import (
    OfflineWorker,
    activation_record,
    department_record,
    entries,
    household_record,
    households_on,
    tick_record,
)

HOUSEHOLD = households_on(0, 1)[0]
BILLS = events_topic("health_insurance")
PEOPLES = household_record(0, "H1", graded("A")).partition


def correlate(producer: FakeProducer | None = None) -> OfflineWorker:
    worker = OfflineWorker(Correlate(lambda _: shipped()), producer)
    worker.take_over({HOUSEHOLD_EVENTS: 1000})
    return worker


def dangerous_house() -> list[FakeRecord]:
    """Enough for one alert."""
    return [activation_record(0, 0, shipped().hash), household_record(1, HOUSEHOLD, graded("D"))]


def assign(producer: FakeProducer | None = None) -> OfflineWorker:
    number = department_record(REGISTER_PERSONS, 0, "register_row", row(), PERSON).partition
    worker = OfflineWorker(Assign(), producer, number)
    worker.take_over({BILLS: 1000, REGISTER_PERSONS: 1000})
    return worker


def bills(*events: Record) -> list[FakeRecord]:
    return [department_record(BILLS, n, "health_insurance", event, PERSON) for n, event in enumerate(events)]


def counts(worker: OfflineWorker) -> dict[str, int]:
    totals = worker.program.books[worker.number].totals  # type: ignore[attr-defined]  # the program is assign
    return {key: count for key, count in totals.counts.items() if count}


REFUSALS = [
    (correlate, HOUSEHOLD_EVENTS, dangerous_house(), HOUSEHOLDS_CHANGELOG),
    (correlate, HOUSEHOLD_EVENTS, dangerous_house(), ALERTS),
    (correlate, HOUSEHOLD_EVENTS, [FakeRecord(HOUSEHOLD_EVENTS, 0, 0, b"H", b"odd")], DEAD_LETTERS),
    (assign, BILLS, bills(settlement()), SUBJECTS_CHANGELOG),
    (assign, BILLS, bills(settlement()), OUTCOMES),
    (assign, BILLS, [FakeRecord(BILLS, 0, 0, b"p", b"odd")], DEAD_LETTERS),
    (
        assign,
        REGISTER_PERSONS,
        [department_record(REGISTER_PERSONS, 0, "register_row", row(), PERSON)],
        HOUSEHOLD_EVENTS,
    ),
]


@pytest.mark.parametrize(("program", "topic", "records", "refused"), REFUSALS)
def test_a_batch_of_which_anything_was_refused_is_not_done(
    program: Callable[[], OfflineWorker], topic: str, records: list[FakeRecord], refused: str
) -> None:
    async def story() -> None:
        worker = program()
        worker.producer.refused.add(refused)
        await worker.process(topic, records)

    with pytest.raises(MessageSizeTooLargeError):
        asyncio.run(story())


@pytest.mark.parametrize(("program", "topic", "records", "_"), REFUSALS)
def test_a_batch_is_not_done_before_the_broker_has_confirmed_it(
    program: Callable[[], OfflineWorker], topic: str, records: list[FakeRecord], _: str
) -> None:
    async def story() -> tuple[bool, bool]:
        worker = program()
        worker.producer.held = True
        work = asyncio.ensure_future(worker.process(topic, records))
        done, _ = await asyncio.wait({work}, timeout=0.05)
        worker.producer.held = False
        worker.producer.confirm()
        await work
        return bool(done), work.done()

    assert asyncio.run(story()) == (False, True)


def test_after_a_failed_changelog_write_no_later_one_is_sent() -> None:
    """Its ledger would say that what the failed one held was folded."""

    async def story() -> FakeProducer:
        worker = correlate()
        worker.producer.refused.add(HOUSEHOLDS_CHANGELOG)
        households = households_on(0, 400)
        records = [household_record(n, households[n % 400], bill(5, "2023-03-01", f"b{n}")) for n in range(8_000)]
        assert sum(len(r.value or b"") for r in records) > SLICE_BYTES
        with pytest.raises(MessageSizeTooLargeError):
            await worker.process(HOUSEHOLD_EVENTS, records)
        return worker.producer

    assert not asyncio.run(story()).records(HOUSEHOLDS_CHANGELOG)


@pytest.mark.parametrize(("program", "topic", "records", "_"), [REFUSALS[0], REFUSALS[3]])
def test_state_stands_in_one_record_batch_with_the_ledger_that_counts_it(
    program: Callable[[], OfflineWorker], topic: str, records: list[FakeRecord], _: str
) -> None:
    async def story() -> OfflineWorker:
        worker = program()
        await worker.process(topic, records)
        return worker

    worker = asyncio.run(story())
    batches = worker.producer.batches[worker.program.changelog, worker.number]

    assert len(batches) == 1
    assert {ENTITY, LEDGER} <= set(entries(batches[0])) <= {ENTITY, LEDGER, BATCH}
    assert entries(batches[0])[-1] == LEDGER


def test_an_event_that_is_read_again_is_sent_again_and_counted_once() -> None:
    async def story() -> tuple[dict[str, int], list[int]]:
        worker = assign()
        await worker.process(REGISTER_PERSONS, [department_record(REGISTER_PERSONS, 0, "register_row", row(), PERSON)])
        sent = []
        for _ in range(2):
            await worker.process(BILLS, bills(settlement("e1"), settlement("e2"), settlement("e1")))
            sent.append(len(worker.producer.records(HOUSEHOLD_EVENTS)))
        heir = OfflineWorker(Assign(), worker.producer, worker.number)
        heir.take_over({BILLS: 3, REGISTER_PERSONS: 1})
        await heir.process(BILLS, bills(settlement("e1"), settlement("e2"), settlement("e1")))
        assert counts(heir) == counts(worker)
        return counts(worker), sent

    counted, sent = asyncio.run(story())

    assert counted == {"health_insurance|applied": 2, "health_insurance|duplicate": 1}
    assert sent == [4, 7]


def test_an_unreadable_record_that_is_read_again_counts_once() -> None:
    async def story() -> dict[str, int]:
        worker = assign()
        for _ in range(2):
            await worker.process(BILLS, [FakeRecord(BILLS, worker.number, 0, b"p", b"odd")])
        letters = worker.producer.records(DEAD_LETTERS)
        assert len(letters) == 2
        assert len(set(letters)) == 1
        return counts(worker)

    assert asyncio.run(story()) == {"health_insurance|dead_lettered": 1}


def test_the_alert_of_a_record_that_is_read_again_is_published_again_unchanged() -> None:
    async def story() -> FakeProducer:
        worker = correlate()
        await worker.process(HOUSEHOLD_EVENTS, dangerous_house())
        heir = correlate(worker.producer)
        await heir.process(HOUSEHOLD_EVENTS, dangerous_house()[1:])
        return worker.producer

    alerts = asyncio.run(story()).records(ALERTS)

    assert len(alerts) == 2
    assert len(set(alerts)) == 1


def test_a_household_ahead_of_the_ledger_folds_nothing_twice_and_its_alert_is_published_again() -> None:
    async def story() -> tuple[int, FakeProducer]:
        worker = correlate()
        await worker.process(HOUSEHOLD_EVENTS, dangerous_house())
        key, row = Ledger(HOUSEHOLD_EVENTS, 0, offset=0, epoch=99, rule_set=shipped().hash).row()
        worker.producer.batches[HOUSEHOLDS_CHANGELOG, 0].append([(key + b"writer-2", row)])
        heir = correlate(worker.producer)
        await heir.process(HOUSEHOLD_EVENTS, dangerous_house())
        return through_of(heir.table.partitions[0].rows[ENTITY + HOUSEHOLD.encode()]), worker.producer

    through, producer = asyncio.run(story())
    alerts = producer.records(ALERTS)

    assert through == 1
    assert len(alerts) == 2
    assert len(set(alerts)) == 1


def test_both_writers_facts_of_a_person_are_kept() -> None:
    async def story() -> dict[str, int]:
        one = assign()
        other = assign(one.producer)
        await one.process(BILLS, bills(settlement("e1")))
        await other.process(BILLS, bills(settlement("e1"), settlement("e2"))[1:])
        heir = assign(one.producer)
        await heir.process(REGISTER_PERSONS, [department_record(REGISTER_PERSONS, 0, "register_row", row(), PERSON)])
        sent = [decode(value)[0] for _, value in heir.producer.records(HOUSEHOLD_EVENTS)]
        return {name: sent.count(name) for name in sent}

    assert asyncio.run(story()) == {"membership": 1, "household_fact": 2}


@pytest.mark.parametrize("batch", [100, 3_000])
def test_a_household_over_the_limit_refuses_the_fact_and_keeps_its_state(batch: int) -> None:
    many = [bill(5, "2023-03-01", f"b{n}" + "x" * 40) for n in range(3_000)]

    async def story() -> tuple[bytes, FakeProducer]:
        worker = correlate()
        records = [household_record(n, HOUSEHOLD, each) for n, each in enumerate(many)]
        for low in range(0, len(records), batch):
            await worker.process(HOUSEHOLD_EVENTS, records[low : low + batch])
        return worker.table.partitions[0].body(ENTITY + HOUSEHOLD.encode()) or b"", worker.producer

    body, producer = asyncio.run(story())
    letters = [decode(value)[1] for _, value in producer.records(DEAD_LETTERS)]

    assert len(pack(household(*many))) > MOST_BYTES >= len(body)
    assert len(unpack(body).facts) == len(many) - len(letters) > 2_000
    assert {letter["reason"] for letter in letters} == {"household_too_large"}


@pytest.mark.parametrize("key", [b"", None, b"somebody-else"])
def test_a_fact_under_a_key_that_is_no_household_of_this_partition_is_a_dead_letter(key: bytes | None) -> None:
    async def story() -> list[Record]:
        worker = correlate()
        real = household_record(0, HOUSEHOLD, graded("D"))
        await worker.process(HOUSEHOLD_EVENTS, [FakeRecord(real.topic, 0, 0, key, real.value)])
        return [decode(value)[1] for _, value in worker.producer.records(DEAD_LETTERS)]

    assert [letter["reason"] for letter in asyncio.run(story())] == ["wrong_key"]


def test_a_second_clock_changes_nothing() -> None:
    async def story() -> list[int]:
        worker = correlate()
        await worker.process(HOUSEHOLD_EVENTS, [*dangerous_house(), tick_record(2, 0, 19_500)])
        before = len(worker.producer.records(ALERTS))
        await worker.process(HOUSEHOLD_EVENTS, [tick_record(3, 0, 19_500), tick_record(4, 0, 19_499)])
        ledger = worker.program.books[0].ledger  # type: ignore[attr-defined]  # the program is correlate
        return [ledger.tick, len(worker.producer.records(ALERTS)) - before]

    assert asyncio.run(story()) == [19_500, 0]


def test_a_worker_without_the_active_rule_set_stops_for_a_person() -> None:
    async def story(program: Program) -> None:
        worker = OfflineWorker(program)
        worker.take_over({HOUSEHOLD_EVENTS: 10})
        await worker.process(HOUSEHOLD_EVENTS, [activation_record(0, 0, "no such set")])

    with pytest.raises(NeedsAPersonError, match="no such set is active but not on topic rules"):
        asyncio.run(story(Correlate(lambda _: None)))


@pytest.mark.parametrize("body", [b"odd", b"", b"\x92\xa1\xff\x01"], ids=["other", "empty", "no text"])
@pytest.mark.parametrize(
    ("worker", "topic", "records", "key"),
    [(correlate, HOUSEHOLD_EVENTS, dangerous_house(), HOUSEHOLD), (assign, BILLS, bills(settlement()), PERSON)],
)
def test_a_state_that_no_version_of_ours_wrote_stops_for_a_person(
    worker: Callable[[], OfflineWorker], topic: str, records: list[FakeRecord], key: str, body: bytes
) -> None:
    one = worker()
    one.table.partitions[one.number].rows[ENTITY + key.encode()] = pack_row(-1, 0, body)

    with pytest.raises(NeedsAPersonError, match="cannot be read: delete the changelog partition's records"):
        asyncio.run(one.process(topic, records))
