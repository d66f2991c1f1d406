"""A household as the processors had it at the end of a day: its records folded again, by the same functions. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from schemas.codec import Decoded, Record, SchemaError, decode
from schemas.events import Problem
from schemas.fact import RoutedFact
from schemas.topics import HOUSEHOLD_EVENTS
from streams.action_copy import action_in
from streams.case import Moment, Source
from streams.correlate import fold_action, fold_fact, fold_membership, fold_tick, reevaluate
from streams.explain_days import Arrived
from streams.household import Household, due_day, pack, too_large, unpack
from streams.rule_set import RuleSet

_ALWAYS_SMALL = 32 * 1024
"""Records of so many bytes together never make a household too large."""

Fold = Callable[..., object]


@dataclass(slots=True)
class Replayed:
    """What came of the records.

    Attributes:
        facts: every report of a fact, in the order in which it first came.
        again: source position of a report -> how often it came again.
        refused: source positions of reports that the household had no room for.
        versions: every version of every alert, as decoded, oldest first.
        active: offset and time (ms) of the record that activated the rule set.
        moment: what held for the partition at the end.

    """

    household: Household = field(default_factory=Household)
    moment: Moment = field(default_factory=lambda: Moment(None, None, {}))
    active: tuple[int, int] | None = None
    facts: list[RoutedFact] = field(default_factory=list)
    again: dict[tuple[str, int, int], int] = field(default_factory=dict)
    refused: set[tuple[str, int, int]] = field(default_factory=set)
    versions: list[Record] = field(default_factory=list)


def place_in_source(fact: RoutedFact) -> tuple[str, int, int]:
    """Where a fact was published."""
    return fact.source_topic, fact.source_partition, fact.source_offset


def replayed(household_id: str, partition: int, records: Sequence[Arrived], sets: Mapping[str, RuleSet]) -> Replayed:
    """Fold a household's records, ticks and activations in log order.

    Raises:
        KeyError: an activated rule set is not among `sets`.

    """
    replay = _Replay(household_id, partition, sets)
    for record in records:
        replay.take(record)
    return replay.done


class _Replay:
    """A household at work."""

    def __init__(self, household_id: str, partition: int, sets: Mapping[str, RuleSet]) -> None:
        self.done = Replayed()
        self._household_id, self._partition, self._sets = household_id, partition, sets
        self._known: dict[str, int] = {}
        self._touched, self._size = False, 0

    def take(self, record: Arrived) -> None:
        item, source = record.item, Source(HOUSEHOLD_EVENTS, self._partition, record.offset, record.timestamp)
        if isinstance(item, RoutedFact):
            self._take_fact(item, record)
        elif item is not None and not isinstance(item, SchemaError):
            self._take(item, record, source)
        self._note_versions()

    def _take(self, item: Decoded, record: Arrived, source: Source) -> None:
        name, content = item
        if name == "tick":
            self._tick(content["day"], content["positions"], source)
        elif name == "activation":
            moment, rules = self.done.moment, self._sets[content["rule_set"]]
            self.done.moment = Moment(rules, moment.tick, moment.positions, source)
            self.done.active = record.offset, record.timestamp
            self._judge_anew(source)
        elif name == "membership":
            self._fold(partial(fold_membership, record=content, source=_source(content)), record)
        elif name == "household_action":
            action = action_in(content, _Keyed(self._household_id.encode(), self._partition))
            if not isinstance(action, Problem):
                self._fold(partial(fold_action, action=action, source=_source(content)), record)

    def _take_fact(self, routed: RoutedFact, record: Arrived) -> None:
        at = place_in_source(routed)
        if at in self.done.again:
            self.done.again[at] += 1
        else:
            self.done.again[at] = 0
            self.done.facts.append(routed)
        source = Source(*at, routed.fact.known_at)
        if self._fold(partial(fold_fact, routed=routed, source=source), record):
            self.done.refused.discard(at)
        else:
            self.done.refused.add(at)

    def _fold(self, fold: Fold, record: Arrived) -> bool:
        """Fold a record as correlate does: one that makes the household too large leaves it as it was."""
        self._touched = True
        self._size += record.size
        before = pack(self.done.household) if self._size > _ALWAYS_SMALL else None
        fold(self._household_id, self.done.household, moment=self.done.moment)
        if before is not None and too_large(pack(self.done.household)):
            self.done.household = unpack(before)
            return False
        return True

    def _tick(self, day: int, positions: Mapping[str, int], source: Source) -> None:
        moment = self.done.moment
        if moment.tick is not None and day <= moment.tick:
            return
        self.done.moment = Moment(moment.rules, day, positions, moment.activated)
        if 0 < due_day(self.done.household) <= day:
            fold_tick(self._household_id, self.done.household, self.done.moment, source)

    def _judge_anew(self, activation: Source) -> None:
        """Judge by the set that was activated, as correlate does in a slice or before the household's next record."""
        rules, household = self.done.moment.rules, self.done.household
        if self._touched and rules is not None and household.rule_set != rules.mark:
            reevaluate(self._household_id, household, self.done.moment, activation)

    def _note_versions(self) -> None:
        case = self.done.household.case
        for each in () if case is None else (*reversed(case.others), case):
            if each.version > self._known.get(each.alert_id, 0):
                self._known[each.alert_id] = each.version
                self.done.versions.append(decode(each.alert)[1])


@dataclass(frozen=True, slots=True)
class _Keyed:
    """What `action_in` reads of a record."""

    key: bytes
    partition: int


def _source(copy: Record) -> Source:
    return Source(copy["source_topic"], copy["source_partition"], copy["source_offset"], copy["known_at"])
