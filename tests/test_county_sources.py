"""The made-up county's ten departments beside the first four: an ordinary year of theirs calls for nothing."""

from __future__ import annotations

from datetime import date
from random import Random

from producers.county_events import Happening, Year
from producers.county_people import PeopleMaker, make_households
from producers.county_sources import tell_sources
from schemas.cells import Row
from schemas.departments import BY_CODE

END = date(2026, 9, 30)
FIRST_FOUR = {"health_insurance", "civil_affairs", "housing", "education"}


def told(seed: int) -> list[Happening]:
    """What is reported of an ordinary year of a thousand households."""
    rng = Random(seed)
    year, homes = Year(rng, END), make_households(rng, 1000, PeopleMaker(rng, END))
    tell_sources(year, homes, sorted({home.village_code for home in homes}))
    return year.first


def test_each_of_the_ten_reports_an_ordinary_year() -> None:
    assert {happening.department for happening in told(7)} == BY_CODE.keys() - FIRST_FOUR


def test_an_ordinary_year_stays_under_every_line() -> None:
    said: dict[str, list[Row]] = {}
    for happening in told(1):
        said.setdefault(happening.kind, []).append(happening.body)

    assert all(body["pass"] for body in said["quality"])
    assert all(number(body, "est_days") < 3 for body in [*said["outage"], *said["access"]])
    assert all(number(body, "affected_households") == 0 for body in said["epidemic_impact"])
    assert all(number(body, "grade") >= 3 for body in said["cert"])
    assert all(number(body, "overdue_days") < 30 for body in said["microloan"])
    assert all(number(body, "loss") < 5_000 for body in said["household_loss"])
    assert all(body["insured"] or number(body, "loss") < 5_000 for body in said["loss"])
    assert all(number(body, "per_capita_net") > number(body, "prev_year") > 10_000 for body in said["income"])
    assert all(body["treated"] for body in said["major_disease"])
    assert all(number(body, "level") >= 3 for body in said["warning"])
    assert "self_report" not in said


def number(body: Row, column: str) -> float:
    value = body[column]
    assert isinstance(value, int | float), column
    return value
