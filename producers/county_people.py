"""Who lives in the made-up county: townships, villages, grids, households, people. All invented; seeded.

Shaped by domain.md 7: 15 townships, 105 villages, about 54 households a grid, 3.8 people a household, a fifth of the
households lifted, 0.3 % monitored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from schemas.identity import check_digit

COUNTY = 231222
TOWNSHIPS, VILLAGES = 15, 7
HOUSEHOLDS_A_GRID = 54
_OLD_COUNTIES = (231200, 230628, 999999)  # moved in, or born before the codes changed
_SIZES, _SIZE_WEIGHTS = (1, 2, 3, 4, 5, 6, 7), (6, 15, 22, 26, 17, 9, 5)
_RELOCATED, _MONITORED, _LIFTED, _ALLOWANCE = 0.02, 0.003, 0.21, 0.067
_STAGES = (("kinder", 3, 5), ("primary", 6, 11), ("junior", 12, 14), ("senior", 15, 17), ("college", 18, 21))
_ONE_MONITORED_OF = 300
"""A small county has some, too: there is a story for them."""
_YEAR = 365.25


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A made-up person.

    Attributes:
        number: invented identity number with a true check digit.
        stage: school, or None.

    """

    number: str
    born: date
    labour: str
    stage: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Household:
    """A made-up household.

    Attributes:
        allowance: gets the minimum living allowance.

    """

    household_id: str
    township_code: str
    village_code: str
    grid_code: str
    tags: tuple[str, ...]
    allowance: bool
    members: tuple[Person, ...]

    @property
    def low_income(self) -> bool:
        """Whether the lower line for medical spending is its line."""
        return self.allowance or self.marked

    @property
    def marked(self) -> bool:
        """Whether all its members are to be insured."""
        return "lifted" in self.tags or "monitored" in self.tags

    @property
    def pupil(self) -> Person | None:
        """A member of compulsory school age."""
        return next((p for p in self.members if p.stage in ("primary", "junior")), None)


class PeopleMaker:
    """Makes people, no two with one number."""

    def __init__(self, rng: Random, today: date) -> None:
        """Ages count on `today`."""
        self._rng = rng
        self._today = today
        self._taken: set[str] = set()

    def person(self, youngest: int, oldest: int) -> Person:
        """Make somebody of this age."""
        rng = self._rng
        age = rng.uniform(youngest, oldest)
        born = self._today - timedelta(days=int(age * _YEAR) + 1)
        return Person(self._number(born), born, self._labour(age), self._stage(age))

    def _number(self, born: date) -> str:
        while True:
            county = COUNTY if self._rng.random() < 0.93 else self._rng.choice(_OLD_COUNTIES)
            digits = f"{county}{born:%Y%m%d}{self._rng.randrange(1000):03d}"
            if digits not in self._taken:
                self._taken.add(digits)
                return digits + check_digit(digits)

    def _labour(self, age: float) -> str:
        able_from, weak_from, none_from = 16, 60, 70
        if age < able_from or age >= none_from:
            return "none"
        return "weak" if age >= weak_from or self._rng.random() < 0.05 else "able"

    def _stage(self, age: float) -> str | None:
        stage = next((name for name, low, high in _STAGES if low <= int(age) <= high), None)
        return None if stage == "college" and self._rng.random() > 0.4 else stage


def make_households(rng: Random, count: int, maker: PeopleMaker) -> list[Household]:
    """Households spread over the county's villages and grids."""
    made = []
    for number in range(count):
        village = number % (TOWNSHIPS * VILLAGES)
        township_code = f"{COUNTY}{101 + village // VILLAGES:03d}"
        village_code = f"{township_code}{201 + village % VILLAGES:03d}"
        grid = number // (TOWNSHIPS * VILLAGES) // HOUSEHOLDS_A_GRID + 1
        made.append(
            Household(
                f"H{number + 1:06d}",
                township_code,
                village_code,
                f"{village_code}{grid:02d}",
                _tags(rng, surely_monitored=number % _ONE_MONITORED_OF == 0),
                rng.random() < _ALLOWANCE,
                _members(rng, maker),
            )
        )
    return made


def _tags(rng: Random, *, surely_monitored: bool) -> tuple[str, ...]:
    tags = []
    if rng.random() < _LIFTED:
        tags.append("lifted")
    if rng.random() < _MONITORED or surely_monitored:
        tags.append("monitored")
    if rng.random() < _RELOCATED:
        tags.append("relocated")
    return tuple(tags)


def _members(rng: Random, maker: PeopleMaker) -> tuple[Person, ...]:
    size = rng.choices(_SIZES, _SIZE_WEIGHTS)[0]
    members = [maker.person(28, 75)]
    if size > 1:
        members.append(maker.person(26, 74))
    while len(members) < size:
        members.append(maker.person(1, 21) if rng.random() < 0.55 else maker.person(55, 90))
    return tuple(members)
