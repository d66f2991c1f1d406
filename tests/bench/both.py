"""Both processors together: departments' events in, alerts out, one process each (`make bench` beside correlate).

The register is processed first. Then both are stopped, the events are put on their topics, and both are started again:
time counts from the first event that assign has done to the last record that correlate has done.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.topics import HOUSEHOLD_EVENTS, PARTITIONS
from streams.activation import publish_shipped_rules
from tests.bench.contestants import OURS, Contestant, Worker
from tests.bench.made_up_events import Message, bill, register_rows, unsafe_house
from tests.bench.waiting import wait_until
from tests.live_broker import LiveBroker

ASSIGN = Contestant("assign", ("streams", "assign"), HOUSEHOLD_EVENTS, ours=True)
_PATIENCE_S = 900
_NOW = 1_780_000_000_000


def events(count: int, households: int) -> Iterator[Message]:
    """Bills, and now and then an unsafe house."""
    r = random.Random(1)
    for number in range(count):
        household = r.randrange(households)
        yield unsafe_house(household, _NOW) if number % 100 == 0 else bill(number, household, _NOW)


def fill(servers: str, messages: Iterator[Message]) -> int:
    """Write messages; how many."""
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 50, "queue.buffering.max.messages": 500_000})
    count = 0
    for topic, partition, key, value in messages:
        while True:
            try:
                producer.produce(topic, value, key, partition)
                break
            except BufferError:
                producer.poll(0.1)
        count += 1
    producer.flush()
    return count


class Both:
    """A worker of each, from their start to the end of everything."""

    def __init__(self, servers: str, folder: Path) -> None:
        """Start them."""
        self._servers = servers
        self.workers = [Worker(contestant, 1, servers, folder / contestant.name) for contestant in (ASSIGN, OURS)]

    def run(self, inputs: int, routed_before: int) -> tuple[float, float]:
        """Wait until all is done; seconds since the first record, and CPU seconds of both."""
        assign, correlate = self.workers
        wait_until(lambda: assign.done()[0] > 0, _PATIENCE_S)
        started, cpu = time.monotonic(), self._cpu()
        wait_until(lambda: assign.done()[0] >= inputs, _PATIENCE_S)
        routed = end_of(self._servers, HOUSEHOLD_EVENTS) - routed_before
        wait_until(lambda: correlate.done()[0] >= routed, _PATIENCE_S)
        return time.monotonic() - started, self._cpu() - cpu

    def stop(self) -> None:
        """Stop them; what they did is committed."""
        for worker in self.workers:
            worker.stop()

    def _cpu(self) -> float:
        return sum(sum(psutil.Process(worker.process.pid).cpu_times()[:2]) for worker in self.workers)


def end_of(servers: str, topic: str) -> int:
    """Records on a topic so far."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "bench-reader"})
    ends = [consumer.get_watermark_offsets(TopicPartition(topic, number))[1] for number in range(PARTITIONS)]
    consumer.close()
    return sum(ends)


def _both(servers: str, folder: Path, inputs: int, routed_before: int) -> tuple[float, float]:
    both = Both(servers, folder)
    try:
        return both.run(inputs, routed_before)
    finally:
        both.stop()


def main() -> int:
    """Register, fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--households", type=int, default=30_000)
    parser.add_argument("--json", help="write the figures to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="alertbus-both-") as name:
        broker = LiveBroker(Path(name))
        broker.start()
        try:
            servers, folder = broker.declared(), Path(name)
            publish_shipped_rules(servers)
            _both(servers, folder, fill(servers, register_rows(range(options.households), _NOW)), 0)
            before = end_of(servers, HOUSEHOLD_EVENTS)
            count = fill(servers, events(options.events, options.households))
            seconds, cpu = _both(servers, folder, count, before)
        finally:
            broker.stop()
    figures = {
        "events": count,
        "events_per_second": round(count / seconds),
        "cpu_us_per_event": round(cpu / count * 1e6, 1),
    }
    print(figures)
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
