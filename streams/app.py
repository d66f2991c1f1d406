"""The shell around a stream program: Faust app, one agent over all inputs, recovery, watchdog. Decides nothing."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

import faust
from faust.types import TP

from schemas.failpoints import Failpoints
from schemas.failstop import NeedsAPersonError, stop
from schemas.topics import MAX_BATCH_BYTES, PARTITIONS
from streams import metrics
from streams.changelog import Merge
from streams.failstop import guard_tasks
from streams.fetched import use_light_records
from streams.metrics import BATCH_RECORDS, OLDEST_UNPROCESSED, Sample
from streams.ownership import Ownership
from streams.record_batches import RecordBatches
from streams.recovery import log_ends, read_changelog
from streams.sending import Sender
from streams.settings import Settings
from streams.state_table import Partition, StateTable
from streams.transport import Consumer, Transport
from streams.turns import Turns
from streams.watchdog import Watchdog

COLLECT_AFTER = 200_000
"""Objects made until Python looks for cycles: a batch makes thousands, all of which go by themselves."""

IDLE_SECONDS = 0.2

BATCH_LIMIT = MAX_BATCH_BYTES - 64 * 1024

log = logging.getLogger(__name__)


class Program(Protocol):
    """What assign and correlate are to the shell."""

    group: str
    inputs: tuple[str, ...]
    changelog: str

    def merge(self, key: bytes) -> Merge:
        """How copies of an entry by two writers become one."""

    def recovered(self, partition: Partition, ends: dict[str, int]) -> None:
        """Take over a partition; `ends` are the inputs' end offsets. May raise NeedsAPersonError."""

    def lost(self, number: int) -> None:
        """Forget a partition."""

    async def process(self, topic: str, records: list[Any], partition: Partition, out: Out) -> None:
        """Fold records in log order; return when every effect is confirmed."""

    def unfinished(self) -> list[int]:
        """Partitions with work that no record asks for."""

    async def go_on(self, partition: Partition, out: Out) -> None:
        """Do a little of that work; return when every effect is confirmed."""

    def samples(self) -> dict[str, list[Sample]]:
        """Metrics of now, from the ledgers."""


class Out:
    """Where a program's effects go."""

    def __init__(self, table: StateTable, sender: Sender, failpoints: Failpoints) -> None:
        """Bundle the state table, the sender and the failpoints."""
        self.table = table
        self.sender = sender
        self.failpoints = failpoints


class BusApp(faust.App):  # type: ignore[misc]  # faust is untyped here (follow_imports in pyproject)
    """A Faust app that stops at once where Faust would crash service by service."""

    ownership: Ownership

    def _crash(self, reason: BaseException) -> None:
        stop(reason)


