"""The made-up county's rural revitalisation bureau: incomes that rise, visits, families that change."""

from __future__ import annotations

from datetime import date

from producers.county_events import Year
from producers.county_people import Household
from schemas.cells import Row

_VISITED, _CHANGED = 0.1, 0.01
_GUARANTEES = "education;medical;housing;water"


def tell(year: Year, home: Household) -> None:
    """A household's ordinary year: its income is over 12 000 yuan a head and does not fall; it reports no trouble."""
    rng = year.rng
    last = year.start.year - 1
    before = float(rng.randrange(120, 260) * 100)
    income: Row = {"year": last, "per_capita_net": round(before * 1.08, 2), "prev_year": before, "source": "system"}
    day = rng.randrange(60)
    year.tell("rural_revitalisation.income", home, day, {**income, "period_end": date(last, 12, 31)})
    if rng.random() < _VISITED:
        day = rng.randrange(365)
        found: Row = {"themes": "income;housing;water", "income_change": rng.choice(("rise", "same"))}
        met: Row = {"visited_on": year.date_of(day), "visitor_role": "grid", "guarantees_ok": _GUARANTEES}
        year.tell("rural_revitalisation.visit", home, day, {"campaign_id": "PC-1", **found, **met})
    if rng.random() < _CHANGED:
        day = rng.randrange(365)
        gone: Row = {"action": rng.choice(("join", "leave", "death")), "effective_on": year.date_of(day)}
        year.tell("rural_revitalisation.household_change", home, day, gone)
