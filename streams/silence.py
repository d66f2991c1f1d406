"""Households of the register of which no core department has spoken for a year: silence is not safety. Pure.

A million households and their people are in memory at once, so a person's rows are packed and numbers stand for
households and places; what departments reported is taken in partition by partition and leaves a day behind.
"""

from __future__ import annotations

import struct
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from schemas.beijing import day_of
from schemas.codec import Record
from schemas.fact import Fact
from streams.residence import household_of

T = TypeVar("T")
SILENT_DAYS = 365
_NEVER = -(1 << 31)
_OPEN = (1 << 31) - 1
"""Stands for the last day of a row that has none."""
_ROW = struct.Struct("<iiii")


class Where(NamedTuple):
    """Codes of a place, as a row of the register has them."""

    township: str
    village: str
    grid: str


class Stay(NamedTuple):
    """A row of a person; days since 1970-01-01, `valid_to` is the last one it holds."""

    household_id: str
    valid_from: int
    valid_to: int | None
    where: Where


class Silent(NamedTuple):
    """A household of which nobody has spoken; `last` is the last day on which somebody did, None where nobody ever."""

    household_id: str
    where: Where
    last: int | None


@dataclass(slots=True)
class Register:
    """Who lives where, by all rows of the register.

    Attributes:
        index: household_id -> its number, which is its place in `ids`.
        people: person_id -> packed rows.

    """

    index: dict[str, int] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    people: dict[bytes, bytes] = field(default_factory=dict)
    _places: dict[Where, int] = field(default_factory=dict)
    _wheres: list[Where] = field(default_factory=list)

    def take(self, row: Record) -> None:
        """Take a valid `register_row` in; rows of one person, household and first day replace each other."""
        person, first, last = row["person_id"].encode(), row["valid_from"], row["valid_to"]
        number = _number(row["household_id"], self.index, self.ids)
        place = _number(Where(row["township_code"], row["village_code"], row["grid_code"]), self._places, self._wheres)
        kept = [each for each in _ROW.iter_unpack(self.people.get(person, b"")) if each[:2] != (number, first)]
        if not row["retracted"]:
            kept.append((number, first, _OPEN if last is None else last, place))
        self.people[person] = b"".join(_ROW.pack(*each) for each in kept)

    def stays(self, person: str | bytes) -> list[Stay]:
        """Rows of a person that were not taken back."""
        key = person.encode() if isinstance(person, str) else person
        return [
            Stay(self.ids[number], first, None if last == _OPEN else last, self._wheres[place])
            for number, first, last, place in _ROW.iter_unpack(self.people.get(key, b""))
        ]

    def inhabited(self, day: int) -> dict[str, Where]:
        """Households in which somebody lives on a day, and where they are: by the newest row of those who do."""
        newest: dict[str, tuple[int, Where]] = {}
        for person in self.people:
            stays = self.stays(person)
            home = household_of(stays, day)
            for stay in stays:
                if stay.household_id == home:
                    newest[home] = max(newest.get(home, (_NEVER, stay.where)), (stay.valid_from, stay.where))
        return {home: where for home, (_, where) in newest.items()}


def _number(what: T, index: dict[T, int], known: list[T]) -> int:
    number = index.setdefault(what, len(known))
    if number == len(known):
        known.append(what)
    return number


class Report(NamedTuple):
    """An event as it stands: of a person, or of a household itself."""

    rank: tuple[int, bool, bytes]
    person: str | None
    household_id: str | None
    day: int


class Reports:
    """Events of one partition of a department, each as it stands after its revisions."""

    def __init__(self) -> None:
        """Nothing reported yet."""
        self._known: dict[str, Report] = {}

    def take(self, fact: Fact, household_id: str | None) -> None:
        """Take a valid event in; `household_id` where no person is its subject."""
        known = self._known.get(fact.id)
        if known is None or fact.rank > known.rank:
            self._known[fact.id] = Report(fact.rank, fact.person, household_id, day_of(fact.occurred_at))

    def standing(self) -> Iterator[Report]:
        """Those that were not taken back."""
        return (each for each in self._known.values() if not each.rank[1])


class Heard:
    """When core departments last spoke of each household, up to a day."""

    def __init__(self, register: Register, day: int) -> None:
        """Nothing was heard yet."""
        self.register, self.day = register, day
        self._last = array("i", [_NEVER]) * len(register.ids)

    def take(self, reports: Iterable[Report]) -> None:
        """Take in what stands of one partition; an event of a person counts where the person lived on its day."""
        for _, person, household_id, day in reports:
            home = household_id if person is None else household_of(self.register.stays(person), day)
            number = self.register.index.get(home) if home is not None and day <= self.day else None
            if number is not None:
                self._last[number] = max(self._last[number], day)

    def silent(self, inhabited: dict[str, Where]) -> list[Silent]:
        """Households of which nobody has spoken in the year that ends on the day, township by township."""
        found = []
        for home, where in inhabited.items():
            last = self._last[self.register.index[home]]
            if last <= self.day - SILENT_DAYS:
                found.append(Silent(home, where, None if last == _NEVER else last))
        return sorted(found, key=lambda each: (each.where, each.household_id))


class Share(NamedTuple):
    """How many households of a township there are, and how many of them are silent."""

    households: int
    silent: int


def by_township(inhabited: dict[str, Where], silent: Iterable[Silent]) -> dict[str, Share]:
    """Count, by township code."""
    households = Counter(where.township for where in inhabited.values())
    quiet = Counter(each.where.township for each in silent)
    return {code: Share(number, quiet[code]) for code, number in sorted(households.items())}
