"""A slice of a processor's work: records folded into entities in log order, then written as one record batch.

What correlate and area share. An entity is what a tick visits and a changelog row holds: a household, a township.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic

from schemas.codec import Decoded, Record
from schemas.failstop import NeedsAPersonError
from schemas.partition import partition_of
from schemas.topics import DEAD_LETTERS
from streams.case import Moment, Source
from streams.changelog import ENTITY, HEADER_BYTES, pack_row, through_of
from streams.dead_letters import dead_letter
from streams.failpoints import AFTER_CHANGELOG, BEFORE_CHANGELOG
from streams.failstop import UNREADABLE
from streams.opened import Books, E, Opened, Storing
from streams.rule_set import RuleSet
from streams.state_table import Partition, Row

if TYPE_CHECKING:
    from streams.app import Out

Message = tuple[bytes, bytes]
"""Key and value."""
TICK, ACTIVATION = "tick", "activation"
TURNS = (TICK, ACTIVATION)
"""Records that concern every entity of a partition."""
SLICE_BYTES = 700 * 1024
NEAR_LIMIT = 32 * 1024
"""A state that may be larger is measured after every record, so that the limit holds record by record.

What is stored is at most four times the records' bytes (facts, and their ids in three findings) and a few alerts.
"""


class EntitySlice(Generic[E]):
    """Work on one partition since the last write."""

    def __init__(
        self,
        partition: Partition,
        books: Books,
        out: Out,
        rules: Callable[[str], RuleSet | None],
        storing: Storing[E],
    ) -> None:
        """Start an empty slice; `rules` finds a published set."""
        self._partition = partition
        self._books = books
        self._out = out
        self._rules = rules
        self._storing = storing
        self._confirmations: list[asyncio.Future[object]] = []
        self._letters: list[Message] = []
        self._again: set[bytes] = set()
        self._clear()

    def _clear(self) -> None:
        self._at_work: dict[bytes, Opened[E]] = {}
        self._folded = False
        self._ended = False
        self._size = 0

    async def take_all(self, records: list[Any]) -> None:
        """Fold records in order; write whenever a record batch is filled."""
        ledger = self._books.ledger
        for record, item in zip(records, self._read([r.value for r in records]), strict=True):
            if record.offset <= ledger.offset:
                self._again.update(self._keys(record, item))
                self._folded = True  # the ledger is written all the same: what is acknowledged stands in our own
                continue
            turn = self._take(record, item)
            if turn is not None:
                await self._turn(record, turn)
            ledger.offset = record.offset
            self._folded = True
            if self._size > SLICE_BYTES or self._ended:
                await self.flush()

    async def _turn(self, record: Any, turn: Decoded) -> None:
        """What concerns every entity of the partition."""
        name, content = turn
        if name == TICK:
            await self._tick(record, content)
        else:
            await self._activate(record, content["rule_set"])

    async def _activate(self, record: Any, rule_set: str) -> None:
        """Judge by another set from here on; each entity follows before its next record, or in a slice."""
        await self.judge_anew()
        await self.flush()
        ledger, moment = self._books.ledger, self._books.moment
        source = Source(record.topic, record.partition, record.offset, record.timestamp)
        self._books.moment = Moment(self._rules(rule_set), moment.tick, moment.positions, source)
        ledger.rule_set, ledger.activated_offset, ledger.activated_at = rule_set, record.offset, record.timestamp
        self._books.judge_all_anew(self._partition)
        if not self._books.waiting:
            ledger.reevaluated = record.offset

    async def judge_anew(self, seconds: float | None = None) -> None:
        """Judge entities that wait by the active set, one or more in so long; all of them where no time is given."""
        books, end = self._books, None if seconds is None else time.monotonic() + seconds
        if not books.waiting:
            return
        while books.waiting:
            self._judge_one(books.waiting.popleft())
            if self._size > SLICE_BYTES:
                await self.flush()
            if end is not None and time.monotonic() >= end:
                break
        self._folded = True
        if not books.waiting:
            books.ledger.reevaluated = books.ledger.activated_offset

    def _judge_one(self, entry: bytes) -> None:
        moment, row, key = self._books.moment, self._partition.rows[entry], entry[1:]
        if key in self._at_work or moment.rules is None or moment.activated is None:
            return  # at work it has been judged, before its first record here
        if self._unpacked(row[HEADER_BYTES:]).rule_set != moment.rules.mark:
            opened = self._open_row(key, row)
            self._reevaluate(opened, moment.activated)
            opened.through = max(opened.through, moment.activated.offset)

    async def _tick(self, record: Any, tick: Record) -> None:
        """A new day: visit the entities that are due; a day that is not later than the last changes nothing."""
        ledger, moment = self._books.ledger, self._books.moment
        if moment.tick is not None and tick["day"] <= moment.tick:
            return
        await self.judge_anew()
        await self.flush()
        self._books.moment = Moment(moment.rules, tick["day"], tick["positions"], moment.activated)
        source = Source(record.topic, record.partition, record.offset, record.timestamp)
        for entry in self._partition.due_by(tick["day"]):
            opened = self._open_row(entry[1:], self._partition.rows[entry])
            if opened.through < record.offset:
                self._visit(opened, source)
                opened.through = record.offset
                self._folded = True
            if self._size > SLICE_BYTES:
                await self.flush()
        ledger.tick, ledger.positions = tick["day"], tick["positions"]

    def _fold(self, record: Any, opened: Opened[E], fold: Callable[[E], bool | None]) -> bool | None:
        """Fold one record; one that makes an entity too large is refused, and the entity stays as it was."""
        storing = self._storing
        measured = opened.bound > NEAR_LIMIT
        before = storing.pack(opened.state) if measured else b""
        found = fold(opened.state)
        if measured and storing.too_large(storing.pack(opened.state)):
            opened.state = storing.unpack(before)
            self._refuse(record, storing.refused, None)
            self._count_letter(storing.refused)
        return found

    def _refuse(self, record: Any, reason: str, field: str | None) -> None:
        self._letters.append(dead_letter(record, self._storing.what, reason, field))

    def _count_letter(self, reason: str) -> None:
        self._books.ledger.totals[f"letter|{self._storing.what}|{reason}"] += 1

    def _open(self, record: Any, key: bytes) -> Opened[E] | None:
        """Entity into which a record is to be folded; None where it must not be."""
        opened = self._at_work.get(key)
        if opened is None:
            row = self._partition.rows.get(ENTITY + key) if key else None
            if row is None and not _belongs_here(record):
                self._refuse(record, "wrong_key", None)
                return None
            opened = self._open_row(key, row)
        if record.offset <= opened.through:  # it is ahead of the ledger, by the hand of a worker stopped and continued
            self._again.add(key)
            return None
        size = len(record.value)
        self._size += size + 64
        opened.bound += size
        opened.through = record.offset
        return opened

    def _open_row(self, key: bytes, row: bytes | None) -> Opened[E]:
        stored, through = (b"", -1) if row is None else (row[HEADER_BYTES:], through_of(row))
        state = self._storing.new() if row is None else self._unpacked(stored)
        opened = Opened(key, state, self._storing.notable(state), stored, through)
        self._at_work[key] = opened
        self._size += opened.bound + 64
        return opened

    def _unpacked(self, body: bytes) -> E:
        try:
            return self._storing.unpack(body)
        except ValueError as error:
            what, number = self._storing.what, self._partition.number
            raise NeedsAPersonError(UNREADABLE.format(what=what, partition=number)) from error

    async def flush(self) -> None:
        """Write entities and ledger as one record batch, then publish what changed."""
        sender = self._out.sender
        if self._folded:
            rows = self._rows()
            self._out.failpoints.reach(BEFORE_CHANGELOG)
            rows.append(self._books.ledger.row())
            self._confirmations.append(await self._out.table.write(self._partition, rows, sender))
            self._out.failpoints.reach(AFTER_CHANGELOG)
            for topic, messages in self._effects():
                self._confirmations += await sender.send_all(topic, messages)
        self._confirmations += await sender.send_all(DEAD_LETTERS, self._letters)
        self._letters.clear()
        self._clear()

    def _rows(self) -> list[Row]:
        rows: list[Row] = []
        pack, due_day, notable = self._storing.pack, self._storing.due_day, self._storing.notable
        for key, opened in self._at_work.items():
            state = opened.state
            body = pack(state)
            if body != opened.stored:
                rows.append((ENTITY + key, pack_row(opened.through, due_day(state), body)))
                if notable(state) != opened.before:
                    self._changed(opened)
        return rows

    async def confirmed(self) -> None:
        """Publish again what stands of entities whose records were read again; wait until the broker has all."""
        for key in sorted(self._again):
            body = self._partition.body(ENTITY + key)
            if body is not None:
                self._repeat(key, self._storing.unpack(body))
        for topic, messages in self._effects():
            self._confirmations += await self._out.sender.send_all(topic, messages)
        if self._confirmations:
            await asyncio.gather(*self._confirmations)
            self._confirmations.clear()
        self._again.clear()

    def _read(self, values: list[bytes | None]) -> Iterable[Any]:
        """Decode the input's messages, in order."""
        raise NotImplementedError

    def _keys(self, record: Any, item: Any) -> Iterable[bytes]:
        """Entities that a record concerns."""
        raise NotImplementedError

    def _take(self, record: Any, item: Any) -> Decoded | None:
        """Fold a record into its entities; a tick or an activation is handed back instead."""
        raise NotImplementedError

    def _reevaluate(self, opened: Opened[E], source: Source) -> None:
        """Judge an entity by the active set; `source` is the record that activated it."""
        raise NotImplementedError

    def _visit(self, opened: Opened[E], source: Source) -> None:
        """Fold the tick of the books' moment into an entity that is due."""
        raise NotImplementedError

    def _changed(self, opened: Opened[E]) -> None:
        """Note what is to be published of an entity whose row changed."""
        raise NotImplementedError

    def _repeat(self, key: bytes, state: E) -> None:
        """Note all that is to be published of an entity as it stands."""
        raise NotImplementedError

    def _effects(self) -> Iterable[tuple[str, list[Message]]]:
        """Topics and messages of what was noted, which is noted no more."""
        raise NotImplementedError


def _belongs_here(record: Any) -> bool:
    """An entity's records meet on one partition; what has a row here was looked at before."""
    return bool(record.key) and partition_of(record.key) == record.partition
