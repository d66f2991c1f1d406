"""A made-up county and its year, seeded: what its departments and register deliver, and what must become of it.

Nothing here is real: names do not occur, identity numbers are invented. The truth is counted from what was put in,
never from what a program made of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random

from producers.county_book import book_of
from producers.county_crises import CRISES
from producers.county_events import MONTHS, Happening, Year
from producers.county_files import SUFFIXES, Format, content_of
from producers.county_hardships import HARDSHIPS
from producers.county_lights import LIGHTS
from producers.county_losses import LOSSES
from producers.county_mistakes import Garbage, garbage, spoil
from producers.county_moves import RegisterYear
from producers.county_noise import everyday, later, standing
from producers.county_patterns import Pattern, anybody
from producers.county_people import Household, PeopleMaker, Person, make_households
from producers.county_sources import tell_sources
from producers.county_truth import Expected, ExpectedArea, Truth
from producers.county_villages import STORM, storm, villages_for
from producers.publish import REGISTER
from schemas.cells import Row
from schemas.kinds import all_kinds

LEAST_HOUSEHOLDS = 400
_HOUSEHOLDS_OF_SHARES = 5_000
_BAD_ROWS = 0.004
_ODDLY_TYPED = 0.02
_REPEATED_MONTH, _REPEATED_BY = 2, "housing"
_GARBAGE_MONTH = 6
_FORMATS: dict[str, Format] = {
    "health_insurance": "jsonl",
    "civil_affairs": "xlsx",
    "housing": "csv-gb18030",
    "education": "csv",
    "health": "xlsx",
    "disability": "csv",
    "water": "csv",
    "human_resources": "xlsx",
    "emergency": "jsonl",
    "agriculture": "csv-gb18030",
    "transport": "jsonl",
    "finance": "xlsx",
    "insurers": "csv",
    "rural_revitalisation": "xlsx",
}
SENDERS = tuple(_FORMATS)
_CHOICE = 20
"""Households that a story may befall, of which the one is taken whose township has the fewest such stories."""
_WIDE = str.maketrans("0123456789X", "０１２３４５６７８９ｘ")


@dataclass(frozen=True, slots=True)
class File:
    """What a sender delivers.

    Attributes:
        sender: department code, or `register`.
        name: of the file, unique in the plan.
        covers_to: day up to which the sender states completeness.
        bad_rows: row number -> column at fault.

    """

    sender: str
    name: str
    content: bytes
    rows: int
    covers_to: date | None
    bad_rows: dict[int, str]


@dataclass(frozen=True, slots=True)
class Tick:
    """The day turns."""

    day: date


Step = File | Tick | Garbage


@dataclass(frozen=True, slots=True)
class Plan:
    """A year, step by step, and what must become of it.

    Attributes:
        book: household book, a CSV file.

    """

    steps: list[Step]
    truth: Truth
    book: bytes


def make_county(seed: int, households: int, end: date) -> Plan:
    """A county's year that ends on `end`; the same arguments give the same plan.

    Args:
        seed: of everything.
        households: 400 at least, so that every story finds a household it fits.
        end: last day of the twelve months.

    """
    if households < LEAST_HOUSEHOLDS:
        raise ValueError(f"at least {LEAST_HOUSEHOLDS} households are needed, not {households}")
    rng = Random(f"{seed}/{households}")
    year = Year(rng, end)
    maker = PeopleMaker(rng, end)
    homes = make_households(rng, households, maker)
    truth = Truth(seed=seed, households=households, people=sum(len(home.members) for home in homes), end=end)
    quiet = _tell_crises(year, homes, truth)
    villages = sorted({home.village_code for home in homes})
    _tell_villages(year, villages, truth)
    register = RegisterYear(year, homes)
    _tell_moves(register, quiet, maker, truth)
    reported = len(year.first)
    for home in quiet:
        everyday(year, home)
    tell_sources(year, quiet, villages)
    calm = {home.household_id for home in quiet}
    for home in homes:
        standing(year, home, quiet=home.household_id in calm)
    later(year, year.first[reported:])
    return Plan(_steps(year, register, truth), truth, book_of(seed, homes))


def _tell_crises(year: Year, homes: list[Household], truth: Truth) -> list[Household]:
    """Give each story its households; return the others."""
    pool = sorted(homes, key=lambda _: year.rng.random())
    _tell_storm(year, pool, truth)
    told: Counter[tuple[str, str]] = Counter()
    for pattern in (*LIGHTS, *HARDSHIPS, *CRISES, *LOSSES):
        for _ in range(_scaled(pattern.share, len(homes))):
            home = _befallen(pattern, pool, told)
            pool.remove(home)
            pattern.tell(year, home)
            truth.expect(home.household_id, Expected(pattern.name, pattern.level, pattern.causes))
    return pool


def _befallen(pattern: Pattern, pool: list[Household], told: Counter[tuple[str, str]]) -> Household:
    """Whom a story befalls: spread over the townships, so that the same trouble of several makes no regional one."""
    fitting = islice((home for home in pool if pattern.fits(home)), _CHOICE)
    home = min(fitting, key=lambda home: max((told[home.township_code, cause] for cause in pattern.causes), default=0))
    told.update((home.township_code, cause) for cause in pattern.causes)
    return home


def _tell_storm(year: Year, pool: list[Household], truth: Truth) -> None:
    """A storm takes the harvest of some households of one township."""
    township = year.rng.choice(sorted({home.township_code for home in pool}))
    for home in storm(year, [home for home in pool if home.township_code == township and anybody(home)]):
        pool.remove(home)
        truth.expect(home.household_id, Expected(STORM, "orange", ("disaster",)))
    truth.expect_area(ExpectedArea(STORM, township, "regional", "orange", ("disaster",)))


def _tell_villages(year: Year, villages: list[str], truth: Truth) -> None:
    """Give each trouble of a place its village."""
    for village, pattern in villages_for(year, villages).items():
        pattern.tell(year, village)
        expected = ExpectedArea(pattern.name, pattern.place(village), "area", pattern.level, pattern.causes)
        truth.expect_area(expected)


def _scaled(share: int, households: int) -> int:
    return max(1, round(share * households / _HOUSEHOLDS_OF_SHARES))


def _tell_moves(register: RegisterYear, quiet: list[Household], maker: PeopleMaker, truth: Truth) -> None:
    """Moves, entries put right, people registered late or never.

    Households between which somebody moves have no everyday bills: they are taken out of `quiet`.
    """
    plain = [home for home in quiet if not home.low_income and len(home.members) > 1]
    count = _scaled(10, truth.households)
    movers, rest = plain[: 2 * count], plain[2 * count :]
    for place, (left, joined) in enumerate(zip(movers[::2], movers[1::2], strict=True)):
        spend = 30_000.0 if place % 3 == 0 else 0.0
        register.move(left, joined, spend=spend)
        if spend:
            truth.expect(left.household_id, Expected("medical before a move", "orange", ("illness",)))
    for home in movers:
        quiet.remove(home)
    for home in rest[: _scaled(12, truth.households)]:
        register.registered_late(maker, home)
    for _ in range(_scaled(15, truth.households)):
        register.never_registered(maker)
    wrong, right = rest[-2:]
    register.mistake(wrong, right)
    quiet.remove(wrong)
    quiet.remove(right)
    truth.moves = [(m.left.household_id, m.joined.household_id, m.day) for m in register.moves]
    truth.count_parked(register.parked)


def _steps(year: Year, register: RegisterYear, truth: Truth) -> list[Step]:
    steps: list[Step] = [_register_file("register-00", register.first, "csv", truth)]
    for month in range(MONTHS):
        if rows := register.later.get(month):
            steps.append(_register_file(f"register-{month + 1:02d}", rows, "jsonl" if month % 2 else "xlsx", truth))
        files = [_month_file(year, department, month, truth) for department in SENDERS]
        if month == _REPEATED_MONTH:
            again = next(file for file in files if file.sender == _REPEATED_BY)
            files.append(again)
            truth.count_repeated(again.sender, again.rows, len(again.bad_rows))
        steps += files
        if month == _GARBAGE_MONTH:
            wrong = garbage(year.rng, year.end, SENDERS)
            for one in wrong:
                truth.count_garbage(one.department, [reason for _, reason in one.messages])
            steps += wrong
        steps.append(Tick(year.covers_to(month) + timedelta(days=1)))
    return steps


def _register_file(name: str, rows: list[Row], form: Format, truth: Truth) -> File:
    truth.register_rows += len(rows)
    columns = tuple(rows[0])
    return File(REGISTER, name + SUFFIXES[form], content_of(rows, form, columns), len(rows), None, {})


def _month_file(year: Year, department: str, month: int, truth: Truth) -> File:
    """A department's delivery of a month; bad rows in between."""
    first = [h for h in year.first if h.department == department and h.month == month]
    more = [h for h in year.later if h.department == department and h.month == month]
    year.rng.shuffle(first)
    rows: list[Row] = []
    bad: dict[int, str] = {}
    for happening in (*first, *more):
        row = _row(year.rng, happening)
        rows.append(row)
        if year.rng.random() < _BAD_ROWS and not happening.retracted:
            spoilt, column = spoil(year.rng, {**row, "event_id": f"{row['event_id']}-B"})
            rows.append(spoilt)
            bad[len(rows)] = column
    truth.count_month(department, len(rows), len(bad), sum(h in more and not h.revision for h in more))
    form = _FORMATS[department]
    name = f"{department}-{month + 1:02d}{SUFFIXES[form]}"
    return File(department, name, content_of(rows, form, _columns(department)), len(rows), year.covers_to(month), bad)


def _columns(department: str) -> tuple[str, ...]:
    """Headings of a department's table."""
    own = [f.column for kind in all_kinds().values() if kind.department.code == department for f in kind.fields]
    envelope = ("event_id", "kind", "id_number", "household_id", "occurred_at", "revision", "retracted")
    return envelope + tuple(dict.fromkeys(own))


def _row(rng: Random, happening: Happening) -> Row:
    subject = happening.subject
    row: Row = {
        "event_id": happening.event_id,
        "kind": happening.kind,
        "occurred_at": happening.occurred if happening.by_the_minute else happening.occurred.date(),
    }
    if isinstance(subject, Person):
        row["id_number"] = _typed(rng, subject)
    else:
        row["household_id"] = subject
    if happening.revision:
        row["revision"] = happening.revision
    if happening.retracted:
        row["retracted"] = True
    return {**row, **happening.body}


def _typed(rng: Random, person: Person) -> str:
    """How clerks type numbers: mostly well."""
    if rng.random() > _ODDLY_TYPED:
        return person.number
    ways = [person.number.translate(_WIDE), f" {person.number} ", person.number.lower()]
    if person.born < date(2000, 1, 1):
        ways.append(person.number[:6] + person.number[8:17])
    return rng.choice(ways)