class Shell:
    """One running stream program."""

    def __init__(self, program: Program, settings: Settings) -> None:
        """Build the app; nothing runs yet."""
        self.program = program
        self.settings = settings
        self.failpoints = Failpoints(settings.failpoints, settings.program)
        self.table = StateTable(program.changelog, program.merge)
        self.app = _new_app(program.group, settings)
        self.app.transport = Transport(self.app.conf.broker, self.app)
        self.app.producer_transport = self.app.transport
        self.app.ownership = Ownership(self.table, self._recover, program.lost)
        topic = self.app.topic(*program.inputs, key_type=None, value_type=None, value_serializer="raw")
        self.app.agent(topic, name=program.group)(self._agent)
        self.app.task(self._start_watching)
        self.app.task(self._work_between)
        self.turns = Turns(PARTITIONS)
        self.watchdog = Watchdog(settings.watchdog_seconds, self._waiting)

    async def _agent(self, stream: Any) -> None:
        try:
            async for event in stream.noack().events():
                await self.turns.begin(event.message.partition, partial(self._take, stream, event))
        finally:
            self.turns.cancel()

    async def _take(self, stream: Any, event: Any) -> None:
        message, consumer = event.message, self.app.consumer
        partition = None
        if consumer.is_current(message):
            partition = await self.app.ownership.partition(message.partition)
        if partition is None:
            consumer.forget(message)
            return
        records = message.value
        OLDEST_UNPROCESSED.set(max(0.0, time.time() - records[0].timestamp / 1000))
        await self.program.process(message.topic, records, partition, self._out())
        BATCH_RECORDS.observe(len(records))
        self.watchdog.progress()
        await stream.ack(event)

    def _out(self) -> Out:
        return Out(self.table, Sender(self.app.producer._producer), self.failpoints)

    async def _work_between(self) -> None:
        """Between the batches do what no record asks for: one partition at a time, at most half of the time."""
        while True:
            began, numbers = time.monotonic(), self.program.unfinished()
            for number in numbers[:1]:
                done = asyncio.Event()
                await self.turns.begin(number, partial(self._go_on, number, done))
                await done.wait()
            await asyncio.sleep(time.monotonic() - began if numbers else IDLE_SECONDS)

    async def _go_on(self, number: int, done: asyncio.Event) -> None:
        try:
            partition = await self.app.ownership.partition(number)
            if partition is not None:
                await self.program.go_on(partition, self._out())
                self.watchdog.progress()
        finally:
            done.set()

    async def _recover(self, numbers: set[int], generation: int) -> None:
        servers = self.settings.bootstrap_servers
        copies = await read_changelog(servers, self.program.changelog, numbers, self.watchdog.progress)
        ends = await log_ends(servers, self.program.inputs, numbers)
        for number in sorted(numbers):
            partition = self.table.recovered(number, copies[number], generation)
            log.info("partition %d is written under the tag %s", number, partition.tag.hex())
            self.program.recovered(partition, {topic: end for (topic, at), end in ends.items() if at == number})

    async def _start_watching(self) -> None:
        guard_tasks(asyncio.get_running_loop())
        try:
            check_partition_counts({topic: self.app.consumer.topic_partitions(topic) for topic in self.program.inputs})
        except NeedsAPersonError as error:
            stop(error)
        metrics.serve(self.settings.metrics_port, self.settings.program, self.samples)
        self.watchdog.start()

    def samples(self) -> dict[str, list[Sample]]:
        """Metrics of the program and of its reading."""
        lag: list[Sample] = [
            ((self.program.group, tp.topic, str(tp.partition)), float(waiting)) for tp, waiting in self._lag().items()
        ]
        owned: list[Sample] = [((self.program.group,), float(len(self.table.partitions)))]
        if not sum(waiting for _, waiting in lag):
            OLDEST_UNPROCESSED.set(0)
        return {"alertbus_lag_records": lag, "alertbus_partitions": owned, **self.program.samples()}

    def _lag(self) -> dict[TP, int]:
        consumer = self.app.consumer
        return consumer.lag() if isinstance(consumer, Consumer) else {}

    def _waiting(self) -> int:
        return sum(self._lag().values())


def check_partition_counts(counts: Mapping[str, int | None]) -> None:
    """Refuse inputs by their partition counts, None where the cluster has not told yet.

    Raises:
        NeedsAPersonError: an entity's records would not meet its state.

    """
    for topic, count in counts.items():
        if count not in {None, PARTITIONS}:
            message = f"topic {topic} has {count} partitions, expected {PARTITIONS}: see `alertbus up`"
            raise NeedsAPersonError(message)


def _new_app(group: str, settings: Settings) -> BusApp:
    return BusApp(
        group,
        broker=";".join(f"kafka://{server}" for server in settings.bootstrap_servers.split(",")),
        store="memory://",
        datadir=str(settings.data_dir / "faust" / settings.program),
        value_serializer="raw",
        topic_partitions=PARTITIONS,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        ConsumerScheduler=RecordBatches,
        consumer_max_fetch_size=1 << 20,
        stream_buffer_maxsize=4,
        stream_wait_empty=True,
        stream_recovery_delay=0,
        broker_commit_interval=settings.commit_interval,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.session_timeout / 5,
        broker_rebalance_timeout=60.0,
        producer_acks=-1,
        producer_max_batch_size=BATCH_LIMIT,
        producer_max_request_size=4 << 20,
        worker_redirect_stdouts=False,
    )


def run(program: Program, settings: Settings) -> None:
    """Run a program until SIGTERM."""
    use_light_records()
    gc.set_threshold(COLLECT_AFTER)
    (settings.data_dir / "faust").mkdir(parents=True, exist_ok=True)  # Faust makes the last folder only
    worker = faust.Worker(Shell(program, settings).app, loglevel="INFO", redirect_stdouts=False)
    worker.execute_from_commandline()
