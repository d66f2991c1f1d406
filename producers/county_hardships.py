"""Troubles of the made-up county that health, labour, income, insurance and disability offices see.

As in county_crises each pattern says which alert must follow. The lines are those of the shipped rules: 30 days without
treatment, 60 without work or without help, 6 700 yuan a head, a fall by three tenths, bills of two fifths of an income.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from producers.county_events import Year, bill
from producers.county_patterns import (
    Pattern,
    Story,
    able_to_work,
    anybody,
    few_and_other,
    lifted,
    low,
    low_and_able,
    on_allowance,
    other,
    worker_of,
)
from producers.county_people import Household, Person
from schemas.cells import Row

_GROUPS = ("cancer", "heart", "renal", "blood")


def _ill(*, treated: bool) -> Story:
    def tell(year: Year, household: Household) -> None:
        day = 40 + year.rng.randrange(260)
        found: Row = {"disease_group": year.rng.choice(_GROUPS), "treated": treated}
        year.tell("health.major_disease", household.members[0], day, found | {"registered_on": year.date_of(day)})

    return tell


def _certified(grades: tuple[int, ...], *, helped: bool) -> Story:
    """A certificate; who is `helped` gets the subsidy soon."""

    def tell(year: Year, household: Household) -> None:
        person, day = household.members[-1], 60 + year.rng.randrange(200)
        found: Row = {"category": "physical", "grade": year.rng.choice(grades), "change": "new"}
        year.tell("disability.cert", person, day, found)
        if helped:
            given: Row = {"subsidy_type": "nursing", "status": "granted"}
            year.tell("disability.subsidy", person, day + 20, given, punctual=True)

    return tell


def _works(year: Year, person: Person, day: int, change: str, wage: float) -> None:
    body: Row = {"change": change, "place": "out_of_province", "monthly_wage_before": 4200.0, "after": wage}
    year.tell("human_resources.employment", person, day, body, punctual=True)


def _jobless(year: Year, household: Household, day: int) -> None:
    _works(year, worker_of(household), day, year.rng.choice(("lost", "returned_home")), 0.0)


def _out_of_work(year: Year, household: Household) -> None:
    _jobless(year, household, 20 + year.rng.randrange(260))


def _hired_in_time(year: Year, household: Household) -> None:
    day = 20 + year.rng.randrange(250)
    _jobless(year, household, day)
    _works(year, worker_of(household), day + 50, "hired", 3800.0)


def _hired_late(year: Year, household: Household) -> None:
    day = 20 + year.rng.randrange(150)
    _jobless(year, household, day)
    _works(year, worker_of(household), day + 120, "hired", 3800.0)


def _ill_and_out_of_work(year: Year, household: Household) -> None:
    day = 60 + year.rng.randrange(150)
    bill(year, household.members[0], day, round(year.rng.uniform(10_000, 19_999), 2))
    _jobless(year, household, day + year.rng.randrange(60))


def _earns(year: Year, household: Household, a_head: float, before: float) -> None:
    """The income of the last full year, reported in the first two months."""
    last = year.start.year - 1
    found: Row = {"year": last, "per_capita_net": a_head, "prev_year": before, "source": "sweep"}
    found |= {"period_end": date(last, 12, 31)}
    year.tell("rural_revitalisation.income", household, year.rng.randrange(50), found, punctual=True)


def _income(least: int, most: int, before: Callable[[float], float]) -> Story:
    def tell(year: Year, household: Household) -> None:
        a_head = year.rng.randrange(least * 100, most * 100) / 100
        _earns(year, household, a_head, round(before(a_head), 2))

    return tell


def _bills_of_an_income(a_head: float, percent: int) -> Story:
    """Bills that take so much of what the household earns, far from what calls for an alert by itself."""

    def tell(year: Year, household: Household) -> None:
        _earns(year, household, a_head, a_head - 100)
        cost = a_head * len(household.members) * percent / 100
        bill(year, household.members[0], 90 + year.rng.randrange(250), round(cost, 2))

    return tell


def _reports(year: Year, household: Household) -> None:
    day = 20 + year.rng.randrange(330)
    said: Row = {"channel": year.rng.choice(("one_key", "portal", "cadre")), "need": ["income", "job"]}
    asked: Row = {"receipt_id": f"SL-{household.household_id}", "heard_via": "other"}
    year.tell("rural_revitalisation.self_report", household, day, said | asked)


def _reports_and_takes_back(year: Year, household: Household) -> None:
    _reports(year, household)
    year.retract(year.first[-1])


def _insured(year: Year, household: Household, *, claims: bool) -> None:
    """Bills of somebody who is insured against falling back; whoever `claims` does so within 30 days."""
    held: Row = {"product": "anti_poverty", "covered": True}
    year.tell("insurers.coverage", household, 5, held, punctual=True)
    day = 60 + year.rng.randrange(220)
    bill(year, household.members[0], day, round(year.rng.uniform(11_000, 19_000), 2), punctual=True)
    if claims:
        paid: Row = {"product": "anti_poverty", "cause": "illness", "loss": 9000.0, "paid": 6000.0, "state": "paid"}
        year.tell("insurers.claim", household, day + 10, paid, punctual=True)


def _not_claimed(year: Year, household: Household) -> None:
    _insured(year, household, claims=False)


def _claimed(year: Year, household: Household) -> None:
    _insured(year, household, claims=True)


HARDSHIPS: tuple[Pattern, ...] = (
    Pattern("disability", 4, ("disability",), "orange", on_allowance, _certified((1, 2), helped=True)),
    Pattern("insured, ill, no claim", 4, ("compound", "illness"), "orange", low, _not_claimed),
    Pattern("insured, ill, claimed", 3, ("illness",), "orange", low, _claimed),
    Pattern("ill and out of work", 3, ("compound", "illness", "income"), "red", low_and_able, _ill_and_out_of_work),
    Pattern("major disease, not treated", 3, ("illness",), "orange", lifted, _ill(treated=False)),
    Pattern("major disease, treated", 3, ("illness",), "yellow", lifted, _ill(treated=True)),
    Pattern("income under the watch line", 4, ("income",), "watch", lifted, _income(6_700, 9_999, lambda now: now)),
    Pattern("disability without help", 3, ("disability",), "red", other, _certified((1, 2), helped=False)),
    Pattern("out of work", 6, ("income",), "yellow", able_to_work, _out_of_work),
    Pattern("income under the line", 4, ("income",), "orange", other, _income(4_000, 6_699, lambda now: now)),
    Pattern("income fell", 4, ("income",), "yellow", other, _income(10_500, 16_000, lambda now: now / 0.65)),
    Pattern("bills take the income", 3, ("illness",), "red", few_and_other, _bills_of_an_income(11_500.0, 41)),
    Pattern("bills leave too little", 3, ("compound",), "red", other, _bills_of_an_income(7_500.0, 20)),
    Pattern("reports trouble itself", 5, ("stated",), "orange", anybody, _reports),
    Pattern("near miss: disability of grade 3", 3, (), "", other, _certified((3, 4), helped=False)),
    Pattern("near miss: major disease, never poor", 3, (), "", other, _ill(treated=True)),
    Pattern("near miss: hired in time", 3, (), "", able_to_work, _hired_in_time),
    Pattern("near miss: income at the line", 2, (), "", other, _income(6_700, 6_701, lambda now: now)),
    Pattern("near miss: income fell by a quarter", 3, (), "", other, _income(9_000, 16_000, lambda now: now / 0.75)),
    Pattern("near miss: bills of a third of the income", 2, (), "", few_and_other, _bills_of_an_income(11_500.0, 33)),
    Pattern("withdrawn: hired late", 2, (), "", able_to_work, _hired_late),
    Pattern("withdrawn: report taken back", 2, (), "", anybody, _reports_and_takes_back),
)
