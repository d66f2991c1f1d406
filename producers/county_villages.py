"""Troubles of whole villages and townships of the made-up county, and one that many households share.

Each pattern says which area alert must follow. The lines are those of the shipped rules: three days without water or
road, warnings of level 1 and 2 while they last, one household hit by an epidemic, five households of a township with
one cause within 30 days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from producers.county_events import Happening, Year
from producers.county_losses import lose
from producers.county_people import Household
from schemas.cells import Row

STORM = "hail over a township"
_STORM_DAY, _STORM_DAYS, _STRUCK = 250, 10, 6
_TOWNSHIP_DIGITS = 9


@dataclass(frozen=True, slots=True)
class VillagePattern:
    """A kind of trouble that befalls a village, or the township in which it lies.

    Attributes:
        causes: of the alert that must follow; none for a near miss.
        level: of that alert, `""` for a near miss.
        township: whether it is the township's.

    """

    name: str
    causes: tuple[str, ...]
    level: str
    tell: Callable[[Year, str], None]
    township: bool = False

    def place(self, village_code: str) -> str:
        """Code of the village, or of its township."""
        return village_code[:_TOWNSHIP_DIGITS] if self.township else village_code


def _outage(year: Year, village: str, days: int) -> Happening:
    day = 20 + year.rng.randrange(320)
    cut: Row = {"facility_id": f"W-{village[-6:]}-2", "village_codes": village, "since": year.date_of(day)}
    return year.tell("water.outage", None, day, {**cut, "est_days": days})


def _no_water(year: Year, village: str) -> None:
    _outage(year, village, 3 + year.rng.randrange(5))


def _two_days_without(year: Year, village: str) -> None:
    _outage(year, village, 2)


def _outage_corrected(year: Year, village: str) -> None:
    year.revise(_outage(year, village, 9), est_days=1)


def _tested(year: Year, village: str, day: int, *, good: bool) -> None:
    found: Row = {"pass": good, "indicator": "none" if good else "microbe", "tested_on": year.date_of(day)}
    year.tell("water.quality", None, day, {"facility_id": f"W-{village[-6:]}-2", "village_codes": village, **found})


def _bad_water(year: Year, village: str) -> None:
    _tested(year, village, 20 + year.rng.randrange(320), good=False)


def _good_again(year: Year, village: str) -> None:
    day = 20 + year.rng.randrange(250)
    _tested(year, village, day, good=False)
    _tested(year, village, day + 20, good=True)


def _road(year: Year, village: str, day: int, *, blocked: bool, days: int) -> None:
    road: Row = {"road_id": f"X{village[-4:]}", "village_codes": village, "blocked": blocked, "est_days": days}
    year.tell("transport.access", None, day, road)


def _cut_off(year: Year, village: str) -> None:
    _road(year, village, 20 + year.rng.randrange(320), blocked=True, days=3 + year.rng.randrange(9))


def _open_again(year: Year, village: str) -> None:
    day = 20 + year.rng.randrange(300)
    _road(year, village, day, blocked=True, days=6)
    _road(year, village, day + 6, blocked=False, days=0)


def _flood(year: Year, village: str) -> None:
    _no_water(year, village)
    _cut_off(year, village)


def _epidemic(year: Year, village: str) -> None:
    hit: Row = {"region_code": village, "affected_households": 1 + year.rng.randrange(4)}
    year.tell("health.epidemic_impact", None, 20 + year.rng.randrange(320), hit)


def _warn(year: Year, village: str, level: int, day: int, days: int) -> None:
    begins = datetime.combine(year.date_of(day), time(20))
    township = village[:_TOWNSHIP_DIGITS]
    where: Row = {"region_code": township, "region_codes": township}
    lasts: Row = {"valid_from": begins, "valid_to": begins + timedelta(days=days)}
    year.tell("emergency.warning", None, day, {"hazard": "rain", "level": level, **where, **lasts}, punctual=True)


def _warned(level: int) -> Callable[[Year, str], None]:
    """A warning that is still in force when the year ends."""

    def tell(year: Year, village: str) -> None:
        _warn(year, village, level, 362, 5)

    return tell


def _warned_in_spring(year: Year, village: str) -> None:
    _warn(year, village, 1, 60 + year.rng.randrange(200), 2)


VILLAGES: tuple[VillagePattern, ...] = (
    VillagePattern("no water", ("water",), "orange", _no_water),
    VillagePattern("bad water", ("water",), "orange", _bad_water),
    VillagePattern("cut off", ("disaster",), "orange", _cut_off),
    VillagePattern("no water and cut off", ("disaster", "water"), "orange", _flood),
    VillagePattern("epidemic", ("illness",), "orange", _epidemic),
    VillagePattern("red warning", ("disaster",), "red", _warned(1), township=True),
    VillagePattern("orange warning", ("disaster",), "orange", _warned(2), township=True),
    VillagePattern("near miss: two days without water", (), "", _two_days_without),
    VillagePattern("withdrawn: outage corrected", (), "", _outage_corrected),
    VillagePattern("withdrawn: water good again", (), "", _good_again),
    VillagePattern("withdrawn: road open again", (), "", _open_again),
    VillagePattern("withdrawn: warning is over", (), "", _warned_in_spring, township=True),
)


def villages_for(year: Year, codes: Sequence[str]) -> dict[str, VillagePattern]:
    """Village -> what befalls it; no two in one township."""
    townships = sorted({code[:_TOWNSHIP_DIGITS] for code in codes})
    chosen = year.rng.sample(townships, len(VILLAGES))
    return {
        year.rng.choice([code for code in codes if code.startswith(township)]): pattern
        for township, pattern in zip(chosen, VILLAGES, strict=True)
    }


def storm(year: Year, homes: Sequence[Household]) -> list[Household]:
    """Hail takes the harvest of some households of a township within ten days; those are returned.

    They are six, or one in a hundred of a large township: more than make a regional alert.
    """
    struck = list(homes[: max(_STRUCK, len(homes) // 100)])
    for home in struck:
        day = _STORM_DAY + year.rng.randrange(_STORM_DAYS)
        lose(year, home, day, year.rng.randrange(5_000, 9_000) * 1.0)
    return struck
