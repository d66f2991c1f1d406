"""What happens in the made-up county in a year, before anybody writes it into a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random

from producers.county_people import Household, Person
from schemas.cells import Cell, Row

MONTHS, DAYS = 12, 365
PREFIXES = {
    "health_insurance": "YB",
    "civil_affairs": "MZ",
    "housing": "ZJ",
    "education": "JY",
    "health": "WJ",
    "disability": "CL",
    "water": "SW",
    "human_resources": "RS",
    "emergency": "YJ",
    "agriculture": "NY",
    "transport": "JT",
    "finance": "JR",
    "insurers": "BX",
    "rural_revitalisation": "XZ",
}
"""Of each department's event ids."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a department reports.

    Attributes:
        subject: the person, or the household's id; empty where villages are concerned.
        body: columns of its kind; money in yuan.
        month: of the delivery that brings it, 0 … 11.

    """

    department: str
    kind: str
    event_id: str
    subject: Person | str
    occurred: datetime
    body: Row
    month: int
    revision: int = 0
    retracted: bool = False

    @property
    def by_the_minute(self) -> bool:
        """Whether the department knows the time, not only the day; the same in every report of the event."""
        return not self.event_id.endswith(("3", "7"))


@dataclass(slots=True)
class Year:
    """Twelve months that end on `end`, and what happened in them.

    Attributes:
        first: reports as they are first made.
        later: repeats, revisions, retractions; delivered after what they refer to.

    """

    rng: Random
    end: date
    first: list[Happening] = field(default_factory=list)
    later: list[Happening] = field(default_factory=list)
    _number: int = 0

    @property
    def start(self) -> date:
        """First day."""
        return self.end - timedelta(days=DAYS - 1)

    def covers_to(self, month: int) -> date:
        """Last day of a month's delivery."""
        return self.start + timedelta(days=round(DAYS * (month + 1) / MONTHS) - 1)

    def month_of(self, day: int) -> int:
        """Month in which the day of the year (0 …) lies."""
        return next(m for m in range(MONTHS) if self.start + timedelta(days=day) <= self.covers_to(m))

    def report(
        self, code: str, subject: Person | Household, day: int, *, punctual: bool = False, **body: Cell
    ) -> Happening:
        """Something happens; as `tell`, with the columns as keywords."""
        return self.tell(code, subject, day, body, punctual=punctual)

    def tell(
        self, code: str, subject: Person | Household | None, day: int, body: Row, *, punctual: bool = False
    ) -> Happening:
        """Something happens on a day of the year; one report in twenty comes a month late, one in a hundred two.

        Args:
            code: `department.kind`.
            subject: of whom or which household; None where the body names the region.
            day: 0 … 364.
            body: columns.
            punctual: comes with its month's delivery.

        """
        department, _, kind = code.partition(".")
        self._number += 1
        occurred = datetime.combine(self.start, time(8)) + timedelta(days=day, minutes=self.rng.randrange(600))
        late = 0 if punctual else self.rng.choices((0, 1, 2), (95, 4, 1))[0]
        happening = Happening(
            department,
            kind,
            f"{PREFIXES[department]}-{self._number:07d}",
            subject.household_id if isinstance(subject, Household) else subject or "",
            occurred,
            body,
            min(self.month_of(day) + late, MONTHS - 1),
        )
        self.first.append(happening)
        return happening

    def repeat(self, happening: Happening) -> None:
        """The department sends it once more with a later delivery."""
        self.later.append(replace(happening, month=self._after(happening)))

    def revise(self, happening: Happening, **body: Cell) -> None:
        """The department corrects it."""
        corrected = replace(happening, body={**happening.body, **body}, revision=1, month=self._after(happening))
        self.later.append(corrected)

    def retract(self, happening: Happening) -> None:
        """The department takes it back."""
        self.later.append(replace(happening, body={}, revision=1, retracted=True, month=self._after(happening)))

    def _after(self, happening: Happening) -> int:
        return min(happening.month + self.rng.choice((0, 1, 1, 2)), MONTHS - 1)

    def day(self, happening: Happening) -> date:
        """Calendar day on which it happened."""
        return happening.occurred.date()

    def date_of(self, day: int) -> date:
        """Calendar day of a day of the year (0 …)."""
        return self.start + timedelta(days=day)


def bill(year: Year, patient: Person, day: int, self_pay: float, *, punctual: bool = False) -> Happening:
    """A hospital bill of which the patient pays so much."""
    rng = year.rng
    basic = round(self_pay * rng.uniform(0.8, 2.5), 2)
    serious = round(self_pay * rng.uniform(0, 0.5), 2)
    return year.report(
        "health_insurance.settlement",
        patient,
        day,
        punctual=punctual,
        visit_type=rng.choice(("inpatient", "inpatient", "severe_outpatient", "chronic_outpatient")),
        total_fee=round(basic + serious + self_pay, 2),
        basic_paid=basic,
        serious_paid=serious,
        aid_paid=0,
        self_pay=self_pay,
        in_county=rng.random() < 0.7,
        discharged_on=year.start + timedelta(days=day),
    )


def fee(year: Year, pupil: Person, day: int, overdue: float, *, days: int | None = None) -> Happening:
    """A term's school fee, of which so much is overdue, for so many days (None: any number)."""
    due = max(overdue, float(year.rng.randrange(3, 40) * 50))
    if days is None:
        days = year.rng.randrange(20, 120) if overdue else 0
    return year.report(
        "education.fee", pupil, day, stage=pupil.stage or "senior", due=due, overdue=overdue, overdue_days=days
    )


def school(year: Year, pupil: Person, day: int, status: str, absent_days: int = 0) -> Happening:
    """A pupil's place on the school roll."""
    return year.report("education.enrolment", pupil, day, stage=pupil.stage, status=status, absent_days=absent_days)


def inspection(year: Year, household: Household, day: int, grade: str) -> Happening:
    """A house is graded A (safe) to D (unsafe as a whole)."""
    hazard = year.rng.choice(("crack", "tilt", "leak")) if grade in "CD" else "none"
    inspected_on = year.start + timedelta(days=day)
    return year.report("housing.inspection", household, day, grade=grade, hazard=hazard, inspected_on=inspected_on)
