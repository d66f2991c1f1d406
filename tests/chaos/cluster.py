"""A real broker and workers of both programs, and a watch over what the groups have committed."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kafka.errors import KafkaError

from deploy.up.program import Deadline
from streams.lag import INPUTS, read_positions
from tests.live_broker import LiveBroker
from tests.workers import Worker

RECENT_SECONDS = 2.0
_LOOK_SECONDS = 0.3
_KEPT_LOOKS = 200


@dataclass(frozen=True, slots=True)
class Look:
    """What the cluster said at a moment: committed and end offsets of each group's input partitions."""

    at: float
    committed: dict[tuple[str, str, int], int]
    ends: dict[tuple[str, int], int]


class Watch(threading.Thread):
    """Looks at the groups' offsets several times a second; while the broker is away it sees nothing."""

    def __init__(self, servers: str) -> None:
        super().__init__(name="watch", daemon=True)
        self._servers = servers
        self._over = threading.Event()
        self.looks: deque[Look] = deque(maxlen=_KEPT_LOOKS)

    def run(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            with suppress(KafkaError):
                found = read_positions(self._servers)
                committed = {(g, t, p): o for g, offsets in found.committed.items() for (t, p), o in offsets.items()}
                self.looks.append(Look(time.monotonic(), committed, dict(found.end)))

    def close(self) -> None:
        self._over.set()
        self.join(30)

    def progress(self, group: str, partitions: Iterable[tuple[str, int]]) -> tuple[int, int, int]:
        """Of a group's partitions: how far commits moved in the last 2 s, where they stand, and the lag."""
        wanted = list(partitions)
        now = time.monotonic()
        looks = [look for look in list(self.looks) if now - look.at <= RECENT_SECONDS + _LOOK_SECONDS]
        if len(looks) < 2:
            return 0, 0, 0

        def stands(look: Look) -> int:
            return sum(look.committed.get((group, topic, number), 0) for topic, number in wanted)

        newest = looks[-1]
        ends = sum(newest.ends.get(place, 0) for place in wanted)
        return stands(newest) - stands(looks[0]), stands(newest), ends - stands(newest)


class Cluster:
    """A broker in a folder, and so many workers of each program on it.

    Attributes:
        restarts: lives after each worker's first.

    """

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder = folder
        self.broker = LiveBroker(folder / "broker")
        self.broker.start()
        self.servers = self.broker.declared()
        self.workers = self._new_workers("life", workers)
        self.watch = Watch(self.servers)

    def _new_workers(self, life: str, number: int) -> list[Worker]:
        names = [f"{group}-{n}" for group in INPUTS for n in range(1, number + 1)]
        return [Worker(name, self.servers, self._folder / life) for name in names]

    def start(self) -> None:
        """Start the workers and wait until all have partitions."""
        for worker in self.workers:
            worker.start()
        self.wait_ready()
        self.watch.start()

    def wait_ready(self, seconds: float = 90) -> None:
        """Wait until all have partitions; a worker whose watchdog ended it meanwhile is started again."""

        def ready() -> bool:
            self.revive()
            return all(worker.is_ready() for worker in self.workers)

        done = Deadline(seconds).reached(ready, every_s=0.3)
        assert done, [(worker.name, worker.last_words()[-500:]) for worker in self.workers if not worker.is_ready()]

    def fresh_workers(self) -> None:
        """Start others, who know nothing but the changelog, in the place of workers that were stopped."""
        self.workers = self._new_workers("afterwards", len(self.workers) // len(INPUTS))
        for worker in self.workers:
            worker.start()
        self.wait_ready()

    def kill_broker(self, away_seconds: float) -> None:
        """kill -9 of the broker; it comes back with its data after a while."""
        self.broker.kill()
        Deadline(away_seconds).reached(lambda: False)
        self.broker = LiveBroker(self._folder / "broker")
        self.broker.start()

    def revive(self) -> None:
        """Start workers that ended, as the supervisor does; any end but a kill must be one that a restart mends."""
        for worker in self.workers:
            if not worker.is_running():
                assert worker.ended() in {-9, 70}, worker.last_words()
                worker.start()

    def close(self) -> None:
        """Take everything away."""
        if self.watch.is_alive():
            self.watch.close()
        for worker in self.workers:
            if worker.is_running():
                worker.kill()
        self.broker.stop()
