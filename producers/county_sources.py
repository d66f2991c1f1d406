"""An ordinary year of the ten departments that no story of the made-up county is about yet.

Each draws from a random stream of its own, so that what one reports changes nothing in the others' files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from random import Random

from producers import (
    county_agriculture,
    county_disability,
    county_emergency,
    county_finance,
    county_health,
    county_human_resources,
    county_insurers,
    county_rural_revitalisation,
    county_transport,
    county_water,
)
from producers.county_events import Year
from producers.county_files import Format
from producers.county_people import Household

Tell = Callable[[Year, Household], None]
TellVillage = Callable[[Year, str], None]

HOUSEHOLDS: dict[str, Tell] = {
    "health": county_health.tell,
    "disability": county_disability.tell,
    "human_resources": county_human_resources.tell,
    "emergency": county_emergency.tell,
    "agriculture": county_agriculture.tell,
    "finance": county_finance.tell,
    "insurers": county_insurers.tell,
    "rural_revitalisation": county_rural_revitalisation.tell,
}
"""Departments that report of households."""
VILLAGES: dict[str, TellVillage] = {
    "health": county_health.tell_village,
    "water": county_water.tell_village,
    "emergency": county_emergency.tell_village,
    "transport": county_transport.tell_village,
}
"""Departments that report of villages."""
FORMATS: dict[str, Format] = {
    "health": "xlsx",
    "disability": "csv",
    "water": "csv",
    "human_resources": "xlsx",
    "emergency": "jsonl",
    "agriculture": "csv-gb18030",
    "transport": "jsonl",
    "finance": "xlsx",
    "insurers": "csv",
    "rural_revitalisation": "xlsx",
}


def tell_sources(seed: int, homes: list[Household], end: date) -> dict[str, Year]:
    """Department -> its year; the same arguments give the same years."""
    villages = sorted({home.village_code for home in homes})
    return {code: _year(code, seed, homes, villages, end) for code in FORMATS}


def _year(code: str, seed: int, homes: list[Household], villages: Iterable[str], end: date) -> Year:
    year = Year(Random(f"{seed}/{len(homes)}/{code}"), end)
    if tell := HOUSEHOLDS.get(code):
        for home in homes:
            tell(year, home)
    if tell_village := VILLAGES.get(code):
        for village in villages:
            tell_village(year, village)
    return year
