"""What became of each event, counted per department and per batch: the ledger's totals (design 7.4). No I/O.

Every event has one outcome, decided at its first reading; `late` and `conflicting` are labels beside it. What is parked
now is counted from the waiting lists of the subjects, so released = parked at first - parked now, after any crash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from schemas.departments import DEPARTMENTS
from streams.assign import DEAD_LETTERED, OUTCOMES, PARKED, EventEffect, Released
from streams.subject import Subject

LABELS = ("late", "conflicting")


class BatchTotals(msgspec.Struct, array_like=True, gc=False):
    """First outcomes of one batch's events on one partition, up to and including the offset `through`."""

    through: int = -1
    applied: int = 0
    duplicate: int = 0
    parked: int = 0
    dead_lettered: int = 0


pack_batch = msgspec.msgpack.Encoder().encode
unpack_batch = msgspec.msgpack.Decoder(BatchTotals).decode


class Totals:
    """Outcomes of one partition: changed in place, an event once, whatever is read again.

    A batch's key is `department|batch_id`.

    Attributes:
        counts: `department|outcome` and `department|label` -> events since the topic's start.
        parked_now: department -> events that wait for their household.
        batches: batch key -> first outcomes.
        counted: batch keys whose first outcomes changed: to be stored, then cleared by the caller.
        touched: batch keys of which anything changed: to be reported, then cleared by the caller.

    """

    def __init__(
        self, counts: Mapping[str, int] | None = None, batches: Mapping[str, BatchTotals] | None = None
    ) -> None:
        """Go on from the ledgers' totals and the stored batches; see `recover` for what is parked."""
        self.counts = dict.fromkeys(all_keys(), 0) | dict(counts or {})
        self.batches = dict(batches or {})
        self.counted: set[str] = set()
        self.touched: set[str] = set()
        self.parked_now = dict.fromkeys((d.code for d in DEPARTMENTS), 0)
        self._waiting: dict[str, int] = {}

    def recover(self, subject: Subject) -> None:
        """Count what a stored subject holds parked; once for each, before the first event."""
        for department, batch_id in subject.waiting():
            self._wait(department, batch_id, 1)

    def take_event(self, department: str, batch_id: str | None, offset: int, effect: EventEffect, *, new: bool) -> None:
        """Take in what folding an event changed; it is counted where it is new: the ledger is not past its offset.

        What is read again is told again: the report on its batch may not have arrived.
        """
        if new:
            self._count(department, batch_id, offset, effect.outcome)
            self.counts[f"{department}|late"] += effect.late
            self.counts[f"{department}|conflicting"] += effect.conflicting
        self._touch(department, batch_id)
        if effect.parked:
            self._wait(department, batch_id or "", 1)
        self.release(effect.released)

    def take_dead_letter(self, department: str, batch_id: str | None, offset: int, *, new: bool) -> None:
        """Take in a record that may not count, or could not be read (then without batch), in the same way."""
        if new:
            self._count(department, batch_id, offset, DEAD_LETTERED)
        self._touch(department, batch_id)

    def doubt_parked(self) -> None:
        """Note that something was read again which may have routed what was parked: so may its batches' reports."""
        self.touched.update(key for key, batch in self.batches.items() if batch.parked)

    def release(self, released: Iterable[Released]) -> None:
        """Take in events that wait no longer, of an event's or a row's effect, whether that is counted or not."""
        for department, batch_id in released:
            self._wait(department, batch_id, -1)
            self._touch(department, batch_id)

    def released(self, department: str) -> int:
        """Events that were parked at first and are routed now."""
        return self.counts[f"{department}|{PARKED}"] - self.parked_now[department]

    def of_department(self, department: str) -> dict[str, int]:
        """The department's part of `counts`, for the ledger of its topic."""
        return {key: count for key, count in self.counts.items() if key.startswith(f"{department}|")}

    def outcome(self, key: str, partition: int) -> dict[str, Any]:
        """`outcome` record of a batch so far."""
        counts = msgspec.structs.asdict(self.batches.get(key) or BatchTotals())
        del counts["through"]
        department, _, batch_id = key.partition("|")
        now = self._waiting.get(key, 0)
        return {"batch_id": batch_id, "department": department, "partition": partition, **counts, "parked_now": now}

    def _count(self, department: str, batch_id: str | None, offset: int, outcome: str) -> None:
        self.counts[f"{department}|{outcome}"] += 1
        if not batch_id:
            return
        key = batch_key(department, batch_id)
        totals = self.batches.get(key)
        if totals is None:
            totals = self.batches[key] = BatchTotals()
        if offset <= totals.through:  # counted by a worker that went further than the ledger that stands
            return
        totals.through = offset
        setattr(totals, outcome, getattr(totals, outcome) + 1)
        self.counted.add(key)

    def _touch(self, department: str, batch_id: str | None) -> None:
        if batch_id:
            self.touched.add(batch_key(department, batch_id))

    def _wait(self, department: str, batch_id: str, events: int) -> None:
        self.parked_now[department] += events
        if batch_id:
            key = batch_key(department, batch_id)
            self._waiting[key] = self._waiting.get(key, 0) + events


def batch_key(department: str, batch_id: str) -> str:
    """Key of a batch: two departments may use one batch id."""
    return f"{department}|{batch_id}"


def all_keys() -> list[str]:
    """Every key of `counts`, so that zeros are shown from the start."""
    return [f"{d.code}|{word}" for d in DEPARTMENTS for word in (*OUTCOMES, *LABELS)]
