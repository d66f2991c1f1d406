"""An ordinary year of the departments beside the first four: none of it calls for a visit."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
from producers.county_people import Household

_HOUSEHOLDS: tuple[Callable[[Year, Household], None], ...] = (
    county_health.tell,
    county_disability.tell,
    county_human_resources.tell,
    county_emergency.tell,
    county_agriculture.tell,
    county_finance.tell,
    county_insurers.tell,
    county_rural_revitalisation.tell,
)
_VILLAGES: tuple[Callable[[Year, str], None], ...] = (
    county_health.tell_village,
    county_water.tell_village,
    county_emergency.tell_village,
    county_transport.tell_village,
)


def tell_sources(year: Year, homes: Iterable[Household], villages: Iterable[str]) -> None:
    """Tell an ordinary year of quiet households, and of all villages."""
    for home in homes:
        for tell in _HOUSEHOLDS:
            tell(year, home)
    for village in villages:
        for tell_village in _VILLAGES:
            tell_village(year, village)
