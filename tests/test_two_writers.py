"""Workers that are stopped between folding and writing, continued, killed and replaced: no effect is lost or doubled.

The real correlate and assign fold; only the broker is a list. A stopped worker has folded a batch and appends its
changelog and alerts when it is continued, long after another took the partition over.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Record, decode
from schemas.topics import ALERTS, HOUSEHOLD_EVENTS, HOUSEHOLDS_CHANGELOG
from streams.case import alert_id_of
from streams.changelog import ENTITY, HEADER_BYTES
from streams.correlate_program import Correlate
from streams.household import unpack
from streams.rule_set import shipped
from tests.builders import at, bill, day, deed, graded
from tests.fake_log import FakeBatch, FakeProducer, FakeRecord, Pair
from tests.offline import OfflineWorker, activation_record, copied_record, household_record, households_on, tick_record
from tests.seeds import seeds

HOUSEHOLDS = households_on(0, 3)


def input_log(choices: list[tuple[int, int]]) -> list[FakeRecord]:
    """Activation, then facts, ticks and actions: every fact and action has an id of its own."""
    log = [activation_record(0, 0, shipped().hash)]
    for kind, which in choices:
        offset = len(log)
        household = HOUSEHOLDS[which % len(HOUSEHOLDS)]
        when = at("2021-01-01") + which * 86_400_000 * 40
        if kind == 0:
            log.append(tick_record(offset, 0, day("2023-06-01") + which * 20))
        elif kind == 1:
            log.append(
                household_record(offset, household, graded("ABCD"[which % 4], when, f"h{offset % 4}", revision=offset))
            )
        elif kind == 2:
            log.append(copied_record(offset, some_action(household, which, offset)))
        else:
            log.append(household_record(offset, household, bill(9_000, when, f"b{offset}")))
    return log


def some_action(household: str, which: int, offset: int) -> Record:
    """Now an answer, now a part of the archive, now what cannot be; of the first or the second case."""
    code = ("rejected", "visited", "confirmed", "closed")[which % 4]
    alert_id = alert_id_of(household, 1 + which // 6)
    return deed(code, household, action_id=f"a{offset}", alert_id=alert_id, version_seen=1 + which % 3)


class Gate(FakeProducer):
    """Producer of one worker onto the shared log: while it is shut, the worker is stopped before its write."""

    def __init__(self, shared: FakeProducer) -> None:
        super().__init__(batches=shared.batches)
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.opened.set()

    async def send_batch(self, batch: FakeBatch, topic: str, *, partition: int) -> asyncio.Future[object]:
        self.reached.set()
        await self.opened.wait()
        return await super().send_batch(batch, topic, partition=partition)


@dataclass(eq=False)
class Worker:
    """A correlate worker's time as owner; its generation decides whether its commits count."""

    world: World
    generation: int
    offline: OfflineWorker
    gate: Gate = field(init=False)
    position: int = field(init=False)
    task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.gate = Gate(self.world.shared)
        self.offline.producer = self.gate
        self.position = self.world.committed
        self.partition = self.offline.take_over({HOUSEHOLD_EVENTS: len(self.world.log)}, self.generation)

    async def fold(self, count: int, *, stopped: bool) -> None:
        """Take the next batch; when stopped, only its fold happens now."""
        batch = self.world.log[self.position : self.position + count]
        if not batch or self.task is not None:
            return
        self.position += len(batch)
        if stopped:
            self.gate.opened.clear()
            self.gate.reached.clear()
        self.task = asyncio.ensure_future(self._work(batch))
        if stopped:
            reached = asyncio.ensure_future(self.gate.reached.wait())
            await asyncio.wait({reached, self.task}, return_when=asyncio.FIRST_COMPLETED)
            reached.cancel()
        else:
            await self.go_on()

    async def _work(self, batch: list[FakeRecord]) -> None:
        await self.offline.process(HOUSEHOLD_EVENTS, batch)
        if self.world.workers[-1] is self:
            self.world.committed = batch[-1].offset + 1

    async def go_on(self) -> None:
        """Continue where it was stopped."""
        self.gate.opened.set()
        if self.task is not None:
            await self.task
            self.task = None

    def die(self) -> None:
        if self.task is not None:
            self.task.cancel()
            self.task = None


class World:
    """The log, its committed offset, and every worker that ever owned the partition."""

    def __init__(self, log: list[FakeRecord]) -> None:
        self.log = log
        self.shared = FakeProducer()
        self.committed = 0
        self.workers: list[Worker] = []
        self.replace()

    def replace(self) -> None:
        """Somebody else takes the partition over; the last owner may be stopped, and knows nothing of it."""
        self._take_over(OfflineWorker(Correlate(lambda _: shipped()), self.shared))

    def come_back(self, number: int) -> None:
        """The process of an earlier owner takes the partition over again."""
        self._take_over(self.workers[number % len(self.workers)].offline)

    def _take_over(self, process: OfflineWorker) -> None:
        self.workers.append(Worker(self, len(self.workers) + 1, process))

    def compact(self) -> None:
        pairs = self.shared.records(HOUSEHOLDS_CHANGELOG)
        newest = {key: place for place, (key, _) in enumerate(pairs)}
        kept: list[Pair] = [pair for place, pair in enumerate(pairs) if newest[pair[0]] == place]
        self.shared.batches[HOUSEHOLDS_CHANGELOG, 0] = [kept]

    async def run(self, steps: list[tuple[str, int]]) -> None:
        for name, number in steps:
            worker = self.workers[number % len(self.workers)]
            if name == "fold":
                await self.workers[-1].fold(number, stopped=False)
            elif name == "stop":
                await self.workers[-1].fold(number, stopped=True)
            elif name == "go on":
                await worker.go_on()
            elif name == "kill":
                self.workers[-1].die()
                self.replace()
            elif name == "replace":
                self.replace()
            elif name == "come back":
                self.come_back(number)
            else:
                self.compact()

    async def finish(self) -> Worker:
        """Continue everybody who is stopped, then let a fresh worker do the rest."""
        for worker in self.workers:
            await worker.go_on()
        self.compact()
        self.replace()
        last = self.workers[-1]
        while last.position < len(self.log):
            await last.fold(3, stopped=False)
        return last


