"""notify: takes each version of an alert or area alert into the store, and tells those who must know. The shell.

Store first: alert, inbox messages and deliveries in one transaction; then what goes out; then Kafka's commit.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from kafka import TopicPartition
from sqlalchemy import Connection, Engine

from consumers.channels import INBOX
from consumers.delivery import SENT
from consumers.failpoints import AFTER_STORE, BEFORE_COMMIT, BEFORE_STORE
from consumers.metrics import (
    NOTIFICATIONS,
    PUSHED,
    READY,
    STAGE_SECONDS,
    UNREADABLE,
    UNROUTABLE,
    serve,
    show_all_outcomes,
)
from consumers.notify_area import take_area
from consumers.notify_changes import LEVELS
from consumers.notify_commits import Commits
from consumers.notify_intake import Arrival, Key, Taken, take
from consumers.notify_log import READ, AlertLog
from consumers.notify_sender import Sender
from consumers.roster import NOBODY, Roster, RosterError, read_roster
from consumers.settings import Settings
from consumers.store.database import StoreError, open_store, reading, writing
from consumers.store.positions import advance, positions
from consumers.wording import Page
from schemas.codec import SchemaError, decode_many
from schemas.failpoints import Failpoints
from schemas.failstop import NeedsAPersonError
from schemas.topics import ALERTS, AREA_ALERTS

_SCHEMAS = {ALERTS: "alert", AREA_ALERTS: "area_alert"}
_LEVELS = frozenset((*LEVELS, ""))  # a case without a cause so far has none
_PAUSE_SECONDS = 0.5

log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Notify until SIGTERM.

    Raises:
        NeedsAPersonError: the roster is wrong, or store and log do not belong together.

    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    for chatty in ("httpx", "kafka", "alembic"):  # httpx would log addresses, which may hold passwords
        logging.getLogger(chatty).setLevel(logging.WARNING)
    page = Page(roster_of(settings.roster), settings.inbox_url.rstrip("/"))
    serve(settings.metrics_port, settings.program)
    show_all_outcomes(page.roster.routes)
    engine = open_store(settings.database_url)
    notifier = Notifier(settings.bootstrap_servers, engine, page, Failpoints(settings.failpoints, settings.program))
    while not ended.is_set():
        notifier.step()
    notifier.close()


def roster_of(path: Path | None) -> Roster:
    """Read the roster of a file; without one the county's inbox hears of everything.

    Raises:
        NeedsAPersonError: it cannot be read, or says something that cannot be meant.

    """
    if path is None:
        log.warning("no roster (ALERTBUS_ROSTER): the county's inbox hears of every alert")
        return NOBODY
    try:
        return read_roster(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RosterError) as error:
        raise NeedsAPersonError(f"the roster {path} cannot be used: {error}") from error


class Notifier:
    """One pass after the other over what `alerts` brings."""

    def __init__(self, bootstrap_servers: str, engine: Engine, page: Page, failpoints: Failpoints) -> None:
        """Connect, and begin where the store is.

        Raises:
            NeedsAPersonError: store and log do not belong together.

        """
        self._engine, self._page, self._failpoints = engine, page, failpoints
        self._log = AlertLog(bootstrap_servers)
        with reading(engine) as conn:
            applied = {TopicPartition(topic, at): to for topic in READ for at, to in positions(conn, topic).items()}
        self._log.start_at(applied)
        self._is_well = True
        self._commits: Commits[TopicPartition] = Commits()
        self._due = {at: offset for at, offset in applied.items() if offset > self._log.told_before(at)}
        self._tried: SimpleQueue[Sequence[Key]] = SimpleQueue()
        self._sender = Sender(engine, page, failpoints, self._tried.put)
        self._sender.start()

    def step(self) -> None:
        """Read what is there, take it in, commit what is done."""
        found = self._log.poll()
        if found:
            self._is_well = self._take(found)
        READY.set(self._is_well)
        self._commit()

    def close(self) -> None:
        """Finish what is under way."""
        self._sender.close()
        self._commit()
        self._log.close()

    def _take(self, found: Mapping[TopicPartition, Sequence[Any]]) -> bool:
        """Take records in; False where the store could not: they are read again."""
        arrivals = {partition: self._arrivals(partition, records) for partition, records in found.items()}
        now = _now()
        try:
            with writing(self._engine) as conn:
                taken = self._take_all(conn, arrivals, now)
                for partition, records in found.items():
                    advance(conn, partition.topic, partition.partition, records[-1].offset + 1)
                self._failpoints.reach(BEFORE_STORE)
        except StoreError as error:  # nothing stands
            log.warning("store: %s", error)
            for partition, records in found.items():
                self._log.go_back(partition, records[0].offset)
            time.sleep(_PAUSE_SECONDS)
            return False
        self._failpoints.reach(AFTER_STORE)
        self._sender.wake()
        for partition, records in found.items():
            self._commits.stored(partition, records[-1].offset + 1, taken.planned, now)
        _show(taken)
        return True

    def _take_all(self, conn: Connection, arrivals: Mapping[TopicPartition, Sequence[Arrival]], now: int) -> Taken:
        by_topic = {topic: [a for at, found in arrivals.items() if at.topic == topic for a in found] for topic in READ}
        taken = take(conn, by_topic[ALERTS], self._page, now)
        take_area(conn, by_topic[AREA_ALERTS], self._page, now, taken)
        return taken

    def _arrivals(self, partition: TopicPartition, records: Sequence[Any]) -> list[Arrival]:
        """Decode; what cannot be read goes to dead letters."""
        arrivals, letters = [], []
        for record, item in zip(records, decode_many([record.value for record in records]), strict=True):
            if isinstance(item, SchemaError):
                letters.append((record, item.reason))
            elif item[0] != _SCHEMAS[partition.topic]:
                letters.append((record, "wrong_schema"))
            elif item[1]["level"] not in _LEVELS:
                letters.append((record, "unreadable"))
            else:
                is_new = record.offset >= self._log.told_before(partition)
                arrivals.append(Arrival(item[1], is_new, record.timestamp))
        if letters:
            self._log.bury(letters)
            UNREADABLE.inc(len(letters))
        return arrivals

    def _commit(self) -> None:
        try:
            while True:
                self._commits.tried(self._tried.get_nowait())
        except Empty:
            self._due |= self._commits.due(_now())
        if self._due:
            self._failpoints.reach(BEFORE_COMMIT)
            if self._log.commit(self._due):
                self._due = {}


def _show(taken: Taken) -> None:
    UNROUTABLE.inc(taken.unroutable)
    for place, number in taken.pushed.items():
        PUSHED.labels(place).inc(number)
    for kind, number in taken.put.items():
        NOTIFICATIONS.labels(INBOX, kind, SENT).inc(number)
    for each in taken.reached:
        STAGE_SECONDS.labels(each.stage).observe(each.seconds(_now()))


def _now() -> int:
    return time.time_ns() // 1_000_000
