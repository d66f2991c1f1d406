"""The few households of the made-up county that need a visit, and the near misses that do not.

Each pattern says what it injects and which alert must follow, by cause and level; the generator knows, because it
wrote it. Amounts in yuan; the lines are those of the shipped rules (10 000 low income, 26 000 others, red at twice).
"""

from __future__ import annotations

from datetime import timedelta

from producers.county_events import Happening, Year, bill, fee, inspection, school
from producers.county_patterns import Pattern, Story, anybody, low, other, pupil_of, schooling
from producers.county_people import Household, Person


def _patient(household: Household) -> Person:
    return household.members[0]


def _spend(year: Year, household: Household, low: int, high: int) -> list[Happening]:
    """Bills within 300 days whose patient's shares sum to low … high."""
    rng = year.rng
    total = rng.randrange(low * 100, high * 100) / 100
    first = round(total * rng.uniform(0.3, 0.6), 2)
    start = rng.randrange(60)
    parts = [first, round(total - first, 2)]
    return [
        bill(year, _patient(household), start + rng.randrange(n * 100, n * 100 + 150), part)
        for n, part in enumerate(parts)
    ]


def _medical(low: int, high: int) -> Story:
    def tell(year: Year, household: Household) -> None:
        _spend(year, household, low, high)

    return tell


def _dropout(year: Year, household: Household) -> None:
    pupil = pupil_of(household)
    school(year, pupil, 10, "in_school")
    school(year, pupil, 60 + year.rng.randrange(280), "dropout", 30)


def _house(grades: str) -> Story:
    def tell(year: Year, household: Household) -> None:
        inspection(year, household, 30 + year.rng.randrange(320), year.rng.choice(grades))

    return tell


def _troubles(*, medical: bool, owing: bool, grade: str) -> Story:
    """Two or three of: bills over 5 000 yuan, an overdue fee, an unsafe house; bills and fee within 180 days."""

    def tell(year: Year, household: Household) -> None:
        day = 60 + year.rng.randrange(120)
        if medical:
            bill(year, _patient(household), day, round(year.rng.uniform(5_000, 9_900), 2))
        if owing:
            fee(year, pupil_of(household), day + year.rng.randrange(150), float(year.rng.randrange(6, 20) * 50))
        if grade:
            inspection(year, household, year.rng.randrange(day), grade)

    return tell


def _far_apart(year: Year, household: Household) -> None:
    bill(year, _patient(household), 5, 7_000.0)
    fee(year, pupil_of(household), 200 + year.rng.randrange(100), 900.0)


def _corrected_bill(year: Year, household: Household) -> None:
    wrong = bill(year, _patient(household), 40 + year.rng.randrange(200), 30_000.0, punctual=True)
    year.revise(wrong, self_pay=3_000.0)


def _retracted_dropout(year: Year, household: Household) -> None:
    year.retract(school(year, pupil_of(household), 60 + year.rng.randrange(250), "dropout", 20))


def _returned(year: Year, household: Household) -> None:
    day = 60 + year.rng.randrange(200)
    school(year, pupil_of(household), day, "dropout", 20)
    school(year, pupil_of(household), day + 40, "returned")


def _repaired(year: Year, household: Household) -> None:
    day = 20 + year.rng.randrange(150)
    inspection(year, household, day, "D")
    due_on = year.start + timedelta(days=day + 100)
    for state, after in (("planned", 10), ("started", 40), ("finished", 95)):
        year.report("housing.renovation", household, day + after, state=state, due_on=due_on)
    inspection(year, household, day + 120, "A")


CRISES: tuple[Pattern, ...] = (
    Pattern("medical, low income", 8, ("illness",), "orange", low, _medical(10_000, 19_999)),
    Pattern("medical, low income, twice the line", 4, ("illness",), "red", low, _medical(20_000, 45_000)),
    Pattern("medical", 5, ("illness",), "orange", other, _medical(26_000, 51_999)),
    Pattern("medical, twice the line", 2, ("illness",), "red", other, _medical(52_000, 90_000)),
    Pattern("dropout", 6, ("schooling",), "red", schooling, _dropout),
    Pattern("house C", 8, ("house",), "orange", anybody, _house("C")),
    Pattern("house D", 4, ("house",), "red", anybody, _house("D")),
    Pattern(
        "medical, fee and house", 4, ("compound", "house"), "red", schooling,
        _troubles(medical=True, owing=True, grade="C"),
    ),
    Pattern("medical and fee", 4, ("compound",), "orange", schooling, _troubles(medical=True, owing=True, grade="")),
    Pattern(
        "medical and house", 3, ("compound", "house"), "orange", anybody,
        _troubles(medical=True, owing=False, grade="C"),
    ),
    Pattern(
        "fee and house", 3, ("compound", "house"), "red", schooling, _troubles(medical=False, owing=True, grade="D")
    ),
    Pattern("near miss: medical and fee far apart", 4, (), "", schooling, _far_apart),
    Pattern("near miss: under the low line", 8, (), "", low, _medical(9_000, 9_999)),
    Pattern("near miss: under the other line", 8, (), "", other, _medical(20_000, 25_999)),
    Pattern("withdrawn: bill corrected", 4, (), "", low, _corrected_bill),
    Pattern("withdrawn: dropout taken back", 2, (), "", schooling, _retracted_dropout),
    Pattern("withdrawn: pupil returned", 3, (), "", schooling, _returned),
    Pattern("withdrawn: house repaired", 3, (), "", anybody, _repaired),
)  # fmt: skip