def outcome(worker: Worker) -> tuple[dict[bytes, bytes], int, int | None]:
    """Households as stored, what the ledger has counted, last tick."""
    partition = worker.partition
    ledger = worker.offline.program.books[0].ledger  # type: ignore[attr-defined]  # the program is correlate
    households = {key: row[HEADER_BYTES:] for key, row in partition.rows.items() if key[:1] == ENTITY}
    return households, ledger.offset, ledger.tick


def published(world: World) -> dict[tuple[str, int], set[bytes]]:
    versions: dict[tuple[str, int], set[bytes]] = {}
    for _, value in world.shared.records(ALERTS):
        alert = decode(value)[1]
        versions.setdefault((alert["alert_id"], alert["version"]), set()).add(value or b"")
    return versions


logs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 11)), min_size=5, max_size=24).map(input_log)
names = st.sampled_from(["fold", "fold", "stop", "stop", "go on", "go on", "kill", "replace", "come back", "compact"])
steps = st.lists(st.tuples(names, st.integers(1, 6)), max_size=14)


@seeds(600)
@given(logs, steps)
def test_stopped_killed_and_replaced_workers_lose_nothing_and_double_nothing(
    log: list[FakeRecord], run: list[tuple[str, int]]
) -> None:
    async def both() -> None:
        alone = World(log)
        expected = outcome(await alone.finish())
        world = World(log)
        await world.run(run)
        found = outcome(await world.finish())

        assert found == expected
        versions = published(world)
        assert all(len(each) == 1 for each in versions.values())
        for household in (unpack(body) for body in found[0].values()):
            if household.case is not None:
                for case in (household.case, *household.case.others):
                    assert (case.alert_id, case.version) in versions

    asyncio.run(both())


def test_a_worker_stopped_after_it_folded_further_than_its_heir_takes_nothing_with_it() -> None:
    """The heir's tombstone removes a household of the stopped worker, whose ledger would say that it was folded."""
    log = [activation_record(0, 0, shipped().hash)]
    log += [household_record(n, HOUSEHOLDS[n % 2], bill(9_000, "2023-03-01", f"b{n}")) for n in range(1, 9)]

    async def story() -> int:
        world = World(log)
        await world.workers[0].fold(3, stopped=False)
        await world.workers[0].fold(6, stopped=True)
        world.replace()
        await world.workers[1].fold(1, stopped=False)
        await world.workers[0].go_on()
        await world.workers[1].fold(1, stopped=False)
        world.workers[1].die()
        households, _, _ = outcome(await world.finish())
        return sum(len(unpack(body).facts) for body in households.values())

    assert asyncio.run(story()) == 8


def test_a_worker_stopped_and_continued_takes_nothing_from_an_owner_who_came_back() -> None:
    """Its write removes the copies it found at its takeover, and those were written by the process that came back."""
    log = [activation_record(0, 0, shipped().hash)]
    log += [household_record(n, HOUSEHOLDS[0], bill(9_000, "2023-03-01", f"b{n}")) for n in range(1, 9)]

    async def story() -> int:
        world = World(log)
        await world.workers[0].fold(3, stopped=False)
        world.replace()
        await world.workers[1].fold(1, stopped=True)
        world.come_back(0)
        await world.workers[2].fold(4, stopped=False)
        await world.workers[1].go_on()
        households, _, _ = outcome(await world.finish())
        return sum(len(unpack(body).facts) for body in households.values())

    assert asyncio.run(story()) == 8


def test_an_owner_who_only_reads_again_leaves_a_ledger_of_its_own() -> None:
    """Else the ledger of an owner before it, stopped and continued, stands: and knows less than was acknowledged."""
    log = [activation_record(0, 0, shipped().hash), tick_record(1, 0, day("2023-06-01"))]
    log += [household_record(n, HOUSEHOLDS[0], bill(9_000, "2023-03-01", f"b{n}")) for n in range(2, 6)]

    async def story() -> int | None:
        world = World(log)
        await world.workers[0].fold(3, stopped=True)
        world.replace()
        await world.workers[1].fold(1, stopped=True)
        await world.workers[0].go_on()
        world.replace()
        await world.workers[2].fold(3, stopped=False)
        await world.workers[1].go_on()
        return outcome(await world.finish())[2]

    assert asyncio.run(story()) == day("2023-06-01")
