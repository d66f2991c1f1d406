"""Stream programs as processes of their own, to be killed, stopped and continued."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.counts import Series, scrape
from deploy.up.ports import free_port
from deploy.up.program import Deadline, Program, ProgramSpec

READY_SECONDS = 60
SESSION_SECONDS = 6
"""Until a silent worker loses its partitions; the least that the broker allows."""

_TAG = re.compile(r"is written under the tag ([0-9a-f]{16})")


class Worker:
    """One worker of a stream program; it is not restarted by itself.

    Attributes:
        failpoints: folder of its orders.
        port: of its metrics.

    """

    def __init__(self, name: str, bootstrap_servers: str, folder: Path) -> None:
        self.name = name
        self.group = name.partition("-")[0]
        self.failpoints = folder / "failpoints"
        self.failpoints.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{name}.log"
        self.port = free_port()
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
            "ALERTBUS_DATA_DIR": str(folder),
            "ALERTBUS_PROGRAM": name,
            "ALERTBUS_METRICS_PORT": str(self.port),
            "ALERTBUS_SESSION_TIMEOUT": str(SESSION_SECONDS),
            "ALERTBUS_FAILPOINTS": str(self.failpoints),
        }
        command = (sys.executable, "-m", "streams", self.group)
        self._program = Program(ProgramSpec(name, command, env, self.log, self.port, self.is_ready))

    @property
    def pid(self) -> int:
        assert self._program.pid
        return self._program.pid

    def start(self) -> None:
        """Start a life."""
        self._program.start()

    def start_ready(self) -> None:
        """Start a life and wait until it has its partitions."""
        self.start()
        assert Deadline(READY_SECONDS).reached(self.is_ready), self.last_words()

    def is_ready(self) -> bool:
        return self.metrics().get(("alertbus_ready", ()), 0.0) == 1.0

    def metrics(self) -> Mapping[Series, float]:
        return scrape(self.port)

    def reads(self) -> dict[tuple[str, int], float]:
        """Input partitions it reads, and their lag as it knows it."""
        found = {}
        for (name, labels), value in self.metrics().items():
            if name == "alertbus_lag_records":
                of = dict(labels)
                found[of["topic"], int(of["partition"])] = value
        return found

    def order(self, point: str, signal_name: str) -> Path:
        """Have it signal itself when it next reaches a point; returns the file that appears then."""
        order = self.failpoints / f"{self.name}.{point}"
        reached = order.with_name(order.name + ".reached")
        reached.unlink(missing_ok=True)
        draft = order.with_name(order.name + ".draft")
        draft.write_text(signal_name)
        draft.rename(order)  # whole: an order read half written would end the worker by an error
        return reached

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.signal(signal.SIGKILL)
        self.ended()

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.signal(signal.SIGTERM)
        return self.ended()

    def ended(self, seconds: float = 60) -> int:
        """Wait for its end; its exit code, negative for a signal."""
        process = self._program._process
        assert process is not None
        return process.wait(seconds)

    def is_running(self) -> bool:
        process = self._program._process
        return process is not None and process.poll() is None

    def is_stopped(self) -> bool:
        """Whether SIGSTOP holds it."""
        return Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "T"

    def tags(self) -> frozenset[bytes]:
        """Tags of its changelog rows so far."""
        return frozenset(bytes.fromhex(tag) for tag in _TAG.findall(self.log.read_text(encoding="utf-8")))

    def last_words(self) -> str:
        return self._program.last_words()


def end_all(*workers: Worker) -> None:
    """Take what still runs away, at the end of a test."""
    for worker in workers:
        if worker.is_running():
            worker.kill()
