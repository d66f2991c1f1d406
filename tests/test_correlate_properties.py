"""Whatever the order, repetition, batching and restarts: what stands is a function of the set of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from schemas.beijing import DAY_MS, start_of
from schemas.codec import decode
from schemas.fact import Fact, Value
from streams.case import alert_id_of
from streams.correlate import Moment, Source, fold_fact, fold_membership, fold_tick, shipped
from streams.household import Household, Row, due_day, pack, unpack
from tests.builders import bill, fact, membership, routed, row
from tests.oracle import Verdict
from tests.oracle_wide import WideOracle as Oracle
from tests.seeds import seeds
from tests.wide_facts import some_wide

PEOPLE = (None, "p_a", "p_b")
START = 19_358  # 2023-01-01
DAYS = (0, 1, 90, 179, 180, 181, 269, 364, 365, 366, 420)
YUAN = (0, 1, 2500, 4999.99, 5000, 5000.01, 10_000, 16_000, 20_000, 26_000, 52_000)


PUPIL = ("in_school", "dropout", "returned", "absent_long", "absent_long")
STAGES = ("primary", "junior", "senior")
STATES = ("planned", "started", "started", "finished")
STATUS = ("enrolled", "not_enrolled", "lapsed")
FEEDS = ("housing", "civil_affairs", "health", "disability", "human_resources", "insurers")
"""Those that can say that what was due did not come; education's comes every day."""


class Roll(NamedTuple):
    """A membership record: the person's rows as they stood at an offset."""

    person: str
    offset: int
    rows: tuple[Row, ...]


def some_fact(random: Random, first_day: int, days: Sequence[int]) -> Fact:
    """A fact with edges in all its figures, of few ids so that revisions and ties are frequent."""
    when = start_of(first_day + random.choice(days)) + random.choice((0, 0, 1, DAY_MS - 1))
    more = {
        "revision": random.choice((0, 0, 0, 1, 2)),
        "retracted": random.random() < 0.12,
        "person": random.choice(PEOPLE),
    }
    number = f"e{random.randrange(7)}"
    if random.random() < 0.25:
        return bill(random.choice(YUAN), when, number, **more)
    kind, body = random.choice((some_standing, some_wide, some_wide))(random, first_day)
    return fact(kind, when, f"{kind[-3:]}{number}", **body, **more)  # type: ignore[arg-type]  # keywords of fact


def some_standing(random: Random, first_day: int) -> tuple[str, dict[str, Value | float]]:
    """Kind and fields of a fact that is no bill."""
    pick = random.choice
    said: tuple[tuple[str, dict[str, Value | float]], ...] = (
        ("education.fee", {"overdue": pick((0, 0.01, 999.99, 1000, 1000)), "overdue_days": pick((29, 30, 30))}),
        ("housing.inspection", {"grade": pick("ABCD")}),
        ("education.enrolment", {"status": pick(PUPIL), "stage": pick(STAGES), "absent_days": pick((4, 5))}),
        ("civil_affairs.dibao_change", {"action": pick(("granted", "raised", "reduced", "stopped"))}),
        ("civil_affairs.tekun_change", {"action": pick(("granted", "stopped"))}),
        ("education.aid", {"granted": pick((True, False))}),
        ("housing.renovation", {"state": pick(STATES), "due_on": first_day + pick((0, 30, 60))}),
        (
            "health_insurance.enrolment",
            {"year": pick((2022, 2023)), "status": pick(STATUS), "subsidy": pick((0, 9))},
        ),
    )
    return pick(said)


def some_rows(random: Random, first_day: int) -> tuple[Row, ...]:
    rows = {}
    for _ in range(random.randrange(4)):
        since = first_day + random.choice((-400, 0, 90, 180, 365))
        home = random.choice(("H1", "H1", "H2", "H0"))
        tags = random.choice(((), (), ("lifted",), ("monitored", "relocated")))
        until = random.choice((None, None, since + 90, since + 200))
        labour = random.choice(("able", "weak", "none"))
        rows[since, home] = row(since, home, valid_to=until, tags=tags, labour=labour)
    return tuple(rows.values())


def segment(random: Random, first_day: int, days: Sequence[int], offset: int) -> list[Fact | Roll]:
    """Some records between two ticks; a person's rolls have rising offsets."""
    records: list[Fact | Roll] = [some_fact(random, first_day, days) for _ in range(random.randrange(1, 11))]
    rolls = range(offset, offset + random.randrange(4))
    records += [Roll(random.choice(("p_a", "p_b")), place, some_rows(random, first_day)) for place in rolls]
    return records


def shuffled(random: Random, records: Sequence[Fact | Roll]) -> list[Fact | Roll]:
    """Another order, with repeats."""
    again = [*records, *(random.choice(records) for _ in range(random.randrange(4)))]
    random.shuffle(again)
    return again


