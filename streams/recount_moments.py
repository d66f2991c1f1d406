"""A household as it stood after any record of household.events, made anew from all that had come by then. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.beijing import day_of
from schemas.fact import Fact
from streams.finding import Finding
from streams.recount_history import (
    Found,
    History,
    Home,
    Position,
    Published,
    Recounted,
    Ticked,
    findings_of,
    first_arrivals,
    forgotten_on,
    found_by,
)
from streams.register import Row
from streams.residence import household_of
from streams.rule_set import RuleSet

END = 1 << 62
"""After everything: then facts and rows count by what was published, whether or not they came."""


class Stood(NamedTuple):
    """A household after a record.

    Attributes:
        facts: that count here, without those that ticks took away.
        people: rows of everybody whom the register names here.

    """

    offset: int
    household_id: str
    facts: list[Fact]
    people: Mapping[str, Sequence[Row]]
    tick: Ticked | None
    view: Recounted
    rules: RuleSet

    def found(self, settled: bytes) -> Found:
        """What holds by rule, where so much has been dealt with."""
        self.view.deal_with(settled)
        return found_by(self.rules, self.view)

    def findings(self, settled: bytes) -> list[Finding]:
        """Likewise, as cases compare it."""
        return findings_of(self.found(settled), self.rules)


class Moments:
    """All that ever came to a household.

    Attributes:
        gone: ids of facts that ticks took away so far; whoever goes through the ticks adds to it.

    """

    def __init__(
        self,
        history: History,
        household_id: str,
        ticks: Sequence[Ticked],
        placed: Sequence[Published],
        events: Mapping[Position, Published],
    ) -> None:
        """`placed` counts in the end; `events` are all, by where they were published."""
        self.gone: set[str] = set()
        self.ticks = ticks
        self._history, self._household_id, self._placed = history, household_id, placed
        self._came = first_arrivals(history, household_id)
        here = [(offset, events[at]) for at, offset in self._came.items() if at in events]
        self._events = [(offset, e) for offset, e in here if (household_id, e.at) not in history.refused]
        self._first: dict[str, int] = {}
        for offset, event in self._events:
            self._first[event.fact.id] = min(offset, self._first.get(event.fact.id, offset))

    def offset_of(self, alert_id: str, version: int) -> int | None:
        """Where the record came that made a version, the last one known up to it; None for a version that never was."""
        known = self._history.versions.get(alert_id, {})
        at = known.get(max((number for number in known if number <= version), default=0))
        if at is None or version > max(known):
            return None
        return self._came.get(at, at[2])

    def had(self, alert_id: str, offset: int) -> bool:
        """Whether a record before this offset made a version of an alert."""
        versions = self._history.versions.get(alert_id, {})
        return any(self._came.get(at, at[2]) < offset for at in versions.values())

    def at(self, offset: int, rules: RuleSet) -> Stood:
        """The household after a record of household.events."""
        tick = next((tick for tick in reversed(self.ticks) if tick.offset <= offset), None)
        people = self._people(offset)
        newest = self._newest(offset)
        facts = [e.fact for e in newest if self._counts(e.fact, offset, people)]
        new = [e.fact.id for e in newest if tick is not None and self._came.get(e.at, -1) > tick.offset]
        view = Recounted(Home(self._household_id, people), facts, tick, new)
        return Stood(offset, self._household_id, facts, people, tick, view, rules)

    def _newest(self, offset: int) -> list[Published]:
        if offset == END:
            return list(self._placed)
        newest: dict[str, Published] = {}
        for came, event in self._events:
            known = newest.get(event.fact.id)
            if came <= offset and (known is None or event.fact.rank > known.fact.rank):
                newest[event.fact.id] = event
        return [event for event in newest.values() if not event.fact.retracted]

    def _counts(self, fact: Fact, offset: int, people: Mapping[str, Sequence[Row]]) -> bool:
        if fact.id in self.gone or self._came_too_late(fact, offset):
            return False
        if offset == END or fact.person is None:
            return True
        return household_of(people.get(fact.person, ()), day_of(fact.occurred_at)) == self._household_id

    def _came_too_late(self, fact: Fact, offset: int) -> bool:
        """Whether a tick would have taken it away before it came."""
        upto = min(self._first.get(fact.id, 0), offset + 1)
        return any(tick.offset < upto and forgotten_on(fact) <= tick.day for tick in self.ticks)

    def _people(self, offset: int) -> Mapping[str, Sequence[Row]]:
        history = self._history
        told: dict[str, int] = {}
        if offset == END:
            here = self._household_id
            return {p: rows for p, rows in history.rows.items() if any(row.household_id == here for row in rows)}
        for roll in history.rolls.get(self._household_id, ()):
            if roll.offset <= offset:
                told[roll.person] = max(roll.registered_to, told.get(roll.person, -1))
        return {person: self._rows(person, upto) for person, upto in told.items()}

    def _rows(self, person: str, upto: int) -> list[Row]:
        newest: dict[tuple[str, int], Row | None] = {}
        for said in self._history.registered.get(person, ()):
            if said.offset <= upto:
                newest[said.household_id, said.valid_from] = said.row
        return [row for row in newest.values() if row is not None]
