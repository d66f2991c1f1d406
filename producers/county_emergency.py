"""The made-up county's emergency office: warnings of the lower levels, small losses."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from producers.county_events import Year
from producers.county_people import Household
from schemas.cells import Row

_LOSS, _WARNED = 0.01, 0.5
_HAZARDS = ("flood", "rain", "hail", "drought", "quake", "fire")


def tell(year: Year, home: Household) -> None:
    """A household's ordinary year: losses stay under 3 000 yuan, and the house stands."""
    rng = year.rng
    if rng.random() < _LOSS:
        lost: Row = {"loss": float(rng.randrange(2, 30) * 100), "house_damaged": False, "casualties": 0}
        year.tell("emergency.household_loss", home, rng.randrange(365), {"hazard": rng.choice(_HAZARDS), **lost})


def tell_village(year: Year, village_code: str) -> None:
    """A warning of level 3 or 4 for half of the townships, told with their first village."""
    rng = year.rng
    if not village_code.endswith("1") or rng.random() >= _WARNED:
        return
    day, township = rng.randrange(360), village_code[:9]
    begins = datetime.combine(year.date_of(day), time(20))
    ends = begins + timedelta(hours=rng.randrange(6, 48))
    where: Row = {"region_code": township, "region_codes": township, "valid_from": begins, "valid_to": ends}
    year.tell("emergency.warning", None, day, {"hazard": "rain", "level": rng.choice((3, 4)), **where})
