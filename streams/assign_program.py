"""assign, the shell: events and register rows in, facts and memberships per household out. Decides nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from schemas.departments import DEPARTMENTS
from schemas.topics import (
    EVENT_TOPICS,
    REGISTER_HOUSEHOLDS,
    REGISTER_PERSONS,
    SUBJECTS_CHANGELOG,
    TOWNSHIP_ACTIONS,
    events_topic,
)
from streams import subject as subjects
from streams.app import Out
from streams.assign import OUTCOMES
from streams.assign_slice import COPIED, Slice, stored_subject
from streams.changelog import BATCH, ENTITY, HEADER_BYTES, LEDGER, Merge, furthest, last_owner, pack_row
from streams.ledgers import Ledger, ledgers_of
from streams.metrics import Sample
from streams.outcomes import LABELS, Totals, unpack_batch
from streams.state_table import Partition

DECODED_AT_ONCE = 500
DEPARTMENT_OF = {events_topic(d.code): d.code for d in DEPARTMENTS}
WAITING_DAY = 1
"""Due day of a subject that holds parked events: recovery finds it without unpacking the others."""


class Books:
    """What assign remembers of a partition beside its subjects."""

    def __init__(self, ledgers: dict[str, Ledger], totals: Totals) -> None:
        """One ledger per input; totals over all of them."""
        self.ledgers = ledgers
        self.totals = totals
        self.actions = ledgers[TOWNSHIP_ACTIONS].totals[COPIED]
        self.dead_letters = {
            key: count for ledger in ledgers.values() for key, count in ledger.totals.items() if "|dead|" in key
        }


class Assign:
    """Gives every event to the household of its day."""

    group = "assign"
    inputs = (*EVENT_TOPICS, REGISTER_PERSONS, REGISTER_HOUSEHOLDS, TOWNSHIP_ACTIONS)
    changelog = SUBJECTS_CHANGELOG

    def __init__(self) -> None:
        """No partition yet."""
        self.books: dict[int, Books] = {}

    def merge(self, key: bytes) -> Merge:
        """Subjects are united; of batch totals the furthest stands, of ledgers the last owner's."""
        if key[:1] == LEDGER:
            return last_owner
        return _united if key[:1] == ENTITY else furthest

    def recovered(self, partition: Partition, ends: dict[str, int]) -> None:
        """Count on from the ledgers.

        Raises:
            NeedsAPersonError: a ledger is ahead of its log, or a row cannot be read.

        """
        ledgers = ledgers_of(partition, self.inputs)
        for topic, ledger in ledgers.items():
            ledger.check(ends[topic], self.changelog)
        counts = {
            key: count for topic in EVENT_TOPICS for key, count in ledgers[topic].totals.items() if "|dead|" not in key
        }
        batches = {
            key[1:].decode(): unpack_batch(row[HEADER_BYTES:])
            for key, row in partition.rows.items()
            if key[:1] == BATCH
        }
        totals = Totals(counts, batches)
        for key in partition.due_by(WAITING_DAY):
            totals.recover(stored_subject(partition, key))
        self.books[partition.number] = Books(ledgers, totals)

    def lost(self, number: int) -> None:
        """Forget a partition."""
        self.books.pop(number, None)

    async def process(self, topic: str, records: list[Any], partition: Partition, out: Out) -> None:
        """Fold records in log order; return when every effect is confirmed."""
        work = Slice(partition, self.books[partition.number], out)
        for low in range(0, len(records), DECODED_AT_ONCE):
            await work.take_all(topic, records[low : low + DECODED_AT_ONCE])
            await asyncio.sleep(0)
        await work.flush()
        await work.confirmed()

    def unfinished(self) -> list[int]:
        """Nothing is done that no record asks for."""
        return []

    async def go_on(self, partition: Partition, out: Out) -> None:
        """Do nothing."""

    def samples(self) -> dict[str, list[Sample]]:
        """Outcomes per department and partition, from the ledgers; zeros from the start."""
        families: dict[str, list[Sample]] = {
            "alertbus_events": [],
            "alertbus_released_events": [],
            "alertbus_parked_events": [],
            "alertbus_labelled_events": [],
            "alertbus_dead_letters": [],
            "alertbus_actions": [],
        }
        for number, books in list(self.books.items()):
            _add_samples(families, str(number), books)
        return families


def _add_samples(families: dict[str, list[Sample]], number: str, books: Books) -> None:
    totals = books.totals
    families["alertbus_actions"].append(((number,), books.actions))
    for code in (d.code for d in DEPARTMENTS):
        for outcome in OUTCOMES:
            count = totals.counts[f"{code}|{outcome}"]
            families["alertbus_events"].append(((code, outcome, number), count))
        for label in LABELS:
            count = totals.counts[f"{code}|{label}"]
            families["alertbus_labelled_events"].append(((code, label, number), count))
        families["alertbus_released_events"].append(((code, number), totals.released(code)))
        families["alertbus_parked_events"].append(((code, number), totals.parked_now[code]))
    for key, count in list(books.dead_letters.items()):
        code, _, reason = key.split("|")
        families["alertbus_dead_letters"].append(((code, reason, number), count))


def _united(one: bytes, other: bytes) -> bytes:
    body = subjects.merge(one[HEADER_BYTES:], other[HEADER_BYTES:])
    waiting = any(True for _ in subjects.unpack(body).waiting())
    return pack_row(-1, WAITING_DAY if waiting else 0, body)
