"""correlate, the shell: a household's facts, rows and ticks in, versions of its one alert out. Decides nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLDS_CHANGELOG
from streams.app import Out
from streams.changelog import LEDGER, Merge, furthest, last_owner
from streams.correlate import Moment, Source
from streams.correlate_slice import Slice
from streams.failstop import NeedsAPersonError
from streams.ledgers import ledgers_of
from streams.metrics import STAGE_SECONDS, Sample
from streams.opened import Books
from streams.rule_set import RuleSet
from streams.state_table import Partition

DECODED_AT_ONCE = 500
SLICE_SECONDS = 0.02
"""A live record waits at most so long, and for one write, because a household is judged anew."""
_MISSING = "rule set {rule_set} is active but not on topic rules: publish it again with `alertbus up` of that version"


class Correlate:
    """Judges households by the active rule set."""

    group = "correlate"
    inputs: tuple[str, ...] = (HOUSEHOLD_EVENTS,)
    changelog = HOUSEHOLDS_CHANGELOG

    def __init__(self, find_rules: Callable[[str], RuleSet | None]) -> None:
        """`find_rules` reads a published set by its hash."""
        self.books: dict[int, Books] = {}
        self._find_rules = find_rules
        self._rules: dict[str, RuleSet] = {}

    def rules(self, rule_set: str) -> RuleSet | None:
        """A published rule set; None for no set.

        Raises:
            NeedsAPersonError: the set is not published.

        """
        if not rule_set:
            return None
        known = self._rules.get(rule_set) or self._find_rules(rule_set)
        if known is None:
            raise NeedsAPersonError(_MISSING.format(rule_set=rule_set))
        return self._rules.setdefault(rule_set, known)

    def merge(self, key: bytes) -> Merge:
        """Of a household the row that was folded furthest stands: folding is a function of the log."""
        return last_owner if key[:1] == LEDGER else furthest

    def recovered(self, partition: Partition, ends: dict[str, int]) -> None:
        """Go on from the ledger.

        Raises:
            NeedsAPersonError: the ledger is ahead of its log or cannot be read; the rule set is missing.

        """
        ledger = ledgers_of(partition, self.inputs)[HOUSEHOLD_EVENTS]
        ledger.check(ends[HOUSEHOLD_EVENTS], self.changelog)
        moment = Moment(self.rules(ledger.rule_set), ledger.tick, ledger.positions)
        if ledger.activated_offset >= 0:
            activated = Source(HOUSEHOLD_EVENTS, partition.number, ledger.activated_offset, ledger.activated_at)
            moment = replace(moment, activated=activated)
        books = self.books[partition.number] = Books(ledger, moment)
        if ledger.reevaluated < ledger.activated_offset:
            books.judge_all_anew(partition)

    def lost(self, number: int) -> None:
        """Forget a partition."""
        self.books.pop(number, None)

    async def process(self, topic: str, records: list[Any], partition: Partition, out: Out) -> None:
        """Fold records in log order; return when every effect is confirmed."""
        del topic
        work = Slice(partition, self.books[partition.number], out, self.rules)
        for low in range(0, len(records), DECODED_AT_ONCE):
            await work.take_all(records[low : low + DECODED_AT_ONCE])
            await asyncio.sleep(0)
        await work.flush()
        await work.confirmed()
        _observe(work)

    def unfinished(self) -> list[int]:
        """Partitions with households that wait to be judged by the active set."""
        return [number for number, books in self.books.items() if books.waiting]

    async def go_on(self, partition: Partition, out: Out) -> None:
        """Judge some of them; return when every effect is confirmed."""
        work = Slice(partition, self.books[partition.number], out, self.rules)
        await work.judge_anew(SLICE_SECONDS)
        await work.flush()
        await work.confirmed()

    def samples(self) -> dict[str, list[Sample]]:
        """Alerts and refused facts, from the ledgers."""
        alerts: list[Sample] = []
        letters: list[Sample] = []
        for number, books in list(self.books.items()):
            for key, count in list(books.ledger.totals.items()):
                word, one, other = key.split("|")
                family = alerts if word == "alert" else letters
                family.append(((one, other, str(number)), count))
        waiting = [((str(number),), float(len(books.waiting))) for number, books in list(self.books.items())]
        behind: list[Sample] = list(waiting)
        return {"alertbus_alerts": alerts, "alertbus_dead_letters": letters, "alertbus_households_to_judge": behind}


def _observe(work: Slice) -> None:
    """Latency of the newest event of the batch, stage by stage."""
    if work.newest is None:
        return
    occurred, published, alerted = work.newest.fact.occurred_at, work.newest.published_at, work.alerted
    STAGE_SECONDS.labels("occurred_published").observe(max(0.0, (published - occurred) / 1000))
    STAGE_SECONDS.labels("published_correlated").observe(max(0.0, time.time() - published / 1000))
    if alerted is not None:
        STAGE_SECONDS.labels("published_alert").observe(max(0.0, time.time() - alerted / 1000))
