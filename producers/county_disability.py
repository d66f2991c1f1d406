"""The made-up county's disabled persons' federation: light disabilities, subsidies that go on."""

from __future__ import annotations

from producers.county_events import Year
from producers.county_people import Household

_DISABLED, _SUBSIDISED = 0.01, 0.5
_CATEGORIES = ("visual", "hearing", "speech", "physical", "intellectual", "mental", "multiple")


def tell(year: Year, home: Household) -> None:
    """A household's ordinary year: new certificates are of grade 3 or 4."""
    rng = year.rng
    for person in home.members:
        if rng.random() >= _DISABLED:
            continue
        day, category = rng.randrange(300), rng.choice(_CATEGORIES)
        year.tell("disability.cert", person, day, {"category": category, "grade": rng.choice((3, 4)), "change": "new"})
        if rng.random() < _SUBSIDISED:
            kind = rng.choice(("living", "nursing"))
            year.tell("disability.subsidy", person, day + 30, {"subsidy_type": kind, "status": "granted"})
