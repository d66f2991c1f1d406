"""What correlate keeps of one household, to and from a table row.

The hot path reads and writes a row for every fact, and almost every fact changes no finding: facts and people stay
packed until something asks for them, and a new fact is appended without reading the others.
"""

from __future__ import annotations

from enum import Enum, auto

import msgspec
from msgspec.structs import replace

from schemas.beijing import day_of, start_of
from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from streams.case_states import ENDED
from streams.finding import Case, Finding
from streams.household_packing import (
    NO_FACTS,
    NOBODY,
    appended,
    may_hold,
    pack_facts,
    pack_people,
    unpack_facts,
    unpack_people,
)
from streams.register import Membership, Place, Row, place_of
from streams.signal_records import Signals

__all__ = [
    "Case",
    "Finding",
    "Household",
    "Membership",
    "News",
    "Place",
    "Row",
    "due_day",
    "pack",
    "too_large",
    "unpack",
]

KEPT_DAYS = 800
MOST_BYTES = 256 * 1024

_encode = msgspec.msgpack.Encoder().encode
_COUNTED = frozenset(kind.number for kind in kinds_by_number().values() if not kind.standing)


class News(Enum):
    """What a fact is to a household."""

    NONE = auto()
    FIRST = auto()
    REPLACES = auto()


class Household(msgspec.Struct, array_like=True, gc=False):
    """A household's history and what was found in it. Stored fields are only ever added before `opened`.

    Attributes:
        persons: everybody whom a fact or the register ever named; what is packed names them by their place in here.
        packed_facts: every fact kept, retracted ones included.
        packed_people: what the register says of everybody it ever named here.
        case: its alert, None until a cause first stood.
        findings: what stands, by rule id; parts of combinations never stand alone.
        weights: of each base rule of the set, what all its facts weigh together (RuleSet.bases).
        rule_set: mark of the set that made findings and weights.
        oldest: no forgettable fact occurred before this, ms; None where there is none.
        arrived: Fact.id -> last tick when it came, of facts that came since then and whose deadline a rule watches.
        deadline: day from which a tick may find such a deadline passed; None where none is awaited.
        signals: what its township was told of it, by cause and township; None before the first.
        home: township of which it counts as a household; None while the register has nobody in it.
        opened, opened_people: unpacked, once asked for; not stored.

    """

    persons: list[str] = []
    packed_facts: bytes = NO_FACTS
    packed_people: msgspec.Raw = NOBODY  # a constant, never changed in place
    case: Case | None = None
    findings: dict[str, Finding] = {}
    weights: list[int] = []
    rule_set: str = ""
    oldest: int | None = None
    arrived: dict[str, int] | None = None
    deadline: int | None = None
    signals: Signals | None = None
    home: str | None = None
    opened: list[Fact] | None = None
    opened_people: dict[str, Membership] | None = None

    @property
    def facts(self) -> dict[str, Fact]:
        """Every fact kept, by Fact.id."""
        return {fact.id: fact for fact in self.all_facts()}

    @property
    def people(self) -> dict[str, Membership]:
        """What the register says, by person_id; change it with `settle`."""
        if self.opened_people is None:
            self.opened_people = unpack_people(self.packed_people, self.persons)
        return self.opened_people

    def all_facts(self) -> list[Fact]:
        """Every fact kept, in order of arrival, `known_at` 0; change them with `put` and `forget`."""
        if self.opened is None:
            self.opened = unpack_facts(self.packed_facts, self.persons)
        return self.opened

    def put(self, fact: Fact, tick: int | None) -> News:
        """Keep a fact where it is news.

        A counted fact that the last tick would have forgotten is none: a repeat changes nothing.
        """
        if may_hold(self.packed_facts, fact.id):  # seldom: a repeat or a revision
            for place, known in enumerate(self.all_facts()):
                if known.id == fact.id:
                    return self._replace(place, known, fact)
        if fact.kind in _COUNTED:
            if tick is not None and fact.occurred_at < start_of(tick - KEPT_DAYS):
                return News.NONE
            self._note_oldest(fact.occurred_at)
        self.packed_facts = appended(self.packed_facts, fact, self.persons)
        if self.opened is not None:
            self.opened.append(replace(fact, known_at=0))
        return News.FIRST

    def settle(self, person: str, membership: Membership) -> bool:
        """Keep what the register says of a person where it is news; whether the rows changed."""
        known = self.people.get(person)
        if known is not None and membership.rank <= known.rank:
            return False
        self.people[person] = membership
        self.packed_people = pack_people(self.people, self.persons)
        return known is None or known.rows != membership.rows

    def forget(self, tick: int) -> bool:
        """Forget counted facts of more than 800 days before a tick that no cause rests on; whether there were any."""
        evidence = self._evidence()
        facts = self.all_facts()
        kept = [f for f in facts if f.kind not in _COUNTED or f.id in evidence or _forgotten_on(f.occurred_at) > tick]
        forgot = len(kept) < len(facts)
        if forgot:
            self._keep(kept)
        self.look_for_oldest()
        return forgot

    def look_for_oldest(self) -> None:
        """Find the oldest forgettable fact, after a change of what causes rest on."""
        evidence = self._evidence()
        times = [f.occurred_at for f in self.all_facts() if f.kind in _COUNTED and f.id not in evidence]
        self.oldest = min(times, default=None)

    def place(self, household_id: str) -> Place:
        """Where the household is, by the register."""
        return place_of(household_id, {person: membership.rows for person, membership in self.people.items()})

    def _replace(self, place: int, known: Fact, fact: Fact) -> News:
        if fact.rank <= known.rank:
            return News.NONE
        facts = self.all_facts()
        facts[place] = replace(fact, known_at=0)
        self._keep(facts)
        if fact.kind in _COUNTED:
            self._note_oldest(fact.occurred_at)
        return News.REPLACES

    def _keep(self, facts: list[Fact]) -> None:
        self.opened = facts
        self.packed_facts = pack_facts(facts, self.persons)

    def _note_oldest(self, occurred_at: int) -> None:
        if self.oldest is None or occurred_at < self.oldest:
            self.oldest = occurred_at

    def _evidence(self) -> set[str]:
        """Facts on which a case rests that has not ended."""
        if self.case is not None and self.case.status in ENDED:
            return set()
        return {fact for finding in self.findings.values() for fact in finding.evidence}


