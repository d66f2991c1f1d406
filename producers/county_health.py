"""The made-up county's health commission: certificates, treated diseases, outbreaks that harm nobody."""

from __future__ import annotations

from datetime import timedelta

from producers.county_events import Year
from producers.county_people import Household
from schemas.cells import Row

_CHRONIC, _DISEASE, _OUTBREAK = 0.03, 0.004, 0.1
_GROUPS = ("cancer", "heart", "cerebrovascular", "renal", "blood", "mental", "infectious", "childhood")


def tell(year: Year, home: Household) -> None:
    """A household's ordinary year: whoever is ill is treated, and nobody whose household is lifted."""
    rng = year.rng
    for person in home.members:
        day = rng.randrange(365)
        if rng.random() < _CHRONIC:
            valid_to = year.end + timedelta(days=rng.randrange(200, 900))
            year.tell("health.chronic_cert", person, day, {"grade": rng.randrange(1, 4), "valid_to": valid_to})
        if rng.random() < _DISEASE and not home.marked:
            known: Row = {"treated": True, "registered_on": year.date_of(day)}
            year.tell("health.major_disease", person, day, {"disease_group": rng.choice(_GROUPS), **known})


def tell_village(year: Year, village_code: str) -> None:
    """An outbreak in a village in ten, of which no household suffers."""
    rng = year.rng
    if rng.random() < _OUTBREAK:
        hit: Row = {"region_code": village_code, "affected_households": 0}
        year.tell("health.epidemic_impact", None, rng.randrange(365), hit)
