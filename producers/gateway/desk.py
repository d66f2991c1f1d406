"""Takes a delivery: notes that it begins, puts its rows on the bus, notes what became of them, in this order.

What is answered with a receipt is on the bus. Killed anywhere before, the sender tries again: under its idempotency key
the same records go out once more, and the bus counts each event once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple, Protocol

from sqlalchemy import Engine

from producers.gateway.evidence import event_id_in, mark_of
from producers.gateway.rows import Body, rows_of
from producers.gateway.store import StoreError, writing
from producers.gateway.submission import OtherContentError, Submission, begin, finish, idempotency_of
from producers.gateway.words import RefusedError
from producers.publish import Messages, Outcome, Run, ToMessages, check_rows, messages_of
from producers.send import BusError
from schemas.cells import Row
from schemas.faults import RowProblem
from schemas.readers import Source
from schemas.topics import EVENT_TOPICS


class Publishes(Protocol):
    """What puts a run on the bus; `producers.gateway.bus.Bus` on a real one."""

    def publish(self, source: Source, to_messages: ToMessages, run: Run) -> Outcome:
        """Send the good rows and the run's delivery, all confirmed; raises BusError."""


class Delivery(NamedTuple):
    """What somebody hands in.

    Attributes:
        covers_to: day number up to which the sender states completeness.
        idempotency_key: the sender's own.

    """

    sender: str
    body: Body
    covers_to: int | None
    idempotency_key: str | None


class Taken(NamedTuple):
    """What became of it; `again` where it was done before."""

    submission: Submission
    again: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may be.

    Attributes:
        body_bytes: unpacked.
        body_seconds: for its arrival.
        per_minute: requests of a key.

    """

    rows: int = 10_000
    body_bytes: int = 16 * 1024 * 1024
    body_seconds: float = 30
    per_minute: int = 600


class Desk:
    """Takes deliveries, several at a time."""

    def __init__(self, engine: Engine, bus: Publishes, county_key: bytes, limits: Limits) -> None:
        """`county_key` makes person ids."""
        self._engine = engine
        self._bus = bus
        self._key = county_key
        self._limits = limits
        self._lock = Lock()
        self._in_hand: set[bytes] = set()

    def check(self, delivery: Delivery, now: int) -> Outcome:
        """What would become of the rows; nothing is sent or kept.

        Raises:
            RefusedError: the body cannot be read, or is too large.

        """
        run = Run(delivery.sender, now, delivery.body.sha256)
        with rows_of(delivery.body, delivery.sender, self._limits.rows) as source:
            return check_rows(source.rows(), self._messages(run))

    def take(self, delivery: Delivery, now: int) -> Taken:
        """Put the rows on the bus; what was done before under the same idempotency key is not sent again.

        Raises:
            RefusedError: the body cannot be read, the bus or the store is away, or the key was used for something else.

        """
        named = idempotency_of(delivery.sender, delivery.idempotency_key) if delivery.idempotency_key else None
        with (
            self._alone(named),
            rows_of(delivery.body, delivery.sender, self._limits.rows) as source,
        ):
            try:
                return self._take(delivery, named, source, now)
            except OtherContentError as error:
                raise RefusedError("other_content") from error
            except StoreError as error:
                raise RefusedError("store_away", retry_after=5) from error

    def _take(self, delivery: Delivery, named: bytes | None, source: Source, now: int) -> Taken:
        run = Run(
            delivery.sender, now, delivery.body.sha256, delivery.covers_to, source="batch", mark=secrets.token_hex(4)
        )
        with writing(self._engine) as conn:
            begun = begin(conn, run, named)
        if begun.done_at is not None:
            return Taken(begun, again=True)
        marks: list[int] = []
        try:
            outcome = self._bus.publish(source, _marked(self._messages(begun.run), marks), begun.run)
        except BusError as error:
            raise RefusedError("bus_away", retry_after=5) from error
        with writing(self._engine) as conn:
            return Taken(finish(conn, begun, outcome, marks, now), again=False)

    def _messages(self, run: Run) -> ToMessages:
        return messages_of(run, self._key)

    @contextmanager
    def _alone(self, named: bytes | None) -> Iterator[None]:
        """One at a time under one idempotency key."""
        if named is None:
            yield
            return
        with self._lock:
            if named in self._in_hand:
                raise RefusedError("in_hand", retry_after=1)
            self._in_hand.add(named)
        try:
            yield
        finally:
            with self._lock:
                self._in_hand.discard(named)


def _marked(to_messages: ToMessages, marks: list[int]) -> ToMessages:
    """The same, and a mark of each event that goes out is added to `marks`; register rows are no events."""

    def both(row: Row, number: int) -> Messages | RowProblem:
        result = to_messages(row, number)
        if not isinstance(result, RowProblem):
            marks.extend(mark_of(event_id_in(each.value)) for each in result if each.topic in EVENT_TOPICS)
        return result

    return both
