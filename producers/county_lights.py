"""Smaller troubles of the made-up county, yellow by themselves, and what they come to together.

As in county_crises each pattern says which alert must follow. The lines are those of the shipped rules: five days of
absence, 1 000 yuan for 30 days, 30 days after the day on which the works were due, 90 days between cut and trouble.
"""

from __future__ import annotations

from datetime import timedelta

from producers.county_events import Year, bill, fee, inspection, school
from producers.county_patterns import (
    Pattern,
    anybody,
    lifted,
    lifted_schooling,
    monitored,
    on_allowance,
    pupil_of,
    schooling,
)
from producers.county_people import Household

_DONE_BY_NOW = 300
"""Works due by this day of the year are late at its end."""


def _insurance(year: Year, household: Household, day: int, status: str) -> None:
    insured_for = (year.start + timedelta(days=day)).year
    member, subsidy = household.members[-1], 380.0 if status == "enrolled" else 0.0
    year.report("health_insurance.enrolment", member, day, year=insured_for, status=status, subsidy=subsidy)


def _not_insured(year: Year, household: Household) -> None:
    _insurance(year, household, 40 + year.rng.randrange(300), year.rng.choice(("not_enrolled", "lapsed")))


def _insured_again(year: Year, household: Household) -> None:
    _insurance(year, household, 40, "lapsed")
    _insurance(year, household, 70, "enrolled")


def _cut(year: Year, household: Household) -> None:
    """Bills that raise an alert, and within 90 days the allowance is reduced."""
    day = 60 + year.rng.randrange(150)
    bill(year, household.members[0], day, round(year.rng.uniform(10_000, 19_999), 2))
    reduced = day + year.rng.randrange(1, 80)
    year.report(
        "civil_affairs.dibao_change",
        household,
        reduced,
        action="reduced",
        monthly_amount=180.0,
        members=len(household.members),
        effective_on=year.start + timedelta(days=reduced + 1),
    )


def _absent(year: Year, household: Household) -> None:
    school(year, pupil_of(household), 60 + year.rng.randrange(280), "absent_long", year.rng.randrange(5, 20))


def _absent_four_days(year: Year, household: Household) -> None:
    school(year, pupil_of(household), 60 + year.rng.randrange(280), "absent_long", 4)


def _owing(year: Year, household: Household) -> None:
    overdue = float(year.rng.randrange(20, 60) * 50)
    fee(year, pupil_of(household), 60 + year.rng.randrange(280), overdue, days=year.rng.randrange(30, 120))


def _owing_since_yesterday(year: Year, household: Household) -> None:
    fee(year, pupil_of(household), 60 + year.rng.randrange(280), 1_500.0, days=29)


def _works(year: Year, household: Household, day: int, state: str, due: int) -> None:
    year.report("housing.renovation", household, day, state=state, due_on=year.start + timedelta(days=due))


def _late_works(year: Year, household: Household) -> None:
    due = _DONE_BY_NOW - year.rng.randrange(100)
    _works(year, household, due - 120, "planned", due)
    if year.rng.random() < 0.6:
        _works(year, household, due - 60, "started", due)


def _works_in_time(year: Year, household: Household) -> None:
    due = _DONE_BY_NOW - year.rng.randrange(100)
    _works(year, household, due - 100, "started", due)
    _works(year, household, due + 25, "finished", due)


def _works_too_late(year: Year, household: Household) -> None:
    due = 150 + year.rng.randrange(60)
    _works(year, household, due - 100, "started", due)
    _works(year, household, due + 110, "finished", due)


def _three_lights(year: Year, household: Household) -> None:
    _not_insured(year, household)
    _absent(year, household)
    _late_works(year, household)


def _red_house(year: Year, household: Household) -> None:
    inspection(year, household, 30 + year.rng.randrange(320), "D")


LIGHTS: tuple[Pattern, ...] = (
    Pattern("red on a monitored household", 2, ("compound", "house"), "red", monitored, _red_house),
    Pattern(
        "three lights", 3, ("compound", "exposure", "house", "schooling"), "orange", lifted_schooling, _three_lights,
    ),
    Pattern("allowance cut in company", 3, ("illness", "income"), "orange", on_allowance, _cut),
    Pattern("not insured", 6, ("exposure",), "yellow", lifted, _not_insured),
    Pattern("long absence", 5, ("schooling",), "yellow", schooling, _absent),
    Pattern("fee overdue", 5, ("schooling",), "yellow", schooling, _owing),
    Pattern("renovation late", 4, ("house",), "yellow", anybody, _late_works),
    Pattern("near miss: four days of absence", 3, (), "", schooling, _absent_four_days),
    Pattern("near miss: fee overdue for 29 days", 3, (), "", schooling, _owing_since_yesterday),
    Pattern("near miss: renovation 25 days after the day", 3, (), "", anybody, _works_in_time),
    Pattern("withdrawn: renovation finished late", 2, (), "", anybody, _works_too_late),
    Pattern("withdrawn: insured again", 2, (), "", lifted, _insured_again),
)  # fmt: skip
