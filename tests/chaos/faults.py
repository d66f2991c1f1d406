"""Faults, each only while its worker is at work, each with what it met."""

from __future__ import annotations

import random
import signal
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition

from deploy.up.program import Deadline
from schemas.topics import AREAS_CHANGELOG, HOUSEHOLDS_CHANGELOG, PARTITIONS, SUBJECTS_CHANGELOG
from streams.changelog import TAG_BYTES
from streams.failpoints import BEFORE_CHANGELOG
from tests.chaos.cluster import Cluster
from tests.workers import SESSION_SECONDS, Worker

CHANGELOGS = {"assign": SUBJECTS_CHANGELOG, "correlate": HOUSEHOLDS_CHANGELOG, "area": AREAS_CHANGELOG}
_AT_WORK_SECONDS = 60.0
_TAKEOVER_SECONDS = 60.0
_LANDING_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that counts.

    Attributes:
        moved: how far the worker's commits had moved in the 2 s before.
        landed: of a stop: partition and offsets of the new owner's row and the stale one after it.

    """

    what: str
    worker: str
    pid: int
    offset: int
    moved: int
    lag: int
    landed: tuple[int, int, int] | None = None

    def __str__(self) -> str:
        line = (
            f"{self.what:<13} {self.worker:<12} pid {self.pid:<8} committed {self.offset:<8} "
            f"(+{self.moved} in 2 s) lag {self.lag}"
        )
        if self.landed is None:
            return line
        partition, owners, stale = self.landed
        return f"{line}; stale write landed: partition {partition}, new owner's row {owners}, stale row {stale}"


def _at_work(cluster: Cluster, group: str, partitions: list[tuple[str, int]]) -> tuple[int, int, int] | None:
    moved, offset, lag = cluster.watch.progress(group, partitions)
    return (moved, offset, lag) if moved > 0 and lag > 0 else None


def _catch_at_work(cluster: Cluster, worker: Worker) -> tuple[int, int, int]:
    """Wait until the worker's own partitions have moved and have lag; what they show then."""
    found: list[tuple[int, int, int]] = []

    def caught() -> bool:
        met = _at_work(cluster, worker.group, list(worker.reads()))
        if met is not None:
            found.append(met)
        return bool(found)

    assert Deadline(_AT_WORK_SECONDS).reached(caught, every_s=0.02), f"{worker.name} has nothing to do"
    return found[0]


def kill_worker(cluster: Cluster, group: str, rnd: random.Random) -> Fault:
    """kill -9 of a worker at work, at a random moment."""
    worker = rnd.choice([w for w in cluster.workers if w.group == group])
    moved, offset, lag = _catch_at_work(cluster, worker)
    pid = worker.pid
    worker.kill()
    worker.start()
    return Fault("kill -9", worker.name, pid, offset, moved, lag)


def kill_broker(cluster: Cluster, rnd: random.Random, away_seconds: float) -> Fault:
    """kill -9 of the broker while a worker is at work; it is away for so long."""
    worker = rnd.choice(cluster.workers)
    moved, offset, lag = _catch_at_work(cluster, worker)
    pid = cluster.broker.pid
    cluster.kill_broker(away_seconds)
    return Fault("broker killed", worker.name, pid, offset, moved, lag)


def stop_worker(cluster: Cluster, group: str, rnd: random.Random) -> Fault:
    """Stop a worker between folding and writing until another has taken over and written, then let it go on."""
    worker = rnd.choice([w for w in cluster.workers if w.group == group])
    pid = worker.pid
    moved, offset, lag = _catch_at_work(cluster, worker)
    numbers = {number for _, number in worker.reads()}
    reached = worker.order(BEFORE_CHANGELOG, "SIGSTOP")
    stopped = Deadline(_AT_WORK_SECONDS).reached(lambda: reached.exists() and worker.is_stopped(), every_s=0.02)
    assert stopped, f"{worker.name} did not stop: {worker.last_words()}"
    tags = worker.tags()
    moved, offset, lag = cluster.watch.progress(group, [p for p in worker_inputs(cluster, group) if p[1] in numbers])
    changelog = CHANGELOGS[group]
    before = _ends(cluster.servers, changelog)
    Deadline(SESSION_SECONDS + 2).reached(lambda: False)
    _wait_for_heir(cluster.servers, changelog, before, numbers, tags)
    worker.signal(signal.SIGCONT)
    landed = _wait_for_landing(cluster.servers, changelog, before, tags)
    return Fault("stop", worker.name, pid, offset, moved, lag, landed)


def worker_inputs(cluster: Cluster, group: str) -> list[tuple[str, int]]:
    """Input partitions of a group that have records."""
    looks = list(cluster.watch.looks)
    return sorted({(topic, number) for g, topic, number in looks[-1].committed if g == group}) if looks else []


def _consumer(servers: str) -> KafkaConsumer:
    return KafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False, max_poll_records=20_000)


def _ends(servers: str, topic: str) -> dict[int, int]:
    consumer = _consumer(servers)
    try:
        wanted = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        return {tp.partition: end for tp, end in consumer.end_offsets(wanted).items()}
    finally:
        consumer.close()


def writers_since(servers: str, topic: str, starts: dict[int, int]) -> dict[int, list[tuple[int, bytes]]]:
    """Rows written since these offsets, tombstones left out: partition -> offset and writer's tag."""
    ends = _ends(servers, topic)
    consumer = _consumer(servers)
    found: dict[int, list[tuple[int, bytes]]] = {number: [] for number in starts}
    try:
        remaining = {TopicPartition(topic, n) for n, start in starts.items() if ends[n] > start}
        consumer.assign(list(remaining))
        for tp in remaining:
            consumer.seek(tp, starts[tp.partition])
        while remaining:
            for tp, records in consumer.poll(500).items():
                rows = [(r.offset, r.key[-TAG_BYTES:]) for r in records if r.value is not None]
                found[tp.partition] += rows
            remaining = {tp for tp in remaining if consumer.position(tp) < ends[tp.partition]}
    finally:
        consumer.close()
    return found


def _wait_for_heir(servers: str, topic: str, before: dict[int, int], numbers: set[int], tags: frozenset[bytes]) -> None:
    """Wait until others have written to the stopped worker's partitions, as far as there was anything to write."""
    enough = max(1, len(numbers) * 2 // 3)

    def taken_over() -> bool:
        rows = writers_since(servers, topic, before)
        return sum(any(writer not in tags for _, writer in rows[number]) for number in numbers) >= enough

    assert Deadline(_TAKEOVER_SECONDS).reached(taken_over, every_s=0.5), "nobody took the partitions over"


def _wait_for_landing(servers: str, topic: str, before: dict[int, int], tags: frozenset[bytes]) -> tuple[int, int, int]:
    """Find a row of the continued worker behind a row of its heir."""
    found: list[tuple[int, int, int]] = []

    def landed() -> bool:
        for number, rows in writers_since(servers, topic, before).items():
            heirs = [offset for offset, writer in rows if writer not in tags]
            stale = [offset for offset, writer in rows if writer in tags and heirs and offset > heirs[0]]
            if stale:
                found.append((number, max(h for h in heirs if h < stale[0]), stale[0]))
        return bool(found)

    assert Deadline(_LANDING_SECONDS).reached(landed, every_s=0.5), "the stale write did not land"
    return found[0]
