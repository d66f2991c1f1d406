"""From publishing to an alert that a consumer can read, over the whole bus, while so many events a second arrive.

The publisher is open-loop: event i is due at start + i / rate whatever happens, and time counts from then, so that a
stall is seen by every event that was due in it. Every k-th event is a house of grade D of a household without alert.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.codec import decode
from schemas.topics import ALERTS, PARTITIONS
from tests.bench.made_up_events import Message, bill, register_rows, unsafe_house
from tests.bench.made_up_log import household_id
from tests.running_bus import RunningBus

_BILLED = 20_000
_GRACE_S = 30


class Load:
    """Who publishes what, and when.

    Attributes:
        alerting: every so many events one raises an alert.

    """

    def __init__(self, rate: int, seconds: int, alerting: int, first: int) -> None:
        """`first` is the number of the first fresh household."""
        self.rate = rate
        self.events = rate * seconds
        self.alerting = alerting
        self.first = first

    @property
    def fresh(self) -> range:
        """Households that raise an alert, in order."""
        return range(self.first, self.first + self.events // self.alerting)

    def message(self, number: int) -> Message:
        """Event of a number."""
        now = time.time_ns() // 1_000_000
        if number % self.alerting == self.alerting - 1:
            return unsafe_house(self.first + number // self.alerting, now)
        return bill(self.first * 1_000 + number, number % _BILLED, now)

    def due(self, household: int) -> float:
        """Seconds after the start at which the event of a fresh household is due."""
        return ((household - self.first) * self.alerting + self.alerting - 1) / self.rate


def publish(servers: str, load: Load, start: float) -> None:
    """Publish on time; `start` is of time.monotonic."""
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 1, "acks": "all"})
    for number in range(load.events):
        early = start + number / load.rate - time.monotonic()
        if early > 0:
            time.sleep(early)
        topic, partition, key, value = load.message(number)
        producer.produce(topic, value, key, partition)
        producer.poll(0)
    producer.flush()


def measure(servers: str, load: Load) -> list[float]:
    """Publish and wait for every alert; seconds from due to read, sorted.

    Raises:
        RuntimeError: alerts are missing.

    """
    consumer = Consumer(
        {"bootstrap.servers": servers, "group.id": "bench-latency", "fetch.wait.max.ms": 100, "fetch.min.bytes": 1}
    )
    ends = [TopicPartition(ALERTS, number) for number in range(PARTITIONS)]
    consumer.assign([TopicPartition(ALERTS, tp.partition, consumer.get_watermark_offsets(tp)[1]) for tp in ends])
    consumer.poll(1)
    start = time.monotonic() + 1
    child = multiprocessing.get_context("spawn").Process(target=publish, args=(servers, load, start))
    child.start()
    waiting = {household_id(number): load.due(number) for number in load.fresh}
    taken: list[float] = []
    deadline = start + load.events / load.rate + _GRACE_S
    while waiting and time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            due = waiting.pop(decode(message.value())[1]["household_id"], None)
            if due is not None:
                taken.append(time.monotonic() - start - due)
    child.join()
    consumer.close()
    if waiting:
        raise RuntimeError(f"{len(waiting)} alerts never came")
    return sorted(taken)


def prepare(servers: str, loads: list[Load]) -> None:
    """Register every household that the loads name."""
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 20, "queue.buffering.max.messages": 500_000})
    now = time.time_ns() // 1_000_000
    for numbers in (range(_BILLED), *(load.fresh for load in loads)):
        for topic, partition, key, value in register_rows(numbers, now):
            producer.produce(topic, value, key, partition)
            producer.poll(0)
    producer.flush()


def main() -> int:
    """Run each rate after a warm-up."""
    options = _options()
    warm_up = Load(1_000, options.warm_up, 20, 1_000_000)
    loads = [Load(rate, options.seconds, options.alerting, 10**6 * (2 + at)) for at, rate in enumerate(options.rates)]
    figures = []
    with tempfile.TemporaryDirectory(prefix="alertbus-latency-") as folder:
        bus = RunningBus(Path(folder) / "data")
        bus.start()
        try:
            prepare(bus.bootstrap_servers, [warm_up, *loads])
            bus.settle(120)
            measure(bus.bootstrap_servers, warm_up)
            for load in loads:
                figures.append(figures_of(load, measure(bus.bootstrap_servers, load)))
                print(figures[-1], flush=True)
        finally:
            bus.stop()
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def figures_of(load: Load, taken: list[float]) -> dict[str, float]:
    def at(share: float) -> float:
        return round(taken[min(len(taken) - 1, int(len(taken) * share))] * 1000, 1)

    return {
        "events_per_second": load.rate,
        "alerts": len(taken),
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
        "max_ms": at(1),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=int, nargs="*", default=[500, 2000])
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--warm-up", type=int, default=30, help="seconds at 1 000 events/s: the broker compiles itself")
    parser.add_argument("--alerting", type=int, default=20, help="every so many events one raises an alert")
    parser.add_argument("--json", help="write the figures to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
