"""A stream program at work without a broker: its input is a list, its changelog and alerts go to a FakeProducer."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.codec import Record, encode
from schemas.fact import Fact, pack_routed
from schemas.failpoints import Failpoints
from schemas.partition import partition_of
from schemas.topics import HOUSEHOLD_EVENTS, TOWNSHIP_ACTIONS
from streams.action_copy import copy_of
from streams.app import Out, Program
from streams.changelog import Copies
from streams.sending import Sender
from streams.state_table import Partition, StateTable
from tests.builders import routed
from tests.fake_log import FakeProducer, FakeRecord, Pair


class OfflineWorker:
    """One owner of one partition, as the shell would drive it, from takeover to its end.

    Attributes:
        producer: what it sent; its log may be shared with other workers.

    """

    def __init__(self, program: Program, producer: FakeProducer | None = None, number: int = 0) -> None:
        self.program = program
        self.producer = producer or FakeProducer()
        self.number = number
        self.table = StateTable(program.changelog, program.merge)

    def take_over(self, ends: dict[str, int], generation: int = 1) -> Partition:
        """Rebuild the partition from the changelog in the producer's log."""
        copies = Copies()
        for record in self.producer.log(self.program.changelog, self.number):
            assert record.key is not None
            copies.apply(record.key, record.value)
        partition = self.table.recovered(self.number, copies, generation)
        self.program.recovered(partition, dict.fromkeys(self.program.inputs, 0) | ends)
        return partition

    async def process(self, topic: str, records: Iterable[FakeRecord]) -> None:
        """Fold a batch; returns when every effect is confirmed."""
        out = Out(self.table, Sender(self.producer), Failpoints(None, "offline"))
        await self.program.process(topic, list(records), self.table.partitions[self.number], out)

    async def go_on(self) -> None:
        """Do a little of what no record asks for."""
        out = Out(self.table, Sender(self.producer), Failpoints(None, "offline"))
        await self.program.go_on(self.table.partitions[self.number], out)


def household_record(offset: int, household_id: str, fact: Fact) -> FakeRecord:
    """Record of household.events on its household's partition."""
    key = household_id.encode()
    message = encode("household_fact", {"fact": pack_routed(routed(fact, offset))})
    return FakeRecord(HOUSEHOLD_EVENTS, partition_of(key), offset, key, message)


def tick_record(offset: int, partition: int, day: int, **positions: int) -> FakeRecord:
    tick = {"day": day, "positions": positions, "written_at": 0}
    return FakeRecord(HOUSEHOLD_EVENTS, partition, offset, b"", encode("tick", tick))


def activation_record(offset: int, partition: int, rule_set: str) -> FakeRecord:
    activation = {"rule_set": rule_set, "activated_at": 0, "activated_by": "a test"}
    return FakeRecord(HOUSEHOLD_EVENTS, partition, offset, b"", encode("activation", activation))


def department_record(topic: str, offset: int, name: str, content: Record, key: str) -> FakeRecord:
    """Record of a department or the register, on its key's partition."""
    return FakeRecord(topic, partition_of(key.encode()), offset, key.encode(), encode(name, content))


def action_record(offset: int, action: Record) -> FakeRecord:
    """Record of township.actions on its household's partition."""
    return department_record(TOWNSHIP_ACTIONS, offset, "action", action, action["household_id"])


def copied_record(offset: int, action: Record) -> FakeRecord:
    """Record of household.events: an action as assign copies it on."""
    copy = copy_of(action_record(offset, action))
    key = action["household_id"].encode()
    return FakeRecord(HOUSEHOLD_EVENTS, partition_of(key), offset, key, copy)


def households_on(partition: int, number: int) -> list[str]:
    """Household ids that live on a partition."""
    found = (f"H{n}" for n in range(10_000) if partition_of(f"H{n}".encode()) == partition)
    return [next(found) for _ in range(number)]


def entries(pairs: Iterable[Pair]) -> list[bytes]:
    """First bytes of changelog keys: what kind of entry each is."""
    return [key[:1] for key, _ in pairs if key]
