"""Losses and debts of the made-up county: what emergency and agriculture offices and the credit union see.

As in county_crises each pattern says which alert must follow. The lines are those of the shipped rules: 5 000 yuan
lost, in 120 days what was not insured, 30 days overdue, 90 days between loss and debt.
"""

from __future__ import annotations

from producers.county_events import Year
from producers.county_patterns import Pattern, Story, anybody
from producers.county_people import Household
from schemas.cells import Row


def hit(year: Year, household: Household, day: int, loss: float, *, damaged: bool = False) -> None:
    """The emergency office registers what a household lost."""
    lost: Row = {"hazard": year.rng.choice(("flood", "hail")), "loss": loss, "house_damaged": damaged, "casualties": 0}
    year.tell("emergency.household_loss", household, day, lost)


def lose(year: Year, household: Household, day: int, loss: float, *, insured: bool = False) -> None:
    """The agriculture office registers what a household's crops lost."""
    lost: Row = {"area": 30, "loss": loss, "insured": insured, "cause": year.rng.choice(("flood", "hail", "drought"))}
    year.tell("agriculture.loss", household, day, {"industry": "crop", **lost})


def _owe(year: Year, household: Household, day: int, days: int, state: str = "overdue") -> None:
    loan: Row = {"principal": 30_000, "overdue_days": days, "state": state}
    year.tell("finance.microloan", household, day, loan, punctual=True)


def _disaster(least: int, most: int, *, damaged: bool = False) -> Story:
    def tell(year: Year, household: Household) -> None:
        loss = year.rng.randrange(least * 100, most * 100) / 100
        hit(year, household, 20 + year.rng.randrange(330), loss, damaged=damaged)

    return tell


def _crops(least: int, most: int, *, insured: bool = False) -> Story:
    """Two losses within 120 days that come to so much."""

    def tell(year: Year, household: Household) -> None:
        loss = year.rng.randrange(least * 100, most * 100) / 100
        first, day = round(loss * 0.4, 2), 20 + year.rng.randrange(200)
        lose(year, household, day, first, insured=insured)
        lose(year, household, day + year.rng.randrange(100), round(loss - first, 2), insured=insured)

    return tell


def _crops_far_apart(year: Year, household: Household) -> None:
    day = 20 + year.rng.randrange(150)
    for later in (0, 130):
        lose(year, household, day + later, 4_000.0)


def _overdue(least: int, most: int) -> Story:
    def tell(year: Year, household: Household) -> None:
        day = 60 + year.rng.randrange(280)
        _owe(year, household, 5, 0, "issued")
        _owe(year, household, day, year.rng.randrange(least, most))

    return tell


def _paid_back(year: Year, household: Household) -> None:
    day = 60 + year.rng.randrange(200)
    _owe(year, household, day, 45)
    _owe(year, household, day + 60, 0, "repaid")


def _loss_and_debt(year: Year, household: Household) -> None:
    day = 60 + year.rng.randrange(200)
    hit(year, household, day, year.rng.randrange(5_000, 9_000) * 1.0)
    _owe(year, household, day + year.rng.randrange(80), year.rng.randrange(30, 90))


def _loss_corrected(year: Year, household: Household) -> None:
    hit(year, household, 20 + year.rng.randrange(300), 50_000.0)
    year.revise(year.first[-1], loss=500.0)


LOSSES: tuple[Pattern, ...] = (
    Pattern("house damaged", 3, ("disaster",), "red", anybody, _disaster(500, 4_000, damaged=True)),
    Pattern("disaster", 4, ("disaster",), "orange", anybody, _disaster(5_000, 30_000)),
    Pattern("crops lost, not insured", 4, ("disaster",), "orange", anybody, _crops(5_000, 20_000)),
    Pattern("loan overdue", 5, ("production",), "yellow", anybody, _overdue(30, 120)),
    Pattern("loss and debt", 3, ("disaster", "production"), "red", anybody, _loss_and_debt),
    Pattern("near miss: loss under the line", 3, (), "", anybody, _disaster(3_000, 4_999)),
    Pattern("near miss: crops lost, insured", 3, (), "", anybody, _crops(8_000, 20_000, insured=True)),
    Pattern("near miss: crops lost far apart", 2, (), "", anybody, _crops_far_apart),
    Pattern("near miss: loan 29 days overdue", 3, (), "", anybody, _overdue(20, 29)),
    Pattern("withdrawn: loan paid back", 2, (), "", anybody, _paid_back),
    Pattern("withdrawn: loss corrected", 2, (), "", anybody, _loss_corrected),
)
