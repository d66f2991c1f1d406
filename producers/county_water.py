"""The made-up county's water works: short repairs, quarterly tests that are passed."""

from __future__ import annotations

from producers.county_events import Year
from schemas.cells import Row

_REPAIRED = 0.3


def tell_village(year: Year, village_code: str) -> None:
    """A village's ordinary year: a test each quarter, and in a village in three a repair of a day or two."""
    rng = year.rng
    works: Row = {"facility_id": f"W-{village_code[-6:]}", "village_codes": village_code}
    for quarter in range(4):
        day = 91 * quarter + rng.randrange(90)
        passed: Row = {"pass": True, "indicator": "none", "tested_on": year.date_of(day)}
        year.tell("water.quality", None, day, works | passed)
    if rng.random() < _REPAIRED:
        day = rng.randrange(360)
        cut: Row = {"since": year.date_of(day), "est_days": rng.choice((1, 2))}
        year.tell("water.outage", None, day, works | cut)
