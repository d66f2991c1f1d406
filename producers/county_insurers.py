"""The made-up county's insurers: most low-income people are covered, and small claims are paid."""

from __future__ import annotations

from producers.county_events import Year
from producers.county_people import Household
from schemas.cells import Row

_COVERED, _CLAIM = 0.9, 0.01


def tell(year: Year, home: Household) -> None:
    """A household's ordinary year."""
    rng = year.rng
    if home.low_income:
        product = rng.choice(("anti_poverty", "anti_poverty", "accident"))
        held: Row = {"product": product, "covered": rng.random() < _COVERED}
        year.tell("insurers.coverage", home, rng.randrange(30), held)
    if rng.random() < _CLAIM:
        loss = float(rng.randrange(2, 20) * 100)
        paid: Row = {"loss": loss, "paid": round(loss * 0.8, 2), "state": "paid"}
        year.tell("insurers.claim", home, rng.randrange(365), {"product": "farm", "cause": "disaster", **paid})
