"""What correlate and area have in common: entities judged by the active rule set, from one input. Decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from schemas.failstop import NeedsAPersonError
from streams.app import Out
from streams.case import Moment, Source
from streams.changelog import LEDGER, Merge, furthest, last_owner
from streams.entity_slice import EntitySlice
from streams.ledgers import ledgers_of
from streams.metrics import Sample
from streams.opened import Books
from streams.rule_set import RuleSet
from streams.state_table import Partition

DECODED_AT_ONCE = 500
SLICE_SECONDS = 0.02
"""A live record waits at most so long, and for one write, because an entity is judged anew."""
_MISSING = "rule set {rule_set} is active but not on topic rules: publish it again with `alertbus up` of that version"


_FAMILIES = {"alert": "alertbus_alerts", "letter": "alertbus_dead_letters"}
"""First part of a total's key -> metric."""
_TO_JUDGE = "alertbus_households_to_judge"


class RuleProgram:
    """Judges entities by the active rule set.

    Attributes:
        group: of consumers; `inputs` the one topic that they read.

    """

    group: str
    inputs: tuple[str, ...]
    changelog: str

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
        """Of an entity the row that was folded furthest stands: folding is a function of the log."""
        return last_owner if key[:1] == LEDGER else furthest

    def recovered(self, partition: Partition, ends: dict[str, int]) -> None:
        """Go on from the ledger.

        Raises:
            NeedsAPersonError: the ledger is ahead of its log or cannot be read; the rule set is missing.

        """
        ledger = ledgers_of(partition, self.inputs)[self.inputs[0]]
        ledger.check(ends[self.inputs[0]], self.changelog)
        moment = Moment(self.rules(ledger.rule_set), ledger.tick, ledger.positions)
        if ledger.activated_offset >= 0:
            activated = Source(self.inputs[0], partition.number, ledger.activated_offset, ledger.activated_at)
            moment = replace(moment, activated=activated)
        books = self.books[partition.number] = Books(ledger, moment)
        if ledger.reevaluated < ledger.activated_offset:
            books.judge_all_anew(partition)

    def lost(self, number: int) -> None:
        """Forget a partition."""
        self.books.pop(number, None)

    def slice(self, partition: Partition, out: Out) -> EntitySlice[Any]:
        """Work on a partition."""
        raise NotImplementedError

    async def process(self, topic: str, records: list[Any], partition: Partition, out: Out) -> None:
        """Fold records in log order; return when every effect is confirmed."""
        del topic
        await self.work(self.slice(partition, out), records)

    async def work(self, work: EntitySlice[Any], records: list[Any]) -> None:
        """Let a slice take records; return when every effect is confirmed."""
        for low in range(0, len(records), DECODED_AT_ONCE):
            await work.take_all(records[low : low + DECODED_AT_ONCE])
            await asyncio.sleep(0)
        await work.flush()
        await work.confirmed()

    def unfinished(self) -> list[int]:
        """Partitions with entities that wait to be judged by the active set."""
        return [number for number, books in self.books.items() if books.waiting]

    async def go_on(self, partition: Partition, out: Out) -> None:
        """Judge some of them; return when every effect is confirmed."""
        work = self.slice(partition, out)
        await work.judge_anew(SLICE_SECONDS)
        await work.flush()
        await work.confirmed()

    def samples(self) -> dict[str, list[Sample]]:
        """Alerts and refused records, from the ledgers."""
        waiting: list[Sample] = [
            ((str(number),), float(len(books.waiting))) for number, books in list(self.books.items())
        ]
        families: dict[str, list[Sample]] = {family: [] for family in _FAMILIES.values()} | {_TO_JUDGE: waiting}
        for number, books in list(self.books.items()):
            for key, count in list(books.ledger.totals.items()):
                word, one, other = key.split("|")
                if word in _FAMILIES:
                    families[_FAMILIES[word]].append(((one, other, str(number)), count))
        return families
