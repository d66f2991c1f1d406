"""A slice of correlate's work: records folded into households in log order, then written as one record batch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from schemas.codec import Decoded, Record, SchemaError
from schemas.events import Problem
from schemas.fact import RoutedFact
from schemas.partition import partition_of
from schemas.topics import ALERTS, DEAD_LETTERS
from streams.action_copy import action_in
from streams.case_states import ENDING
from streams.changelog import ENTITY, HEADER_BYTES, pack_row, through_of
from streams.correlate import Moment, Source, fold_action, fold_fact, fold_membership, fold_tick, reevaluate
from streams.dead_letters import dead_letter
from streams.failpoints import AFTER_CHANGELOG, BEFORE_CHANGELOG
from streams.failstop import UNREADABLE, NeedsAPersonError
from streams.finding import Case
from streams.household import Household, due_day, pack, too_large, unpack
from streams.household_records import read_many
from streams.opened import Books, Opened, newer_alerts
from streams.rule_set import RuleSet
from streams.state_table import Partition, Row

if TYPE_CHECKING:
    from streams.app import Out

SLICE_BYTES = 700 * 1024
NEAR_LIMIT = 32 * 1024
"""A state that may be larger is measured after every record, so that the limit holds record by record.

What is stored is at most four times the records' bytes (facts, and their ids in three findings) and a few alerts.
"""


class Slice:
    """Work on one partition since the last write.

    Attributes:
        newest: the last fact folded.
        alerted: when the fact was published that last changed an alert, ms.

    """

    def __init__(self, partition: Partition, books: Books, out: Out, rules: Callable[[str], RuleSet | None]) -> None:
        """Start an empty slice; `rules` finds a published set."""
        self._partition = partition
        self._books = books
        self._out = out
        self._rules = rules
        self._confirmations: list[asyncio.Future[object]] = []
        self._letters: list[tuple[bytes, bytes]] = []
        self._again: set[bytes] = set()
        self.newest: RoutedFact | None = None
        self.alerted: int | None = None
        self._clear()

    def _clear(self) -> None:
        self._at_work: dict[bytes, Opened] = {}
        self._folded = False
        self._ended = False
        self._size = 0

    async def take_all(self, records: list[Any]) -> None:
        """Fold records in order; write whenever a record batch is filled."""
        ledger = self._books.ledger
        for record, item in zip(records, read_many([r.value for r in records]), strict=True):
            if record.offset <= ledger.offset:
                self._again.add(record.key)
                self._folded = True  # the ledger is written all the same: what is acknowledged stands in our own
                continue
            if isinstance(item, RoutedFact):
                self._take_fact(record, item)
            elif isinstance(item, SchemaError):
                self._refuse(record, item.reason, item.field)
            elif item[0] == "tick":
                await self._tick(record, item[1])
            elif item[0] == "activation":
                await self._activate(record, item[1]["rule_set"])
            else:
                self._take(record, item)
            ledger.offset = record.offset
            self._folded = True
            if self._size > SLICE_BYTES or self._ended:
                await self.flush()

    def _take(self, record: Any, item: Decoded) -> None:
        name, content = item
        if name == "membership":
            opened = self._open(record)
            if opened is not None:
                source = Source(
                    content["source_topic"], content["source_partition"], content["source_offset"], content["known_at"]
                )
                self._fold(record, opened, partial(fold_membership, record=content, source=source))
        elif name == "household_action":
            self._take_action(record, content)
        else:
            self._refuse(record, "wrong_schema", None)

    def _take_action(self, record: Any, copy: Record) -> None:
        action = action_in(copy, record)
        if isinstance(action, Problem):
            self._refuse(record, action.reason, action.field)
            return
        opened = self._open(record)
        if opened is None:
            return
        source = Source(copy["source_topic"], copy["source_partition"], copy["source_offset"], copy["known_at"])
        if self._fold(record, opened, partial(fold_action, action=action, source=source)) is False:
            self._refuse(record, "unknown_alert", None)
            self._books.ledger.totals["letter|household|unknown_alert"] += 1
        self._ended = self._ended or action["action"] in ENDING  # a household keeps the last alerts of few ended cases

    def _take_fact(self, record: Any, routed: RoutedFact) -> None:
        opened = self._open(record)
        if opened is None:
            return
        source = Source(routed.source_topic, routed.source_partition, routed.source_offset, routed.fact.known_at)
        opened.published_at = routed.published_at
        self.newest = routed
        if opened.bound > NEAR_LIMIT:
            self._fold(record, opened, partial(fold_fact, routed=routed, source=source))
        else:
            fold_fact(opened.household_id, opened.household, routed, self._books.moment, source)

    def _fold(self, record: Any, opened: Opened, fold: Callable[..., bool | None]) -> bool | None:
        """Fold one record; one that makes a household too large is refused, and the household stays as it was."""
        measured = opened.bound > NEAR_LIMIT
        before = pack(opened.household) if measured else b""
        found = fold(opened.household_id, opened.household, moment=self._books.moment)
        if measured and too_large(pack(opened.household)):
            opened.household = unpack(before)
            self._refuse(record, "household_too_large", None)
            self._books.ledger.totals["letter|household|household_too_large"] += 1
        return found

    def _refuse(self, record: Any, reason: str, field: str | None) -> None:
        self._letters.append(dead_letter(record, "household", reason, field))

    def _open(self, record: Any) -> Opened | None:
        """Household of a record that is to be folded; None where it must not be."""
        opened = self._at_work.get(record.key)
        if opened is None:
            row = self._partition.rows.get(ENTITY + record.key) if record.key else None
            if row is None and not _belongs_here(record):
                self._refuse(record, "wrong_key", None)
                return None
            opened = self._open_row(record.key, row)
        if record.offset <= opened.through:  # it is ahead of the ledger, by the hand of a worker stopped and continued
            self._again.add(record.key)
            return None
        size = len(record.value)
        self._size += size + 64
        opened.bound += size
        opened.through = record.offset
        return opened

    def _open_row(self, key: bytes, row: bytes | None) -> Opened:
        if row is None:
            opened = Opened(key, Household(), b"", -1)
        else:
            body = row[HEADER_BYTES:]
            opened = Opened(key, self._unpacked(body), body, through_of(row))
        self._at_work[key] = opened
        self._size += opened.bound + 64
        return opened

    def _unpacked(self, body: bytes) -> Household:
        try:
            return unpack(body)
        except ValueError as error:
            raise NeedsAPersonError(UNREADABLE.format(what="household", partition=self._partition.number)) from error

    async def _activate(self, record: Any, rule_set: str) -> None:
        """Judge by another set from here on; each household follows before its next record, or in a slice."""
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
        """Judge households that wait by the active set, one or more in so long; all of them where no time is given."""
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
        if self._unpacked(row[HEADER_BYTES:]).rule_set != moment.rules.hash:
            opened = self._open_row(key, row)
            reevaluate(opened.household_id, opened.household, moment, moment.activated)
            opened.through = max(opened.through, moment.activated.offset)

    async def _tick(self, record: Any, tick: dict[str, Any]) -> None:
        """A new day: visit the households that are due; a day that is not later than the last changes nothing."""
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
                fold_tick(opened.household_id, opened.household, self._books.moment, source)
                opened.through = record.offset
                self._folded = True
            if self._size > SLICE_BYTES:
                await self.flush()
        ledger.tick, ledger.positions = tick["day"], tick["positions"]

    async def flush(self) -> None:
        """Write households and ledger as one record batch, and publish the newest version of each changed alert."""
        sender = self._out.sender
        if self._folded:
            rows, alerts = self._rows()
            self._out.failpoints.reach(BEFORE_CHANGELOG)
            rows.append(self._books.ledger.row())
            self._confirmations.append(await self._out.table.write(self._partition, rows, sender))
            self._out.failpoints.reach(AFTER_CHANGELOG)
            self._confirmations += await sender.send_all(ALERTS, alerts)
        self._confirmations += await sender.send_all(DEAD_LETTERS, self._letters)
        self._letters.clear()
        self._clear()

    def _rows(self) -> tuple[list[Row], list[tuple[bytes, bytes]]]:
        rows: list[Row] = []
        alerts: list[tuple[bytes, bytes]] = []
        for key, opened in self._at_work.items():
            household = opened.household
            body = pack(household)
            if body == opened.stored:
                continue
            rows.append((ENTITY + key, pack_row(opened.through, due_day(household), body)))
            if household.case is not None and household.case is not opened.case:
                changed = newer_alerts(opened.case, household.case)
                alerts += [(key, alert) for alert in changed]
                self.alerted = (opened.published_at if changed else 0) or self.alerted
                self._count_raised(opened.case, household.case.raised)
        return rows, alerts

    def _count_raised(self, before: Case | None, raised: dict[str, int]) -> None:
        known = before.raised if before is not None else {}
        for cause, count in raised.items():
            rule, level = cause.split("|")
            new = count - known.get(cause, 0)
            if new:
                self._books.ledger.totals[f"alert|{level}|{rule}"] += new

    async def confirmed(self) -> None:
        """Publish again the alerts of households whose records were read again; wait until the broker has all."""
        alerts = []
        for key in sorted(k for k in self._again if k):
            body = self._partition.body(ENTITY + key)
            case = unpack(body).case if body is not None else None
            if case is not None:
                alerts += [(key, alert) for alert in newer_alerts(None, case)]
        self._confirmations += await self._out.sender.send_all(ALERTS, alerts)
        if self._confirmations:
            await asyncio.gather(*self._confirmations)
            self._confirmations.clear()
        self._again.clear()


def _belongs_here(record: Any) -> bool:
    """A household lives on one partition; what has a row here was looked at before."""
    return bool(record.key) and partition_of(record.key) == record.partition
