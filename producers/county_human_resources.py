"""The made-up county's labour office: people find work, change it, keep public posts."""

from __future__ import annotations

from producers.county_events import Year
from producers.county_people import Household, Person
from schemas.cells import Row

_HIRED, _LOST, _POST = 0.15, 0.02, 0.15
_PLACES = ("in_county", "in_province", "out_of_province")


def tell(year: Year, home: Household) -> None:
    """A household's ordinary year: who loses work has other work within a month."""
    rng = year.rng
    for person in home.members:
        if person.labour == "able" and rng.random() < _HIRED:
            _works(year, person, rng.randrange(365), "hired")
        if person.labour == "able" and rng.random() < _LOST:
            lost = rng.randrange(300)
            _works(year, person, lost, "lost")
            _works(year, person, lost + rng.randrange(5, 30), "hired")
        if person.labour == "weak" and home.low_income and rng.random() < _POST:
            post: Row = {"action": "assigned", "monthly": 600}
            year.tell("human_resources.public_post", person, rng.randrange(365), post)


def _works(year: Year, person: Person, day: int, change: str) -> None:
    """The office knows of it in time: what follows must not be overtaken."""
    wage = float(year.rng.randrange(20, 60) * 100)
    body: Row = {"monthly_wage_before": wage, "after": 0 if change == "lost" else wage}
    place = year.rng.choice(_PLACES)
    year.tell("human_resources.employment", person, day, {"change": change, "place": place, **body}, punctual=True)
