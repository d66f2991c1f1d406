"""Who runs in the comparison, each in processes of its own, and how it is measured from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from deploy.up.ports import free_port
from schemas.topics import ALERTS
from tests.bench.progress import PROGRESS_FILE

_EVERY_S = 0.1
_STALLED_S = 120
_BATCHES = re.compile(r"^alertbus_batch_records_(sum|count) (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Contestant:
    """How one of them is started.

    Attributes:
        alerts: the topic on which it leaves its alerts.
        ours: it tells its progress in its metrics.

    """

    name: str
    module: tuple[str, ...]
    alerts: str
    ours: bool = False


OURS = Contestant("alertbus", ("streams", "correlate"), ALERTS, ours=True)
OURS_WITH_ALL = Contestant("alertbus, all rules", ("streams", "correlate"), ALERTS, ours=True)
QUIX = Contestant("Quix Streams", ("tests.bench.quix_streams",), "bench.alerts.quix")
FAUST = Contestant("Faust as documented", ("tests.bench.faust_documented", "worker"), "bench.alerts.faust")


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured between the first and the last record processed.

    Attributes:
        cpu_us: CPU time of the workers per event, microseconds.
        broker_cpu_us: the broker's.
        rss_mb: of all workers at the end.
        batch: records per batch, 0 where there are none.

    """

    name: str
    workers: int
    events: int
    seconds: float
    cpu_us: float
    broker_cpu_us: float
    rss_mb: float
    batch: float

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


@dataclass(frozen=True, slots=True)
class _Sample:
    at: float
    done: int
    batches: int
    cpu: float
    broker_cpu: float
    rss: int


class Worker:
    """One process of a contestant."""

    def __init__(self, contestant: Contestant, number: int, servers: str, folder: Path) -> None:
        """Start it; its words go to a file."""
        folder.mkdir(parents=True, exist_ok=True)
        self._port = free_port()
        self._ours = contestant.ours
        self._file = folder / f"progress-{number}"
        self.log = folder / f"log-{number}"
        settings = {
            "KAFKA_BOOTSTRAP_SERVERS": servers,
            "ALERTBUS_DATA_DIR": str(folder),
            "ALERTBUS_METRICS_PORT": str(self._port),
            "ALERTBUS_PROGRAM": f"correlate-{number}",
            "BENCH_STATE_DIR": str(folder / f"state-{number}"),
            "FAUST_DATADIR": str(folder / f"faust-{number}"),
            PROGRESS_FILE: str(self._file),
        }
        with self.log.open("ab") as log:
            command = (sys.executable, "-m", *contestant.module)
            self._child = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
        self.process = psutil.Process(self._child.pid)

    def done(self) -> tuple[int, int]:
        """Records processed and batches."""
        if self._child.poll() is not None:
            raise RuntimeError(f"ended with {self._child.returncode}: {self.log.read_text()[-3000:]}")
        if not self._ours:
            return (int(self._file.read_text()) if self._file.exists() else 0), 0
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=30) as answer:
                found = dict(_BATCHES.findall(answer.read().decode()))
        except URLError:
            return 0, 0
        return int(float(found["sum"])), int(float(found["count"]))

    def stop(self) -> None:
        """Stop it in order."""
        self._child.terminate()
        try:
            self._child.wait(60)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def run(
    contestant: Contestant, servers: str, folder: Path, events: int, broker_pid: int, *, workers: int = 1
) -> Result:
    """Let a contestant process so many records.

    Raises:
        RuntimeError: it ended by itself, or does not go on.

    """
    started = [Worker(contestant, number, servers, folder) for number in range(1, workers + 1)]
    broker = psutil.Process(broker_pid)
    try:
        samples = _watch(lambda: _sample(started, broker), events)
    finally:
        for worker in started:
            worker.stop()
    return _result(contestant.name, workers, samples)


def _sample(workers: list[Worker], broker: psutil.Process) -> _Sample:
    counts = [worker.done() for worker in workers]
    at = time.monotonic()
    cpu = sum(sum(worker.process.cpu_times()[:2]) for worker in workers)
    rss = sum(worker.process.memory_info().rss for worker in workers)
    done, batches = (sum(column) for column in zip(*counts, strict=True))
    return _Sample(at, done, batches, cpu, sum(broker.cpu_times()[:2]), rss)


def _watch(look: Callable[[], _Sample], events: int) -> list[_Sample]:
    """Samples from the first progress to the last record."""
    samples: list[_Sample] = []
    moved = time.monotonic()
    done = 0
    while done < events:
        time.sleep(_EVERY_S)
        sample = look()
        if sample.done > done:
            done, moved = sample.done, sample.at
        if sample.at - moved > _STALLED_S:
            raise RuntimeError(f"no progress since {done} of {events}")
        if done:
            samples.append(sample)
    return samples


def _result(name: str, workers: int, samples: list[_Sample]) -> Result:
    first, last = samples[0], samples[-1]
    events = last.done - first.done
    return Result(
        name,
        workers,
        events,
        last.at - first.at,
        (last.cpu - first.cpu) / events * 1e6,
        (last.broker_cpu - first.broker_cpu) / events * 1e6,
        last.rss / 1e6,
        last.done / last.batches if last.batches else 0.0,
    )
