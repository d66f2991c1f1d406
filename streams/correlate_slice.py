"""A slice of correlate's work: what households do with their records, and what is published of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from schemas.codec import Decoded, Record, SchemaError, encode
from schemas.events import Problem
from schemas.fact import RoutedFact
from schemas.topics import ALERTS, TOWNSHIP_EVENTS
from streams.action_copy import action_in
from streams.case_states import ENDING
from streams.correlate import Source, fold_action, fold_fact, fold_membership, fold_tick, reevaluate
from streams.entity_slice import NEAR_LIMIT, TURNS, EntitySlice, Message
from streams.finding import Case
from streams.household import Household, due_day, pack, too_large, unpack
from streams.household_records import Item, read_many
from streams.opened import Books, Opened, Storing
from streams.rule_set import RuleSet
from streams.signals import newer_signals
from streams.state_table import Partition

if TYPE_CHECKING:
    from streams.app import Out

LIVES = "lives"
"""First part of the ledger's totals of households by township."""
_STORING = Storing(
    "household",
    Household,
    attrgetter("case", "signals", "home"),
    pack,
    unpack,
    due_day,
    too_large,
    "household_too_large",
)


class Slice(EntitySlice[Household]):
    """Work on one partition since the last write.

    Attributes:
        newest: the last fact folded.
        alerted: when the fact was published that last changed an alert, ms.

    """

    def __init__(self, partition: Partition, books: Books, out: Out, rules: Callable[[str], RuleSet | None]) -> None:
        """Start an empty slice; `rules` finds a published set."""
        super().__init__(partition, books, out, rules, _STORING)
        self._alerts: list[Message] = []
        self._signals: list[Message] = []
        self._moved: set[str] = set()
        self.newest: RoutedFact | None = None
        self.alerted: int | None = None

    def _read(self, values: Sequence[bytes | None]) -> Iterable[Item]:
        return read_many(values)

    def _keys(self, record: Any, item: Item) -> Iterable[bytes]:
        del item
        return (record.key,) if record.key else ()

    def _take(self, record: Any, item: Item) -> Decoded | None:
        if not isinstance(item, RoutedFact):
            return self._take_other(record, item)
        opened = self._open(record, record.key)
        if opened is None:
            return None
        source = Source(item.source_topic, item.source_partition, item.source_offset, item.fact.known_at)
        opened.published_at = item.published_at
        self.newest = item
        if opened.bound > NEAR_LIMIT:
            self._fold_into(record, opened, partial(fold_fact, routed=item, source=source))
        else:
            fold_fact(opened.id, opened.state, item, self._books.moment, source)
        return None

    def _take_other(self, record: Any, item: Decoded | SchemaError) -> Decoded | None:
        if isinstance(item, SchemaError):
            self._refuse(record, item.reason, item.field)
        elif item[0] in TURNS:
            return item
        elif item[0] == "membership":
            self._take_membership(record, item[1])
        elif item[0] == "household_action":
            self._take_action(record, item[1])
        else:
            self._refuse(record, "wrong_schema", None)
        return None

    def _take_membership(self, record: Any, content: Record) -> None:
        opened = self._open(record, record.key)
        if opened is not None:
            self._fold_into(record, opened, partial(fold_membership, record=content, source=_source(content)))

    def _take_action(self, record: Any, copy: Record) -> None:
        action = action_in(copy, record)
        if isinstance(action, Problem):
            self._refuse(record, action.reason, action.field)
            return
        opened = self._open(record, record.key)
        if opened is None:
            return
        if self._fold_into(record, opened, partial(fold_action, action=action, source=_source(copy))) is False:
            self._refuse(record, "unknown_alert", None)
            self._count_letter("unknown_alert")
        self._ended = self._ended or action["action"] in ENDING  # a household keeps the last alerts of few ended cases

    def _fold_into(self, record: Any, opened: Opened[Household], fold: Callable[..., bool | None]) -> bool | None:
        moment, household_id = self._books.moment, opened.id
        return self._fold(record, opened, lambda household: fold(household_id, household, moment=moment))

    def _reevaluate(self, opened: Opened[Household], source: Source) -> None:
        reevaluate(opened.id, opened.state, self._books.moment, source)

    def _visit(self, opened: Opened[Household], source: Source) -> None:
        fold_tick(opened.id, opened.state, self._books.moment, source)

    def _changed(self, opened: Opened[Household]) -> None:
        household = opened.state
        case, signals, home = opened.before
        if household.case is not None and household.case is not case:
            changed = newer_alerts(case, household.case)
            self._alerts += [(opened.key, alert) for alert in changed]
            self.alerted = (opened.published_at if changed else 0) or self.alerted
            self._count_raised(case, household.case.raised)
        if household.signals is not signals:
            self._signals += newer_signals(signals, household.signals)
        if household.home != home:
            self._count_home(home, -1)
            self._count_home(household.home, 1)

    def _count_raised(self, before: Case | None, raised: dict[str, int]) -> None:
        known = before.raised if before is not None else {}
        for cause, count in raised.items():
            rule, level = cause.split("|")
            new = count - known.get(cause, 0)
            if new:
                self._books.ledger.totals[f"alert|{level}|{rule}"] += new

    def _count_home(self, township: str | None, number: int) -> None:
        if township is not None:
            self._books.ledger.totals[f"{LIVES}|{township}|"] += number
            self._moved.add(township)

    def _repeat(self, key: bytes, state: Household) -> None:
        if state.case is not None:
            self._alerts += [(key, alert) for alert in newer_alerts(None, state.case)]
        self._signals += newer_signals(None, state.signals)

    def _effects(self) -> Iterable[tuple[str, list[Message]]]:
        alerts, signals, self._alerts, self._signals = self._alerts, self._signals, [], []
        return (ALERTS, alerts), (TOWNSHIP_EVENTS, signals)

    async def confirmed(self) -> None:
        """Publish again what was read again, and how many households live where; wait until the broker has all."""
        townships = _townships(self._books) if self._again else self._moved
        self._signals += [self._census(township) for township in sorted(townships)]
        self._moved.clear()
        await super().confirmed()

    def _census(self, township: str) -> Message:
        ledger = self._books.ledger
        record = {
            "township_code": township,
            "partition": self._partition.number,
            "households": ledger.totals[f"{LIVES}|{township}|"],
            "counted_to": ledger.offset,
        }
        return township.encode(), encode("census", record)


def newer_alerts(before: Case | None, case: Case) -> list[bytes]:
    """Newest message of each alert of a household that has a new version, the present one last."""
    known = {} if before is None else {each.alert_id: each.version for each in (before, *before.others)}
    ordered = [*reversed(case.others), case]
    return [each.alert for each in ordered if each.version > known.get(each.alert_id, 0)]


def _townships(books: Books) -> Iterable[str]:
    return [key.split("|")[1] for key in books.ledger.totals if key.startswith(f"{LIVES}|")]


def _source(copy: Record) -> Source:
    return Source(copy["source_topic"], copy["source_partition"], copy["source_offset"], copy["known_at"])
