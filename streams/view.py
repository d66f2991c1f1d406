"""What a condition may read of a household: facts that count, its place, tags and people, the last tick, the feeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.beijing import day_of
from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from streams.basis import unpacked
from streams.household import Household, Place
from streams.register import labour_in
from streams.residence import household_of

_BEFORE_ALL = -(1 << 40)
_OWN_KEYS = {kind.number: kind.index(kind.own_key) for kind in kinds_by_number().values() if kind.own_key is not None}


class View:
    """One household at one record; whatever was asked for once is kept.

    Attributes:
        tick: day of the last tick, None before the first.
        positions: department -> day up to which its feed had come at that tick.

    """

    __slots__ = ("_dealt", "_facts", "_household", "_household_id", "_kinds", "_place", "positions", "tick")

    def __init__(
        self, household_id: str, household: Household, tick: int | None, positions: Mapping[str, int] | None = None
    ) -> None:
        """Look at nothing yet."""
        self._household_id = household_id
        self._household = household
        self._facts: dict[int, list[Fact]] = {}
        self._dealt: frozenset[bytes] | None = None
        self._kinds: frozenset[int] | None = None
        self._place: Place | None = None
        self.tick = tick
        self.positions = positions or {}

    @property
    def place(self) -> Place:
        """Region codes and tags."""
        if self._place is None:
            self._place = self._household.place(self._household_id)
        return self._place

    @property
    def kinds(self) -> frozenset[int]:
        """Kinds of which there is any fact, whether or not it counts."""
        if self._kinds is None:
            self._kinds = frozenset([fact.kind for fact in self._household.all_facts()])
        return self._kinds

    @property
    def dealt(self) -> frozenset[bytes]:
        """Marks (streams.basis) of what answers have dealt with."""
        if self._dealt is None:
            case = self._household.case
            self._dealt = frozenset() if case is None else unpacked(case.handled.settled)
        return self._dealt

    def deal_with(self, settled: bytes) -> None:
        """Look on with what has been dealt with now."""
        self._dealt = unpacked(settled)

    def facts(self, kind: int) -> list[Fact]:
        """Facts of a kind that are not retracted and of people who lived here on the day."""
        facts = self._facts.get(kind)
        if facts is None:
            kept = self._household.all_facts()
            facts = [f for f in kept if f.kind == kind and not f.retracted and self._lived_here(f)]
            self._facts[kind] = facts
        return facts

    def standing(self, kind: int) -> list[Fact]:
        """Of each subject and own key the fact that happened last, at a tie the one with the greater id."""
        place = _OWN_KEYS.get(kind)
        newest: dict[object, Fact] = {}
        for fact in self.facts(kind):
            own = fact.values[place] if place is not None and place < len(fact.values) else None
            subject = fact.person, own
            known = newest.get(subject)
            if known is None or (fact.occurred_at, fact.id) > (known.occurred_at, known.id):
                newest[subject] = fact
        return list(newest.values())

    def members(self, day: int) -> int:
        """How many people live here on a day."""
        people = self._household.people.values()
        return sum(household_of(person.rows, day) == self._household_id for person in people)

    @property
    def labour(self) -> str | None:
        """Best labour of those who live here, by each person's newest row; None where the register has nobody."""
        return labour_in(self._household_id, [person.rows for person in self._household.people.values()])

    def fed(self, departments: Iterable[str], deadline: int) -> bool:
        """Whether at the last tick the feeds of some departments were complete up to a day."""
        return all(self.positions.get(department, _BEFORE_ALL) >= deadline for department in departments)

    def passed(self, fact: Fact, deadline: int) -> bool:
        """Whether a tick found a fact's deadline (a day) over, and its department's feed complete up to that day.

        Only a tick after the fact came: what takes it back may stand in the same delivery.
        """
        if self.tick is None or self.tick < self.earliest(fact, deadline):
            return False
        return self.fed((fact.department,), deadline)

    def earliest(self, fact: Fact, deadline: int) -> int:
        """Day of the first tick that may find a fact's deadline over."""
        arrived = self._household.arrived
        return max(deadline, arrived.get(fact.id, _BEFORE_ALL) if arrived else _BEFORE_ALL) + 1

    def _lived_here(self, fact: Fact) -> bool:
        if fact.person is None:
            return True
        membership = self._household.people.get(fact.person)
        return membership is not None and household_of(membership.rows, day_of(fact.occurred_at)) == self._household_id
