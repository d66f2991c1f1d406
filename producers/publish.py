"""A file's rows on their way to the bus: what is sent, what is refused, and the record that ends a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from producers.intake import Event, Intake, event_of
from producers.message import Message
from producers.register import Register, keys_of, register_record_of
from schemas.beijing import instant
from schemas.cells import Row
from schemas.codec import SchemaError, encode
from schemas.events import subject_of
from schemas.faults import FieldError, RowProblem, problem
from schemas.partition import partition_of
from schemas.readers import NumberedRow, Source
from schemas.topics import DELIVERIES, REGISTER_HOUSEHOLDS, REGISTER_PERSONS, events_topic

REGISTER = "register"
"""Stands for the register among the senders of deliveries."""

Messages = tuple[Message, ...]
Result = Messages | RowProblem
ToMessages = Callable[[Row, int], Result]


class Sends(Protocol):
    """What takes messages; `producers.send.Sender` on a real bus."""

    def send(self, message: Message) -> None:
        """Send one."""

    def confirm_all(self) -> None:
        """Wait until all are confirmed."""


@dataclass(slots=True)
class Outcome:
    """What became of a file's rows."""

    accepted: int = 0
    rejected: list[RowProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """One run over one file.

    Attributes:
        sender: department code, or `register`.
        started_at: milliseconds.
        sha256: of the file.
        covers_to: day up to which the sender states completeness.
        source: `file`, `batch` or `poll`.
        mark: 8 hex digits that tell runs of one second apart; the content's where empty.

    """

    sender: str
    started_at: int
    sha256: str
    covers_to: int | None = None
    source: str = "file"
    mark: str = ""

    @property
    def batch_id(self) -> str:
        """`<sender>-<yyyymmddHHMMSS, Beijing>-<mark>`."""
        return f"{self.sender}-{instant(self.started_at):%Y%m%d%H%M%S}-{self.mark or self.sha256[:8]}"


def results_of(rows: Iterator[NumberedRow], to_messages: ToMessages) -> Iterator[Result]:
    """What each row becomes."""
    for number, row in rows:
        yield problem(number, row) if isinstance(row, FieldError) else to_messages(row, number)


def check_rows(rows: Iterator[NumberedRow], to_messages: ToMessages) -> Outcome:
    """What would become of the rows; sends nothing."""
    return _carry(results_of(rows, to_messages), lambda _: None)


def publish_rows(source: Source, to_messages: ToMessages, run: Run, bus: Sends) -> Outcome:
    """Send the good rows, and once all are confirmed the record that ends the run.

    Raises:
        BusError: from `bus`; the run has then no delivery record and may be repeated.

    """
    return publish_results(results_of(source.rows(), to_messages), run, bus)


def publish_results(results: Iterable[Result], run: Run, bus: Sends) -> Outcome:
    """Likewise, of what rows have become already."""
    outcome = _carry(results, bus.send)
    bus.confirm_all()
    bus.send(delivery_message(run, outcome, delivered_at=run.started_at))
    bus.confirm_all()
    return outcome


def _carry(results: Iterable[Result], send: Callable[[Message], None]) -> Outcome:
    outcome = Outcome()
    for result in results:
        if isinstance(result, RowProblem):
            outcome.rejected.append(result)
            continue
        for message in result:
            send(message)
        outcome.accepted += 1
    return outcome


def messages_of(run: Run, key: bytes) -> ToMessages:
    """How a row of this sender becomes messages, under the county key."""
    return (register_messages if run.sender == REGISTER else event_messages)(run, key)


def event_messages(run: Run, key: bytes) -> ToMessages:
    """Messages of a department's rows, under the county key."""
    department = run.sender
    intake = Intake(department, key, run.started_at, run.batch_id)
    topic = events_topic(department)

    def to_messages(row: Row, number: int) -> Messages | RowProblem:
        event = event_of(row, number, intake)
        if isinstance(event, RowProblem):
            return event
        try:
            return (event_message(topic, department, event),)
        except SchemaError as error:
            return problem(number, FieldError(error.field or "?", error.reason))

    return to_messages


def event_message(topic: str, department: str, event: Event) -> Message:
    """Message of an event, keyed by its subject."""
    key = subject_of(event).encode()
    return Message(topic, partition_of(key), key, encode(department, event))


def register_messages(run: Run, key: bytes) -> ToMessages:
    """Messages of the register's rows: each goes to both topics."""
    register = Register(key, run.started_at, run.batch_id)

    def to_messages(row: Row, number: int) -> Messages | RowProblem:
        record = register_record_of(row, number, register)
        if isinstance(record, RowProblem):
            return record
        person_key, household_key = keys_of(record)
        value = encode("register_row", record)
        by_person = partition_of(str(record["person_id"]).encode())
        by_household = partition_of(str(record["household_id"]).encode())
        return (
            Message(REGISTER_PERSONS, by_person, person_key, value),
            Message(REGISTER_HOUSEHOLDS, by_household, household_key, value),
        )

    return to_messages


def topics_of(sender: str) -> set[str]:
    """Topics that a run writes to."""
    own = {REGISTER_PERSONS, REGISTER_HOUSEHOLDS} if sender == REGISTER else {events_topic(sender)}
    return own | {DELIVERIES}


def delivery_message(run: Run, outcome: Outcome, delivered_at: int) -> Message:
    """Record that ends a run; an empty file has one too."""
    delivery = {
        "department": run.sender,
        "batch_id": run.batch_id,
        "source": run.source,
        "covers_to": run.covers_to,
        "delivered_at": delivered_at,
        "accepted": outcome.accepted,
        "rejected": len(outcome.rejected),
        "content_sha256": run.sha256,
        "rejected_by": Counter(problem.code for problem in outcome.rejected),
    }
    key = run.sender.encode()
    return Message(DELIVERIES, partition_of(key), key, encode("delivery", delivery))
