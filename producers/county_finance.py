"""The made-up county's credit union: micro-loans that are paid back, at worst some days late."""

from __future__ import annotations

from producers.county_events import Year
from producers.county_people import Household
from schemas.cells import Row

_LOAN, _LATE, _REPAID = 0.04, 0.1, 0.5


def tell(year: Year, home: Household) -> None:
    """A household's ordinary year: nobody is 30 days overdue."""
    rng = year.rng
    if rng.random() >= _LOAN:
        return
    loan: Row = {"principal": rng.randrange(1, 6) * 10_000}
    day = rng.randrange(200)
    year.tell("finance.microloan", home, day, {**loan, "overdue_days": 0, "state": "issued"})
    if rng.random() < _LATE:
        late: Row = {"overdue_days": rng.randrange(1, 28), "state": "overdue"}
        year.tell("finance.microloan", home, day + 100, loan | late)
    if rng.random() < _REPAID:
        year.tell("finance.microloan", home, day + 150, {**loan, "overdue_days": 0, "state": "repaid"})