class Folded:
    """A household and what was seen of it on the way."""

    def __init__(self, random: Random) -> None:
        self.random, self.household = random, Household()
        self.tick: int | None = None
        self.fed: dict[str, int] = {}
        self.versions: list[int] = []

    def fold(self, record: Fact | Roll, offset: int) -> None:
        moment = Moment(shipped(), self.tick, self.fed)
        if isinstance(record, Roll):
            source = Source("register.persons", 0, record.offset, 0)
            fold_membership("H1", self.household, membership(record.person, *record.rows), moment, source)
        else:
            fold_fact("H1", self.household, routed(record), moment, Source("events", 0, offset, 0))
        self._see()

    def at_tick(self, day: int, fed: Mapping[str, int]) -> None:
        """As the shell does: only a household that is due is visited."""
        self.tick, self.fed = day, dict(fed)
        if 0 < due_day(self.household) <= day:
            fold_tick("H1", self.household, Moment(shipped(), day, self.fed), Source("household.events", 0, 0, 0))
        self._see()

    def _see(self) -> None:
        if self.household.case is not None:
            self.versions.append(self.household.case.version)
        if self.random.random() < 0.5:
            self.household = unpack(pack(self.household))

    @property
    def verdict(self) -> Verdict:
        case = self.household.case
        assert self.versions == sorted(self.versions)
        if case is None or case.status == "WITHDRAWN":
            return Verdict("none", {}, [])
        alert = decode(case.alert)[1]
        assert alert["alert_id"] == alert_id_of("H1", 1)
        causes = {cause["rule"]: (cause["level"], cause["evidence"]) for cause in alert["causes"]}
        return Verdict(alert["level"], causes, alert["missing_help"])


@seeds(2_000)
@given(seed=st.integers(0, 2**40))
def test_what_stands_is_what_the_set_of_facts_and_rows_says_in_any_order(seed: int) -> None:
    random = Random(seed)
    records = segment(random, START, DAYS, offset=1)
    folded = Folded(random)

    for offset, record in enumerate(shuffled(random, records)):
        folded.fold(record, offset)

    facts, people = told(records)
    assert folded.verdict == Oracle(facts, people, "H1").verdict()


def told(records: Iterable[Fact | Roll]) -> tuple[list[Fact], dict[str, tuple[Row, ...]]]:
    """Facts, and each person's rows as last told."""
    rolls = sorted((r for r in records if isinstance(r, Roll)), key=lambda roll: roll.offset)
    return [r for r in records if isinstance(r, Fact)], {roll.person: roll.rows for roll in rolls}


def some_ticks(random: Random) -> list[tuple[int, dict[str, int]]]:
    """Days with what was fed by then, at the edges of the deadlines; a feed never goes back."""
    ticks: list[tuple[int, dict[str, int]]] = []
    come, silent = START - 1, random.choice((0, 0, 0, 1, 2))
    for day in sorted(random.sample([START + edge + late for edge in (30, 60, 90) for late in (-1, 0, 1, 2)], 3)):
        come = max(come, random.choice((START, day - 2, day - 1, day)))
        fed = dict.fromkeys(FEEDS, come)
        ticks.append((day, {"education": day} if len(ticks) < silent else {**fed, "education": day}))
    return ticks


@seeds(2_000)
@given(seed=st.integers(0, 2**40))
def test_what_stands_after_each_tick_and_between_them_is_what_the_sets_say_in_any_order(seed: int) -> None:
    random = Random(seed)
    folded = Folded(random)
    before: list[Fact | Roll] = []

    for number, (day, fed) in enumerate([(None, {}), *some_ticks(random)]):
        if day is not None:
            folded.at_tick(day, fed)
            facts, people = told(before)
            assert folded.verdict == Oracle(facts, people, "H1", tick=day, fed=fed).verdict()
        records = segment(random, START, DAYS, offset=1 + 10 * number)
        for offset, record in enumerate(shuffled(random, records)):
            folded.fold(record, offset)
        facts, people = told([*before, *records])
        since = told(records)[0]
        assert folded.verdict == Oracle(told(before)[0], people, "H1", since=since, tick=day, fed=fed).verdict()
        before += records


def test_the_made_up_households_come_to_every_cause_that_there_is() -> None:
    seen: set[str] = set()
    fed = dict.fromkeys((*FEEDS, "education"), START + 300)
    for seed in range(1500):
        random = Random(seed)
        facts, people = told(segment(random, START, DAYS, offset=1) + segment(random, START, DAYS, offset=9))
        seen |= Oracle(facts, people, "H1", tick=START + 300, fed=fed).verdict().causes.keys()

    assert seen == {candidate.rule.id for candidate in shipped().raising}


@seeds(400)
@given(seed=st.integers(0, 2**40))
@example(0)
def test_two_orders_between_the_same_ticks_end_alike_though_old_facts_are_forgotten(seed: int) -> None:
    random = Random(seed)
    one, other = Folded(random), Folded(random)

    for number in range(random.randrange(2, 7)):
        first_day = START + 380 * number
        records = segment(random, first_day, (0, 1, 90, 179, 180, 365), offset=10 * number)
        for offset, record in enumerate(shuffled(random, records)):
            one.fold(record, offset)
        for offset, record in enumerate(shuffled(random, records)):
            other.fold(record, offset)
        for folded in (one, other):
            folded.at_tick(first_day + 400, dict.fromkeys((*FEEDS, "education"), first_day + 400))
        assert one.verdict == other.verdict
        assert one.household.facts == other.household.facts
        assert not 0 < due_day(one.household) <= first_day + 400


@seeds(300)
@given(seed=st.integers(0, 2**40))
def test_one_log_makes_the_same_bytes_wherever_it_is_cut_and_resumed(seed: int) -> None:
    random = Random(seed)
    log = shuffled(random, segment(random, START, DAYS, offset=1))
    runs: list[dict[int, bytes]] = []

    for _ in range(2):
        folded, seen = Folded(random), {}
        for offset, record in enumerate(log):
            folded.fold(record, offset)
            if folded.household.case is not None:
                seen[folded.household.case.version] = folded.household.case.alert
        runs.append(seen)

    assert runs[0] == runs[1]
