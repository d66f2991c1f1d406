"""The county's everyday: thousands of reports, none of which by itself or together calls for a visit.

A household's everyday bills stay under 4 900 yuan a year, its house is graded A or B, its pupils stay in school, are
never away for five days nor owe 1 000 yuan, and who is lifted or monitored is insured. So whatever alert comes out was
put in by county_crises or county_lights.
"""

from __future__ import annotations

from datetime import timedelta

from producers.county_events import Happening, Year, bill, fee, inspection, school
from producers.county_people import Household, Person

MOST_SELF_PAY = 4_900.0
_BILLS, _SMALL_BILLS, _INSPECTED = 0.5, 0.6, 0.3
_OVERDUE, _ABSENT, _AIDED, _RELIEF, _CARED_FOR = 0.06, 0.02, 0.22, 0.05, 0.15
_REPEATED, _REVISED, _RETRACTED = 0.02, 0.01, 0.003
_TAKEN_BACK = ("settlement", "fee", "temp_relief", "household_loss", "loss", "claim", "visit")
_CORRECTED = {
    "settlement": "self_pay",
    "fee": "overdue",
    "temp_relief": "amount",
    "dibao_change": "monthly_amount",
    "household_loss": "loss",
    "loss": "loss",
}
_TERMS = (20, 200)
"""Days of the year on which a term's roll is reported."""


def everyday(year: Year, household: Household) -> None:
    """A household's ordinary year."""
    rng = year.rng
    spent = 0.0
    for chance, most in ((_BILLS, 3000.0), (_SMALL_BILLS, 400.0)):
        while rng.random() < chance and spent < MOST_SELF_PAY - 1:
            cost = round(min(rng.lognormvariate(0, 1) * most / 6, most, MOST_SELF_PAY - spent), 2)
            bill(year, rng.choice(household.members), rng.randrange(365), max(cost, 1.0))
            spent += max(cost, 1.0)
    if rng.random() < _INSPECTED:
        inspection(year, household, rng.randrange(365), rng.choice("AAAB"))
    for person in household.members:
        if person.stage:
            _pupil(year, person)
    if rng.random() < _RELIEF:
        _relief(year, household)


def standing(year: Year, household: Household, *, quiet: bool) -> None:
    """What every household has, in trouble or not: insurance, allowance; only a quiet one's allowance changes."""
    rng = year.rng
    for person in household.members:
        status = (
            "enrolled" if household.marked else rng.choices(("enrolled", "not_enrolled", "lapsed"), (985, 10, 5))[0]
        )
        subsidy = 380.0 if household.low_income else 0.0
        day = rng.randrange(25)
        calendar_year = (year.start + timedelta(days=day)).year
        year.report("health_insurance.enrolment", person, day, year=calendar_year, status=status, subsidy=subsidy)
    old = [person for person in household.members if person.labour == "none" and not person.stage]
    if old and household.low_income and rng.random() < _CARED_FOR:
        year.report("civil_affairs.tekun_change", old[0], rng.randrange(365), action="granted", care_level="half")
    if household.allowance:
        _allowance(year, household, rng.randrange(20))
        if quiet and rng.random() < 0.2:
            _allowance(year, household, 60 + rng.randrange(300), action=rng.choice(("raised", "reduced")))


def _allowance(year: Year, household: Household, day: int, action: str = "granted") -> None:
    effective_on = year.start + timedelta(days=day + 1)
    amount = float(year.rng.randrange(30, 60) * 10)
    members = len(household.members)
    year.report(
        "civil_affairs.dibao_change",
        household,
        day,
        action=action,
        monthly_amount=amount,
        members=members,
        effective_on=effective_on,
    )


def _relief(year: Year, household: Household) -> None:
    rng = year.rng
    reason = rng.choice(("illness", "disaster", "accident", "schooling", "other"))
    amount = float(rng.randrange(5, 40) * 100)
    year.report("civil_affairs.temp_relief", household.members[0], rng.randrange(365), reason=reason, amount=amount)


def _pupil(year: Year, pupil: Person) -> None:
    rng = year.rng
    for term in _TERMS:
        absent = rng.random() < _ABSENT
        status = rng.choice(("at_risk", "absent_long")) if absent else "in_school"
        away = rng.randrange(3, 5 if status == "absent_long" else 15) if absent else 0
        school(year, pupil, term + rng.randrange(20), status, away)
        overdue = float(rng.randrange(1, 20) * 50) if rng.random() < _OVERDUE else 0.0
        fee(year, pupil, term + rng.randrange(30), overdue)
    if rng.random() < _AIDED:
        aid = rng.choice(("two_exemptions", "stipend") if pupil.stage != "college" else ("yulu", "loan"))
        amount = float(rng.randrange(4, 30) * 50)
        year.report("education.aid", pupil, rng.randrange(365), aid_type=aid, amount=amount, granted=True)


def later(year: Year, happenings: list[Happening]) -> None:
    """Repeat, correct and take back some of what was reported; corrections never raise an amount."""
    rng = year.rng
    for happening in happenings:
        lot = rng.random()
        if lot < _REPEATED:
            year.repeat(happening)
        elif lot < _REPEATED + _REVISED:
            year.revise(happening, **_lower(happening))
        elif lot < _REPEATED + _REVISED + _RETRACTED and happening.kind in _TAKEN_BACK:
            year.retract(happening)


def _lower(happening: Happening) -> dict[str, float]:
    column = _CORRECTED.get(happening.kind)
    value = happening.body.get(column) if column else None
    return {column: round(value * 0.8, 2)} if column and isinstance(value, float) else {}
