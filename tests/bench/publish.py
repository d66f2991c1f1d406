"""How fast a CSV goes to the bus, and what its parts cost: reading, making events, sending by either client.

    python -m tests.bench.publish [--rows 1000000] [--parts-rows 200000]

Prints one line for each part (rows a second, alone on this machine with the broker beside), then `alertbus publish` of
the whole file as people run it: rows a second, peak memory, and its share of the measured sum of its parts.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Producer as ConfluentProducer

from producers.message import Message
from producers.publish import Run, event_messages
from producers.send import A_FILE, BATCH_BYTES, OUTSTANDING, connect
from schemas.event_columns import event_columns
from schemas.faults import RowProblem
from schemas.identity import check_digit
from schemas.readers.apart import open_outside
from tests.live_broker import LiveBroker
from tests.rows import KEY, LATELY

DEPARTMENT = "education"
HEADINGS = ("event_id", "kind", "id_number", "occurred_at", "stage", "due", "overdue", "overdue_days")
MOST_MB = 500
FLOOR = 20_000
SHARE = 0.8


def numbered(order: int) -> str:
    """Valid identity number, other for each order below ten million."""
    born = f"{1950 + order // 1000 % 60}{1 + order // 60_000 % 12:02d}{1 + order // 720_000 % 28:02d}"
    digits = f"231222{born}{order % 1000:03d}"
    return digits + check_digit(digits)


def write_file(path: Path, rows: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADINGS)
        for n in range(rows):
            writer.writerow((f"XF-{n}", "fee", numbered(n), LATELY, "junior", "1200", "600.50", "30"))
    return path


class Cost(NamedTuple):
    """Seconds for a row, by the clock and of this process's CPU: others on the machine slow only the first."""

    clock: float
    cpu: float

    def say(self, name: str) -> None:
        print(f"{name:<28}{1 / self.clock:>10,.0f} rows/s{1 / self.cpu:>12,.0f} rows a CPU second", flush=True)


def timed(name: str, rows: int, work: Callable[[], object]) -> Cost:
    """Run and print."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    cost = Cost((time.perf_counter() - began) / rows, (time.process_time() - cpu) / rows)
    cost.say(name)
    return cost


def read(path: Path) -> Iterator[tuple[int, object]]:
    return open_outside(path, event_columns(DEPARTMENT)).rows()


def messages(path: Path, rows: int) -> list[Message]:
    to_messages = event_messages(Run(DEPARTMENT, time.time_ns() // 1_000_000, "0" * 64), KEY)
    found: list[Message] = []
    for number, row in islice(read(path), rows):
        made = to_messages(row, number)  # type: ignore[arg-type]  # the bench's rows have no faults
        assert not isinstance(made, RowProblem), made
        found += made
    return found


def send_by_kafka_python(servers: str, sent: Iterable[Message]) -> None:
    with connect(servers) as sender:
        for message in sent:
            sender.send(message)
        sender.confirm_all()


def send_by_confluent(servers: str, sent: Iterable[Message]) -> None:
    """The same promise: acks of all, idempotent, each confirmation looked at, a bounded number under way."""
    failed: list[object] = []
    settings = {
        "bootstrap.servers": servers,
        "enable.idempotence": True,
        "linger.ms": A_FILE.linger_ms,
        "batch.size": BATCH_BYTES,
    }
    producer = ConfluentProducer({**settings, "queue.buffering.max.messages": OUTSTANDING})

    def confirmed(error: object, _: object) -> None:
        if error is not None:
            failed.append(error)

    for message in sent:
        while True:
            try:
                producer.produce(message.topic, message.value, message.key, message.partition, on_delivery=confirmed)
                break
            except BufferError:
                producer.poll(0.05)
    producer.flush()
    assert not failed, failed[0]


def parts(path: Path, servers: str, rows: int) -> Cost:
    """What all that a publish does costs, one after the other, with the client in use."""
    small = write_file(path, rows)
    made: list[Message] = []
    timed("read, every line twice", rows, lambda: deque(read(small), maxlen=0))
    both = timed("read and make events", rows, lambda: made.extend(messages(small, rows)))
    sending = timed("send by kafka-python", rows, lambda: send_by_kafka_python(servers, made))
    timed("send by confluent-kafka", rows, lambda: send_by_confluent(servers, made))
    return Cost(both.clock + sending.clock, both.cpu + sending.cpu)


def whole(path: Path, rows: int, servers: str, folder: Path) -> Cost:
    """Publish the file as people do."""
    (folder / "county.key").write_bytes(KEY)
    env = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": servers, "ALERTBUS_DATA_DIR": str(folder)}
    command = (sys.executable, "-m", "deploy.cli", "publish", DEPARTMENT, str(path))
    began = time.perf_counter()
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    cost = Cost((time.perf_counter() - began) / rows, (usage.ru_utime + usage.ru_stime) / rows)
    cost.say("alertbus publish")
    print(f"at most {usage.ru_maxrss / 1024:,.0f} MB (asked for: under {MOST_MB})")
    return cost


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--parts-rows", type=int, default=200_000)
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = LiveBroker(folder / "broker")
        broker.start()
        try:
            summed = parts(folder / "parts.csv", broker.declared(), told.parts_rows)
            took = whole(write_file(folder / "all.csv", told.rows), told.rows, broker.bootstrap_servers, folder)
            by_clock, by_cpu = summed.clock / took.clock, summed.cpu / took.cpu
            print(f"floor {FLOOR:,} rows/s, or {SHARE:.0%} of the sum of the parts:", end=" ")
            print(f"{by_clock:.0%} by the clock, {by_cpu:.0%} by CPU")
        finally:
            broker.stop()


if __name__ == "__main__":
    main()
