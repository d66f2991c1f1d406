"""Sends what the store says is due, beside the loop that reads Kafka: a slow receiver holds up neither.

What is to be sent, when, and what came of it stands in the store alone, so a restart goes on where it was.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread

from sqlalchemy import Connection, Engine

from consumers.delivery import SENT
from consumers.metrics import NOTIFICATIONS, STAGE_SECONDS
from consumers.notify_gauges import show_stored
from consumers.notify_intake import Key, key_of
from consumers.notify_lanes import LEASE_MS, Lanes, Outgoing
from consumers.notify_outgoing import Tried, Untried, message_for, note, put_back
from consumers.stages import NOTIFIED
from consumers.store.alert_stages import first_told
from consumers.store.database import StoreError, reading, writing
from consumers.store.deliveries import claim, next_due
from consumers.wording import Page
from schemas.failpoints import Failpoints
from schemas.failstop import stop

LOOK_SECONDS = 0.25
_MOST_AT_ONCE = 100
_COUNT_SECONDS = 2.0

log = logging.getLogger(__name__)


class Sender(Thread):
    """The thread that claims deliveries, hands them to their lanes, and notes what became of them."""

    def __init__(
        self, engine: Engine, page: Page, failpoints: Failpoints, tried: Callable[[Sequence[Key]], None]
    ) -> None:
        """`tried` is told, from this thread, what was tried and noted."""
        super().__init__(name="sender", daemon=True)
        self._engine, self._page, self._tried = engine, page, tried
        self._reports: SimpleQueue[Tried | Untried | None] = SimpleQueue()
        self._unnoted: list[Tried | Untried] = []
        self._lanes = Lanes(sum(map(len, page.roster.routes.values())), failpoints, self._reports.put)
        self._ended = Event()
        self._counted_at = 0.0

    def wake(self) -> None:
        """Look now: the store may have new deliveries."""
        self._reports.put(None)

    def close(self) -> None:
        """Finish what is under way and end."""
        self._ended.set()
        self._reports.put(None)
        self.join()

    def run(self) -> None:
        """Send until closed."""
        try:
            while not self._ended.is_set():
                self._collect(LOOK_SECONDS)
                self._step(claims=True)
            self._lanes.close()
            self._collect(0)
            self._step(claims=False)
        except Exception as error:  # noqa: BLE001  # a sender that has died silently tells nobody
            stop(error)

    def _collect(self, seconds: float) -> None:
        """Wait for a report, then take all that are there."""
        try:
            report = self._reports.get(timeout=seconds)
            while True:
                if report is not None:
                    self._unnoted.append(report)
                report = self._reports.get_nowait()
        except Empty:
            return

    def _step(self, *, claims: bool) -> None:
        try:
            if self._unnoted or (claims and self._is_due()):
                self._write(_now(), claims=claims)
            self._count()
        except StoreError as error:  # nothing was changed: what was reported is noted next time
            log.warning("store: %s", error)
            self._ended.wait(LOOK_SECONDS)

    def _is_due(self) -> bool:
        with reading(self._engine) as conn:
            due = next_due(conn)
        return due is not None and due <= _now()

    def _write(self, now: int, *, claims: bool) -> None:
        with writing(self._engine) as conn:
            outcomes = [(report, self._note(conn, report, now)) for report in self._unnoted]
            told = first_told(conn, [report.delivery.alert_id for report, outcome in outcomes if outcome == SENT], now)
            batches = self._claim(conn, now) if claims else {}
        self._unnoted = []
        for report, outcome in outcomes:
            self._show(report, outcome)
        for published_at in told:
            STAGE_SECONDS.labels(NOTIFIED).observe(max(now - published_at, 0) / 1000)
        self._tried([key_of(report.delivery) for report, _ in outcomes])
        for (recipient, channel), batch in batches.items():
            self._lanes.send(self._page.roster.address(recipient, channel), batch)

    def _note(self, conn: Connection, report: Tried | Untried, now: int) -> str | None:
        if isinstance(report, Tried):
            return note(conn, report, now, self._page)
        put_back(conn, report)
        return None

    def _claim(self, conn: Connection, now: int) -> dict[tuple[str, str], list[Outgoing]]:
        batches: dict[tuple[str, str], list[Outgoing]] = defaultdict(list)
        for delivery in claim(conn, now, LEASE_MS, _MOST_AT_ONCE, self._lanes.shut(now)):
            outgoing = Outgoing(delivery, message_for(conn, delivery, self._page))
            batches[delivery.recipient, delivery.channel].append(outgoing)
        return batches

    def _show(self, report: Tried | Untried, outcome: str | None) -> None:
        delivery = report.delivery
        if isinstance(report, Untried) or outcome is None:
            return
        NOTIFICATIONS.labels(delivery.channel, delivery.kind, outcome).inc()
        if outcome != SENT:
            code = report.error.code if report.error else ""
            log.warning("%s over %s: %s, %s", delivery.recipient, delivery.channel, code, outcome)

    def _count(self) -> None:
        if time.monotonic() - self._counted_at >= _COUNT_SECONDS:
            with reading(self._engine) as conn:
                show_stored(conn, _now())
            self._counted_at = time.monotonic()


def _now() -> int:
    return time.time_ns() // 1_000_000
