"""Who moves, who is registered late, who never: what the register of the made-up county learns during the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from producers.county_events import Happening, Year, bill
from producers.county_people import Household, PeopleMaker, Person
from schemas.cells import Row

REGISTERED_SINCE = date(2019, 1, 1)


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody moves from one household to another; expected alerts stay where the bills fell."""

    month: int
    day: date
    left: Household
    joined: Household


def register_row(person: Person, household: Household, since: date = REGISTERED_SINCE) -> Row:
    """Row of the household register."""
    return {
        "id_number": person.number,
        "household_id": household.household_id,
        "valid_from": since,
        "township_code": household.township_code,
        "village_code": household.village_code,
        "grid_code": household.grid_code,
        "tags": list(household.tags),
        "labour": person.labour,
    }


class RegisterYear:
    """Rows of the register by month of the year in which they come; the first come before everything."""

    def __init__(self, year: Year, households: list[Household]) -> None:
        """Start with everybody whom the register knows."""
        self._year = year
        self.first = [register_row(person, home) for home in households for person in home.members]
        self.later: dict[int, list[Row]] = {}
        self.moves: list[Move] = []
        self.parked: list[Happening] = []

    def move(self, left: Household, joined: Household, *, spend: float) -> None:
        """Somebody moves house; before, a bill of this size falls, which stays with the old household."""
        rng = self._year.rng
        mover = left.members[-1]
        day = 120 + rng.randrange(180)
        if spend:
            bill(self._year, mover, day - 30, spend)
        bill(self._year, mover, day + 15, 50.0)
        moved_on = self._year.start + timedelta(days=day)
        month = min(self._year.month_of(day) + rng.choice((0, 1)), 11)
        self.later.setdefault(month, []).append(register_row(mover, joined, moved_on))
        self.moves.append(Move(month, moved_on, left, joined))

    def mistake(self, wrong: Household, right: Household) -> None:
        """Somebody is entered in a wrong household, and a month later taken back and entered rightly."""
        person, day = right.members[-1], date(2024, 3, 1)
        row = register_row(person, wrong, day)
        self.later.setdefault(2, []).append(row)
        self.later.setdefault(4, []).append({**row, "retracted": True})

    def registered_late(self, maker: PeopleMaker, home: Household) -> None:
        """A member whose events come before the register knows them: parked, then released."""
        person = maker.person(20, 60)
        for day in (15, 100):
            bill(self._year, person, day, 25.0)
        month = 5 + self._year.rng.randrange(4)
        self.later.setdefault(month, []).append(register_row(person, home))

    def never_registered(self, maker: PeopleMaker) -> None:
        """Somebody whom the register never learns of: parked to the end."""
        person = maker.person(20, 60)
        for _ in range(2):
            self.parked.append(bill(self._year, person, self._year.rng.randrange(330), 800.0))
