"""Faust's Kafka transport with our own books (reading.py) and an idempotent producer.

Private names of Faust 0.15.3 used here are held by tests/test_faust_contract.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from faust.exceptions import ConsumerNotStarted
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from schemas.failstop import NeedsAPersonError, stop
from schemas.topics import REGISTER_HOUSEHOLDS, REGISTER_PERSONS
from streams.reading import Reading, Verdict

GONE = (
    "{topic} partition {partition}: offset {wanted} was never read and is not in the log any more, which goes on at "
    "{found} (retention, or a topic made anew). Check what was lost, then reset group {group} to the log's start."
)

GATHER_SECONDS = 0.005
"""Pause between two fetches: what comes meanwhile is one batch, which saves a round trip for each record."""


class Consumer(driver.Consumer):  # type: ignore[misc]  # faust is untyped here (follow_imports in pyproject)
    """Delivers each partition's batches in order and without holes; commits acknowledged prefixes only."""

    readings: dict[TP, Reading]
    tickets: WeakKeyDictionary[Any, Reading]
    compacted: ClassVar[frozenset[str]] = frozenset({REGISTER_PERSONS, REGISTER_HOUSEHOLDS})

    def __post_init__(self) -> None:
        """Start with empty books (called by mode.Service)."""
        self.readings = {}
        self.tickets = WeakKeyDictionary()
        self._seeks = 0
        self._reader: asyncio.Task[object] | None = None

    async def perform_seek(self) -> None:
        """Go to the committed offsets; a group that has none first commits the log's start.

        Faust also calls it from the reader, when a rebalance cut into a fetch: that one is of the old assignment, and
        what it finds after the new assignment's seek would put the old readings back. It is not needed either.
        """
        if asyncio.current_task() is self._reader:
            return
        self._seeks += 1
        this = self._seeks
        committed = await self.seek_to_committed()
        missing = [tp for tp, offset in committed.items() if offset is None or offset < 0]
        starts: dict[TP, int] = {}
        if missing:
            starts = dict(await self.earliest_offsets(*missing))
            await self._commit(starts)
        if this != self._seeks:
            return  # a later one is under way
        self.readings = {
            TP(tp.topic, tp.partition): Reading(
                wanted=starts.get(tp, offset) if offset is None or offset < 0 else offset,
                holes_allowed=tp.topic in self.compacted,
            )
            for tp, offset in committed.items()
        }
        for tp, reading in self.readings.items():
            self._committed_offset[tp] = reading.wanted
            await self._seek(tp, reading.wanted)

    async def _drain_messages(self, fetcher: Any) -> None:
        self._reader = asyncio.current_task()
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                await self.sleep(GATHER_SECONDS)
                useless: set[TP] = set()
                async for tp, message in self.getmany(timeout=1.0):
                    if tp not in useless and not await self._offer(tp, message):
                        useless.add(tp)
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise
        except Exception as error:  # noqa: BLE001  # a reader that has died silently would leave lag for ever
            stop(error)

    async def _offer(self, tp: TP, message: Any) -> bool:
        """Hand on the next batch; False where the rest of this fetch of the partition is of no use."""
        reading = self.readings.get(tp)
        if reading is None:
            return False
        records = message.value
        verdict = reading.judge(records[0].offset, records[-1].offset)
        if verdict is Verdict.GONE:
            raise NeedsAPersonError(self._gone(tp, reading.wanted, records[0].offset))
        if verdict is Verdict.READ_AGAIN:
            await self._seek(tp, reading.wanted)
            return False
        if records[0].offset < reading.wanted:
            message.value = [r for r in records if r.offset >= reading.wanted]
        self.tickets[message] = reading
        if not await self._deliver(message):
            return False
        reading.delivered(message.offset)
        return True

    async def _seek(self, partition: TP, offset: int) -> None:
        """Seek in the consumer's own thread: done from ours, as Faust does, it races with aiokafka's fetcher."""
        consumer = self._thread._ensure_consumer()
        await self._thread.call_thread(consumer.seek, partition, offset)

    def _gone(self, tp: TP, wanted: int, found: int) -> str:
        return GONE.format(topic=tp.topic, partition=tp.partition, wanted=wanted, found=found, group=self.app.conf.id)

    async def _deliver(self, message: Any) -> bool:
        """Hand a batch to its agent; False where a rebalance cut in, so that it does not count as read."""
        delivery = asyncio.ensure_future(self.callback(message))
        suspended = asyncio.ensure_future(self.suspend_flow.wait())
        await asyncio.wait({delivery, suspended}, return_when=asyncio.FIRST_COMPLETED)
        suspended.cancel()
        if not delivery.done():
            delivery.cancel()
            return False
        delivery.result()
        return True

    def is_current(self, message: Any) -> bool:
        """Whether a batch belongs to the present reading of its partition; others are read again."""
        return self.tickets.get(message) is self.readings.get(message.tp, self)

    def ack(self, message: Any) -> bool:
        """Acknowledge a batch whose effects are confirmed; one of an earlier reading changes nothing."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        if self.is_current(message):
            self.readings[message.tp].acknowledge(message.offset)
            self._acked[message.tp] = [message.offset]
        self._tell_waiting()
        return True

    def forget(self, message: Any) -> None:
        """Leave a batch of an earlier reading undone: it is read again by whoever owns the partition now."""
        self._unacked_messages.discard(message)
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        waiting = self._waiting_for_ack
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _new_offset(self, tp: TP) -> int | None:
        reading = self.readings.get(tp)
        return None if reading is None else reading.committable()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the agents finish and commit (Faust), then forget the partitions."""
        self.app.ownership.revoke()
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self.readings.pop(tp, None)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Rebuild state first; Faust then resumes the flow, and batches wait for their partition's state."""
        self.app.ownership.assign({tp.partition for tp in assigned}, generation_id)
        await super().on_partitions_assigned(assigned, generation_id)

    def lag(self) -> dict[TP, int]:
        """Records known to be in the log and not yet done; may be called from any thread, rebalance or not."""
        found = {}
        for tp, reading in list(self.readings.items()):
            try:
                end = self.highwater(tp)
            except (AssertionError, ConsumerNotStarted):  # not assigned any more, or not yet
                continue
            found[tp] = max(0, (end or 0) - reading.done)
        return found

    async def verify_all_partitions_active(self) -> None:
        """Leave this to our own watchdog: Faust's check cries wolf on idle partitions (faust-streaming #629)."""


class Producer(driver.Producer):  # type: ignore[misc]  # faust is untyped here (follow_imports in pyproject)
    """Every send is acknowledged by all in-sync replicas and written once."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):  # type: ignore[misc]  # faust is untyped here (follow_imports in pyproject)
    """Kafka as `streams` uses it."""

    Consumer: ClassVar[type[Consumer]] = Consumer
    Producer: ClassVar[type[Producer]] = Producer
