"""A real Kafka node for tests: it can be stopped, killed and started again, and keeps ports and data."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from deploy.topics import ensure_topics
from deploy.up.broker import START_SECONDS, Broker, broker_program, prepare_broker
from deploy.up.program import Deadline, Program
from schemas.topics import TOPICS, Topic


class LiveBroker:
    """A real Kafka node that a test may use, stop and start again; it keeps ports and data.

    Attributes:
        bootstrap_servers: where clients reach it.

    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._numbers = count(1)
        self.broker: Broker = prepare_broker(data_dir, heap="768m")
        self.bootstrap_servers = self.broker.bootstrap_servers
        self.program: Program = broker_program(self.broker, data_dir / "logs" / "broker.log")

    @property
    def pid(self) -> int:
        assert self.program.pid
        return self.program.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.program.start()
        Deadline(START_SECONDS).reached(lambda: self.program.step() != "starting")
        assert self.program.state == "ready", self.program.last_words()

    def stop(self) -> None:
        """Stop it in order."""
        self.program.stop()

    def kill(self) -> None:
        """Take it away without a word, as kill -9 does."""
        self.program.ask_to_end = lambda: None  # type: ignore[method-assign]  # no SIGTERM before the SIGKILL
        self.program.wait_for_end(0)

    def name(self, prefix: str) -> str:
        """Return a name that no other test uses, for a topic or a group."""
        return f"{prefix}-{next(self._numbers)}"

    def topic(self, prefix: str, *, partitions: int = 1, compacted: bool = False) -> str:
        """Create a topic of its own for a test."""
        topic = Topic(self.name(prefix), "of a test", "compact" if compacted else "delete", partitions=partitions)
        ensure_topics(self.bootstrap_servers, topics=[topic])
        return topic.name

    def declared(self) -> str:
        """Declare the topics of the contract as well; return the bootstrap servers."""
        ensure_topics(self.bootstrap_servers, topics=TOPICS)
        return self.bootstrap_servers
