"""A slice of assign's work: records folded into subjects, then written as one record batch with their ledger."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from schemas.codec import Decoded, SchemaError, decode_many, encode
from schemas.departments import DEPARTMENTS
from schemas.events import problem_of, subject_of
from schemas.failstop import NeedsAPersonError
from schemas.partition import partition_of
from schemas.register import row_problem
from schemas.topics import (
    AREA_ALERTS,
    DEAD_LETTERS,
    HOUSEHOLD_EVENTS,
    OUTCOMES,
    REGISTER_PERSONS,
    TOWNSHIP_ACTIONS,
    TOWNSHIP_EVENTS,
    events_topic,
)
from streams.action_copy import copy_of, trouble_with
from streams.assign import Send, take_event, take_row
from streams.assign_area import area_kinds, take_area_event
from streams.changelog import BATCH, ENTITY, pack_row
from streams.dead_letters import dead_letter
from streams.failpoints import AFTER_CHANGELOG, BEFORE_CHANGELOG
from streams.failstop import UNREADABLE
from streams.outcomes import pack_batch
from streams.register_conflict import conflict_alert
from streams.state_table import Partition, Row
from streams.subject import Source, Subject, new_subject, pack, unpack

if TYPE_CHECKING:
    from streams.app import Out
    from streams.assign_program import Books

SLICE_BYTES = 700 * 1024
LARGEST_SUBJECT = 256 * 1024
REGISTER = "register"
ACTIONS = "actions"
DEPARTMENT_OF = {events_topic(d.code): d.code for d in DEPARTMENTS} | {TOWNSHIP_ACTIONS: ACTIONS}
COPIED = "actions|copied"
_AREAS = area_kinds()
WAITING_DAY = 1


class Slice:
    """Work on one partition since the last write."""

    def __init__(self, partition: Partition, books: Books, out: Out) -> None:
        """Start an empty slice."""
        self._partition = partition
        self._books = books
        self._out = out
        self._confirmations: list[asyncio.Future[object]] = []
        self._clear()

    def _clear(self) -> None:
        self._subjects: dict[bytes, Subject] = {}
        self._bounds: dict[bytes, int] = {}
        self._sends: list[tuple[bytes, bytes]] = []
        self._areas: list[tuple[bytes, bytes]] = []
        self._letters: list[tuple[bytes, bytes]] = []
        self._conflicts: list[tuple[bytes, bytes]] = []
        self._inputs: set[str] = set()
        self._again = False
        self._size = 0

    async def take_all(self, topic: str, records: list[Any]) -> None:
        """Fold records in order; write whenever a record batch is filled."""
        for record, item in zip(records, decode_many([r.value for r in records]), strict=True):
            ledger = self._books.ledgers[topic]
            new = record.offset > ledger.offset
            self._again |= not new
            self._take(record, item, new=new)
            ledger.offset = max(ledger.offset, record.offset)
            self._inputs.add(topic)
            if self._size > SLICE_BYTES:
                await self.flush()

    def _take(self, record: Any, item: Decoded | SchemaError, *, new: bool) -> None:
        department = DEPARTMENT_OF.get(record.topic, REGISTER)
        if isinstance(item, SchemaError):
            self._refuse(record, department, item.reason, item.field, None, new=new)
            return
        name, content = item
        if record.topic == TOWNSHIP_ACTIONS:
            self._take_action(record, item, new=new)
        elif department == REGISTER:
            self._take_row(record, name, content, new=new)
        else:
            self._take_event(record, department, name, content, new=new)

    def _take_event(self, record: Any, department: str, name: str, event: dict[str, Any], *, new: bool) -> None:
        if name != department:
            self._refuse(record, department, "wrong_schema", None, None, new=new)
            return
        problem = problem_of(event, department)
        key = b"" if problem else subject_of(event).encode()
        reason, field = problem or self._misplaced(record, key) or (None, None)
        if reason is None and self._too_large(key):
            reason = "household_too_large"
        if reason is not None:
            self._refuse(record, department, reason, field, event["batch_id"], new=new)
            return
        is_area = (department, event["kind"]) in _AREAS
        effect = (take_area_event if is_area else take_event)(self._subject(key, record), event, _source(record))
        self._books.totals.take_event(department, event["batch_id"], record.offset, effect, new=new)
        self._send(effect.sends, self._areas if is_area else self._sends)

    def _take_row(self, record: Any, name: str, row: dict[str, Any], *, new: bool) -> None:
        problem = ("wrong_schema", None) if name != "register_row" else row_problem(row)
        if problem is None:
            owner = row["person_id"] if record.topic == REGISTER_PERSONS else row["household_id"]
            key = owner.encode()
            problem = None if partition_of(key) == record.partition else ("wrong_key", None)
        if problem is not None:
            self._refuse(record, REGISTER, problem[0], problem[1], None, new=new)
            return
        subject = self._subject(key, record)
        effect = take_row(subject, row, _source(record))
        self._books.totals.release(effect.released)
        self._send(effect.sends, self._sends)
        if effect.conflict:
            alert = conflict_alert(owner, subject.rows.values(), _source(record))
            self._conflicts.append((alert["alert_id"].encode(), encode("area_alert", alert)))

    def _take_action(self, record: Any, item: Decoded, *, new: bool) -> None:
        """Copy an action on; read again it is sent again, and folded once."""
        problem = trouble_with(item, record)
        if problem is not None:
            self._refuse(record, ACTIONS, problem.reason, problem.field, None, new=new)
            return
        self._sends.append((record.key, copy_of(record)))
        self._size += len(record.value) + 64
        if new:
            self._books.actions += 1

    def _misplaced(self, record: Any, key: bytes) -> tuple[str, str | None] | None:
        if record.key == key and partition_of(key) == record.partition:
            return None
        return "wrong_key", None

    def _too_large(self, key: bytes) -> bool:
        return self._bounds.get(key, len(self._partition.rows.get(ENTITY + key, b""))) > LARGEST_SUBJECT

    def _subject(self, key: bytes, record: Any) -> Subject:
        subject = self._subjects.get(key)
        if subject is None:
            subject = self._subjects[key] = stored_subject(self._partition, ENTITY + key)
            stored = len(self._partition.rows.get(ENTITY + key, b""))
            self._bounds[key] = stored
            self._size += stored + 64
        self._bounds[key] += len(record.value)
        self._size += len(record.value) + 64
        return subject

    def _send(self, sends: list[Send], out: list[tuple[bytes, bytes]]) -> None:
        out.extend((key.encode(), message) for key, message in sends)

    def _refuse(
        self, record: Any, department: str, reason: str, field: str | None, batch_id: str | None, *, new: bool
    ) -> None:
        self._letters.append(dead_letter(record, department, reason, field))
        self._size += 64
        if department not in (REGISTER, ACTIONS):
            self._books.totals.take_dead_letter(department, batch_id, record.offset, new=new)
        if not new:
            return
        key = f"{department}|dead|{reason}"
        self._books.dead_letters[key] = self._books.dead_letters.get(key, 0) + 1

    async def flush(self) -> None:
        """Send what the records caused and write subjects, batch totals and ledgers as one record batch."""
        if not self._inputs:
            return
        sender, totals = self._out.sender, self._books.totals
        self._confirmations += await sender.send_all(HOUSEHOLD_EVENTS, self._sends)
        self._confirmations += await sender.send_all(TOWNSHIP_EVENTS, self._areas)
        self._confirmations += await sender.send_all(DEAD_LETTERS, self._letters)
        self._confirmations += await sender.send_all(AREA_ALERTS, self._conflicts)
        rows = [*self._subject_rows(), *self._batch_rows(), *self._ledger_rows()]
        self._out.failpoints.reach(BEFORE_CHANGELOG)
        self._confirmations.append(await self._out.table.write(self._partition, rows, sender))
        self._out.failpoints.reach(AFTER_CHANGELOG)
        if self._again:
            totals.doubt_parked()
        number = self._partition.number
        outcomes = [totals.outcome(key, number) for key in sorted(totals.touched)]
        self._confirmations += await sender.send_all(
            OUTCOMES, [(f"{o['batch_id']}|{number}".encode(), encode("outcome", o)) for o in outcomes]
        )
        totals.counted.clear()
        totals.touched.clear()
        self._clear()

    def _subject_rows(self) -> list[Row]:
        rows = []
        for key, subject in self._subjects.items():
            waiting = any(held.waiting for held in subject.facts.values())
            rows.append((ENTITY + key, pack_row(-1, WAITING_DAY if waiting else 0, pack(subject))))
        return rows

    def _batch_rows(self) -> list[Row]:
        totals, rows = self._books.totals, []
        for key in sorted(totals.counted):
            batch = totals.batches[key]
            rows.append((BATCH + key.encode(), pack_row(batch.through, 0, pack_batch(batch))))
        return rows

    def _ledger_rows(self) -> list[Row]:
        rows = []
        for topic in sorted(self._inputs):
            ledger = self._books.ledgers[topic]
            department = DEPARTMENT_OF.get(topic, REGISTER)
            dead = {k: n for k, n in self._books.dead_letters.items() if k.startswith(f"{department}|dead|")}
            counts = self._counts(department)
            ledger.totals.clear()
            ledger.totals.update(counts | dead)
            rows.append(ledger.row())
        return rows

    def _counts(self, department: str) -> dict[str, int]:
        if department == ACTIONS:
            return {COPIED: self._books.actions}
        return {} if department == REGISTER else self._books.totals.of_department(department)

    async def confirmed(self) -> None:
        """Wait until the broker has everything."""
        if self._confirmations:
            await asyncio.gather(*self._confirmations)
            self._confirmations.clear()


def stored_subject(partition: Partition, key: bytes) -> Subject:
    """State of a subject; a new one where there is none.

    Raises:
        NeedsAPersonError: it cannot be read.

    """
    body = partition.body(key)
    try:
        return new_subject() if body is None else unpack(body)
    except ValueError as error:
        raise NeedsAPersonError(UNREADABLE.format(what="subject", partition=partition.number)) from error


def _source(record: Any) -> Source:
    return Source(record.topic, record.partition, record.offset, record.timestamp)
