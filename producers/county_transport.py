"""The made-up county's roads: cut for a day or two, then open again."""

from __future__ import annotations

from producers.county_events import Year
from schemas.cells import Row

_CUT = 0.2


def tell_village(year: Year, village_code: str) -> None:
    """A village's ordinary year."""
    rng = year.rng
    if rng.random() >= _CUT:
        return
    day, days = rng.randrange(350), rng.choice((1, 2))
    road: Row = {"road_id": f"Y{village_code[-4:]}", "village_codes": village_code}
    year.tell("transport.access", None, day, {**road, "blocked": True, "est_days": days})
    year.tell("transport.access", None, day + days, {**road, "blocked": False, "est_days": 0})
