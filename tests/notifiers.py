"""The notifier as a process of its own, to be killed and started again; it keeps its store and its failpoints."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from sqlalchemy import Engine, func, select

from consumers.notify_log import GROUP, READ
from consumers.store.alerts import ALERT
from consumers.store.database import open_store, reading
from consumers.store.deliveries import DELIVERY, PENDING
from consumers.store.tasks import MESSAGE
from deploy.counts import Series, scrape
from deploy.up.ports import free_port
from deploy.up.program import Deadline, Program, ProgramSpec
from schemas.codec import encode
from schemas.partition import partition_of
from schemas.topics import ALERTS, AREA_ALERTS, PARTITIONS
from tests.alerts import encoded
from tests.kafka_hands import publish
from tests.made_up_load import Message

READY_SECONDS = 40


class Notifier:
    """One notifier; it is not restarted by itself.

    Attributes:
        url: of its store.
        env: of its process.

    """

    def __init__(self, name: str, servers: str, folder: Path, roster: str, url: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.failpoints = folder / "failpoints"
        self.failpoints.mkdir(exist_ok=True)
        self.log = folder / f"{name}.log"
        self.url = url or f"sqlite:///{folder / 'store.db'}"
        self.port = free_port()
        roster_file = folder / "townships.toml"
        roster_file.write_text(roster, encoding="utf-8")
        self.env = {
            "KAFKA_BOOTSTRAP_SERVERS": servers,
            "ALERTBUS_DATA_DIR": str(folder),
            "ALERTBUS_PROGRAM": name,
            "ALERTBUS_METRICS_PORT": str(self.port),
            "ALERTBUS_DATABASE_URL": self.url,
            "ALERTBUS_ROSTER": str(roster_file),
            "ALERTBUS_INBOX_URL": "https://bus.example.org",
            "ALERTBUS_FAILPOINTS": str(self.failpoints),
        }
        command = (sys.executable, "-m", "consumers", "notify")
        self._program = Program(ProgramSpec(name, command, self.env, self.log, self.port, self.is_ready))

    def start(self) -> None:
        self._program.start()

    def start_ready(self) -> None:
        self.start()
        assert Deadline(READY_SECONDS).reached(self.is_ready), self.last_words()

    def is_ready(self) -> bool:
        return self.metrics().get(("alertbus_ready", ()), 0.0) == 1.0

    def metrics(self) -> Mapping[Series, float]:
        return scrape(self.port)

    def metric(self, name: str, **labels: str) -> float:
        return self.metrics().get((name, tuple(sorted(labels.items()))), 0.0)

    def order(self, point: str, signal_name: str = "SIGKILL") -> None:
        """Have it signal itself when it next reaches a point."""
        order = self.failpoints / f"{self.name}.{point}"
        draft = order.with_name(order.name + ".draft")
        draft.write_text(signal_name)
        draft.rename(order)  # whole: an order read half written would end the program by an error

    def kill(self) -> None:
        assert self._program.pid
        os.kill(self._program.pid, signal.SIGKILL)
        self.ended()

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self._program.pid
        os.kill(self._program.pid, signal.SIGTERM)
        return self.ended()

    def ended(self, seconds: float = 30) -> int:
        """Wait for its end; its exit code, negative for a signal."""
        process = self._program._process
        assert process is not None
        return process.wait(seconds)

    def end(self) -> None:
        """Take it away if it still runs, at the end of a test."""
        process = self._program._process
        if process is not None and process.poll() is None:
            self.kill()

    def last_words(self) -> str:
        return self._program.last_words()

    def store(self) -> Engine:
        return open_store(self.url)


def told(engine: Engine) -> list[tuple[str, int, str, str]]:
    """Inbox messages: alert, version, whose inbox, kind."""
    wanted = select(MESSAGE.c.alert_id, MESSAGE.c.version, MESSAGE.c.township_code, MESSAGE.c.kind)
    with reading(engine) as conn:
        return sorted((row[0], row[1], row[2], row[3]) for row in conn.execute(wanted))


def stored(engine: Engine) -> int:
    """How many alerts the store knows."""
    with reading(engine) as conn:
        return conn.execute(select(func.count()).select_from(ALERT)).scalar_one()


def unsent(engine: Engine) -> int:
    with reading(engine) as conn:
        return conn.execute(select(func.count()).select_from(DELIVERY).where(DELIVERY.c.state == PENDING)).scalar_one()


def raise_alerts(servers: str, versions: Sequence[dict[str, Any]]) -> None:
    """Publish versions as correlate does: by household, in their order."""
    publish(
        servers,
        [
            Message(ALERTS, partition_of(v["household_id"].encode()), v["household_id"].encode(), encoded(v))
            for v in versions
        ],
    )


def raise_area_alerts(servers: str, versions: Sequence[dict[str, Any]]) -> None:
    """Publish versions as assign does: by alert, in their order."""
    named = [(version["alert_id"].encode(), encode("area_alert", version)) for version in versions]
    publish(servers, [Message(AREA_ALERTS, partition_of(key), key, value) for key, value in named])


def committed(servers: str) -> int:
    """Sum of the offsets that notifiers have committed."""
    with KafkaAdminClient(bootstrap_servers=servers) as admin:
        return sum(found.offset for found in admin.list_group_offsets({GROUP: None}).get(GROUP, {}).values())


def end_of_log(servers: str) -> int:
    """Sum of the ends of the topics that notifiers read."""
    wanted = [TopicPartition(topic, number) for topic in READ for number in range(PARTITIONS)]
    with KafkaAdminClient(bootstrap_servers=servers) as admin:
        found = admin.list_partition_offsets(dict.fromkeys(wanted, OffsetSpec.LATEST))
    return sum(one.offset for one in found.values())