def _forgotten_on(occurred_at: int) -> int:
    """First day whose tick forgets a counted fact."""
    return day_of(occurred_at) + KEPT_DAYS + 1


def due_day(household: Household) -> int:
    """Beijing day from which a tick must visit the household; 0 where nothing is due, never later than needed.

    It is the earliest of a fact to forget, a deadline that a rule watches, and a day that changes what the alert says.
    """
    oldest, deadline, case = household.oldest, household.deadline, household.case
    if case is not None and case.touched is not None and case.touched.due:
        deadline = case.touched.due if deadline is None else min(deadline, case.touched.due)
    if oldest is None:
        return 0 if deadline is None else max(1, deadline)
    forgotten = _forgotten_on(oldest)
    return max(1, forgotten if deadline is None or forgotten < deadline else deadline)


def pack(household: Household) -> bytes:
    """Table row of a household."""
    return _encode(
        (
            household.persons,
            household.packed_facts,
            household.packed_people,
            household.case,
            household.findings,
            household.weights,
            household.rule_set,
            household.oldest,
            household.arrived,
            household.deadline,
            household.signals,
            household.home,
        )
    )


unpack = msgspec.msgpack.Decoder(Household).decode
"""Household of a table row; msgspec.DecodeError where the row is corrupt."""


def too_large(packed: bytes) -> bool:
    """Whether a table row is over the limit: then the shell refuses the record and keeps the row before it."""
    return len(packed) > MOST_BYTES
