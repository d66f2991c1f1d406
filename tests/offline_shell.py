"""The real shell, app and consumer without a broker: fetches, seeks and commits are lists."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import faust
from faust.types import TP

from streams.app import Out, Shell
from streams.changelog import Copies, Merge, furthest
from streams.metrics import Sample
from streams.record_batches import RecordBatch
from streams.settings import Settings
from streams.state_table import Partition
from streams.transport import Consumer
from tests.fake_log import FakeRecord

TOPIC = "events.housing"


class FakeProgram:
    """Notes what it is given.

    Attributes:
        seen: offsets of each processed batch; `begun` of each batch, done or not.
        error: raised by the next batch.
        gate: batches wait for it.

    """

    group = "fake"
    inputs: tuple[str, ...] = (TOPIC,)
    changelog = "fake-changelog"

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.begun: list[list[int]] = []
        self.started = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    def merge(self, key: bytes) -> Merge:
        del key
        return furthest

    def recovered(self, partition: Partition, ends: dict[str, int]) -> None:
        """Take nothing over."""

    def lost(self, number: int) -> None:
        """Forget nothing."""

    async def process(self, topic: str, records: list[Any], partition: Partition, out: Out) -> None:
        del topic, partition, out
        self.begun.append([record.offset for record in records])
        self.started.set()
        if self.error is not None:
            raise self.error
        await self.gate.wait()
        self.seen.append([record.offset for record in records])

    def unfinished(self) -> list[int]:
        return []

    async def go_on(self, partition: Partition, out: Out) -> None:
        """Nothing is left to do."""

    def samples(self) -> dict[str, list[Sample]]:
        return {}


SETTINGS = Settings(
    bootstrap_servers="127.0.0.1:1",
    data_dir=Path("/nonexistent"),
    metrics_port=0,
    program="fake-1",
    session_timeout=15,
    commit_interval=1,
    watchdog_seconds=120,
    failpoints=None,
)


def new_shell(program: FakeProgram) -> Shell:
    return Shell(program, SETTINGS)


class OfflineConsumer(Consumer):
    """The real books; fetches come from a list of rounds, delivery may be cut off.

    Attributes:
        rounds: what each fetch returns: partition -> lists of offsets.
        delivered: offsets of the batches that were handed over.
        sought: partition and offset of each seek.
        committed: offsets that were committed.

    """

    rounds: list[dict[TP, list[list[int]]]]
    delivered: list[list[int]]
    sought: list[tuple[TP, int]]
    committed: dict[TP, int]
    known: Mapping[TP, int | None]
    starts: Mapping[TP, int]
    ends: Mapping[TP, int]

    async def seek_to_committed(self) -> Mapping[TP, int | None]:
        return self.known

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        return {tp: self.starts[tp] for tp in partitions}

    def highwater(self, tp: TP) -> int:
        assert tp in self.ends, "Partition is not assigned"
        return self.ends[tp]

    def assignment(self) -> set[TP]:
        return set(self.readings)

    async def _seek(self, partition: TP, offset: int) -> None:
        self.sought.append((partition, offset))

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        self.committed |= offsets
        return True

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109  # Faust's signature
        del timeout
        if not self.rounds:
            self._stopped.set()
            return
        for tp, batches in self.rounds.pop(0).items():
            for offsets in batches:
                records = [FakeRecord(tp.topic, tp.partition, offset, b"k", b"v") for offset in offsets]
                yield tp, self._to_message(tp, RecordBatch(records))


class Running:
    """A fetcher that has not stopped."""

    def __init__(self) -> None:
        self._stopped = asyncio.Event()


async def new_consumer(shell: Shell) -> OfflineConsumer:
    """Consumer of a shell that notes what it hands over."""
    delivered: list[list[int]] = []

    async def take(message: Any) -> None:
        delivered.append([record.offset for record in message.value])

    async def nothing(*_: object) -> None:
        """No rebalance here."""

    consumer = OfflineConsumer(shell.app.transport, take, nothing, nothing)
    consumer.rounds, consumer.delivered, consumer.sought, consumer.committed = [], delivered, [], {}
    consumer.known, consumer.starts, consumer.ends = {}, {}, {}
    return consumer


class RunningAgent:
    """The shell's real agent, fed by hand."""

    def __init__(self, shell: Shell, consumer: OfflineConsumer) -> None:
        self._app = shell.app
        self._consumer = consumer
        self._channel = shell.app.channel(value_type=bytes)
        (agent,) = shell.app.agents.values()
        self._agent = agent.clone(channel=self._channel)

    async def start(self) -> None:
        self._app.flow_control.resume()
        await self._agent.start()

    async def stop(self) -> None:
        """Cancel the agent, as a shutdown does that waits no longer."""
        self._agent.cancel()
        await self._agent.stop()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the agent work until something holds; fails after 10 s."""
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110  # there is no event for it: the agent knows nothing of tests
                await asyncio.sleep(0)

    async def feed(self, tp: TP, offsets: list[int]) -> Any:
        """Hand a batch over as the conductor does; returns the message, which knows whether it was acknowledged."""
        records = [FakeRecord(tp.topic, tp.partition, offset, b"k", b"v") for offset in offsets]
        message = self._consumer._to_message(tp, RecordBatch(records))
        assert await self._consumer._offer(tp, message)
        message.incref()
        await self._channel.put(faust.Event(self._app, None, message.value, {}, message))
        return message


async def start_agent(program: FakeProgram, tp: TP) -> tuple[Shell, OfflineConsumer, RunningAgent]:
    """Start a shell's agent that owns a partition, whose state is there, and is at offset 10."""
    shell = new_shell(program)
    consumer = await new_consumer(shell)
    shell.app.consumer = consumer
    shell.table.recovered(tp.partition, Copies(), 1)
    consumer.known = {tp: 10}
    await consumer.perform_seek()
    agent = RunningAgent(shell, consumer)
    await agent.start()
    return shell, consumer, agent
