"""What became of a batch is told in the end, also where the worker that counted it ended before it could say so."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.errors import MessageSizeTooLargeError

from schemas.codec import Record, decode
from schemas.topics import HOUSEHOLD_EVENTS, OUTCOMES, REGISTER_PERSONS, SUBJECTS_CHANGELOG, events_topic
from streams.assign_program import Assign
from streams.changelog import BATCH, ENTITY
from tests.assign_world import PERSON, row, settlement
from tests.fake_log import FakeProducer, FakeRecord
from tests.offline import OfflineWorker, department_record

BILLS = events_topic("health_insurance")
NUMBER = department_record(REGISTER_PERSONS, 0, "register_row", row(), PERSON).partition
LIVES = department_record(REGISTER_PERSONS, 0, "register_row", row(), PERSON)


def bill(offset: int, event: Record, key: str = PERSON) -> FakeRecord:
    record = department_record(BILLS, offset, "health_insurance", event, PERSON)
    return FakeRecord(BILLS, record.partition, offset, key.encode(), record.value)


def worker(producer: FakeProducer | None = None) -> OfflineWorker:
    started = OfflineWorker(Assign(), producer, NUMBER)
    started.take_over({BILLS: 1000, REGISTER_PERSONS: 1000})
    return started


def told(producer: FakeProducer) -> dict[str, Record]:
    """Newest report on each batch."""
    return {report["batch_id"]: report for report in (decode(value)[1] for _, value in producer.records(OUTCOMES))}


BEFORE_LAST = {
    "an event": ([LIVES], [bill(0, settlement())]),
    "a duplicate": ([LIVES, bill(0, settlement())], [bill(1, settlement(batch_id="b2"))]),
    "a record that cannot count": ([LIVES], [bill(0, settlement(), key="p_somebody")]),
    "a row that routes what was parked": ([bill(0, settlement())], [LIVES]),
    "a revision that routes what was parked": (
        [department_record(REGISTER_PERSONS, 0, "register_row", row(valid_to=90), PERSON), bill(0, settlement())],
        [bill(1, settlement(day=80, revision=1, batch_id="b2"))],
    ),
}


@pytest.mark.parametrize(("first", "last"), BEFORE_LAST.values(), ids=BEFORE_LAST.keys())
def test_what_was_counted_but_not_told_is_told_when_it_is_read_again(
    first: list[FakeRecord], last: list[FakeRecord]
) -> None:
    async def story(*, dies: bool) -> dict[str, Record]:
        one = worker()
        for record in first:
            await one.process(record.topic, [record])
        if dies:
            one.producer.refused.add(OUTCOMES)
            with pytest.raises(MessageSizeTooLargeError):
                await one.process(last[0].topic, last)
            one.producer.refused.clear()
        heir = worker(one.producer)
        await heir.process(last[0].topic, last)
        return told(heir.producer)

    assert asyncio.run(story(dies=True)) == asyncio.run(story(dies=False))


def test_what_a_worker_counted_that_went_further_than_the_ledger_is_told_by_its_heir() -> None:
    """Its row of the batch stands in the changelog, a later owner's ledger is behind it."""

    async def story() -> dict[str, Record]:
        behind = worker()
        await behind.process(REGISTER_PERSONS, [LIVES])
        further = worker()
        await further.process(REGISTER_PERSONS, [LIVES])
        await further.process(BILLS, [bill(0, settlement())])
        batches = further.producer.batches[SUBJECTS_CHANGELOG, NUMBER][-1]
        behind.producer.batches[SUBJECTS_CHANGELOG, NUMBER].append([(k, v) for k, v in batches if k and k[:1] == BATCH])
        heir = worker(behind.producer)
        await heir.process(BILLS, [bill(0, settlement())])
        assert heir.producer.records(HOUSEHOLD_EVENTS)
        return told(heir.producer)

    assert asyncio.run(story())["b1"]["applied"] == 1


def test_an_event_that_another_ledger_has_counted_waits_nevertheless() -> None:
    """Its writer was held up, and its copy of the subject was put away as an older one before its ledger landed."""

    async def story() -> tuple[int, dict[str, Record]]:
        one = worker()
        await one.process(BILLS, [bill(0, settlement())])
        log = one.producer.batches[SUBJECTS_CHANGELOG, NUMBER]
        log[-1] = [(key, value) for key, value in log[-1] if key and key[:1] != ENTITY]
        heir = worker(one.producer)
        await heir.process(BILLS, [bill(0, settlement())])
        totals = heir.program.books[NUMBER].totals  # type: ignore[attr-defined]  # the program is assign
        return totals.parked_now["health_insurance"], told(heir.producer)

    waiting, reports = asyncio.run(story())

    assert (waiting, reports["b1"]["parked"], reports["b1"]["parked_now"]) == (1, 1, 1)
