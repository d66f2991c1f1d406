"""Whatever the order, repetition, batching and restarts: what stands is a function of the set of records."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.beijing import DAY_MS, start_of
from schemas.codec import decode
from schemas.fact import Fact
from streams.case import alert_id_of
from streams.correlate import Moment, Source, fold_fact, fold_membership, fold_tick, shipped
from streams.household import Household, Row, due_day, pack, unpack
from tests.builders import bill, fact, membership, routed, row
from tests.oracle import Oracle, Verdict

PEOPLE = (None, "p_a", "p_b")
START = 19_358  # 2023-01-01
DAYS = (0, 1, 90, 179, 180, 181, 269, 364, 365, 366, 420)
YUAN = (0, 1, 2500, 4999.99, 5000, 5000.01, 10_000, 16_000, 20_000, 26_000, 52_000)


class Roll(NamedTuple):
    """A membership record: the person's rows as they stood at an offset."""

    person: str
    offset: int
    rows: tuple[Row, ...]


def some_fact(random: Random, first_day: int, days: Sequence[int]) -> Fact:
    """A fact with edges in all its figures, of few ids so that revisions and ties are frequent."""
    when = start_of(first_day + random.choice(days)) + random.choice((0, 0, 1, DAY_MS - 1))
    said = random.randrange(10)
    more = {
        "revision": random.choice((0, 0, 0, 1, 2)),
        "retracted": random.random() < 0.12,
        "person": random.choice(PEOPLE),
    }
    number = f"e{random.randrange(7)}"
    if said <= 3:
        return bill(random.choice(YUAN), when, number, **more)
    kind, field, values = (
        ("education.fee", "overdue", (0, 0.01, 800)),
        ("housing.inspection", "grade", "ABCD"),
        ("education.enrolment", "status", ("in_school", "dropout", "dropout", "returned")),
        ("civil_affairs.dibao_change", "action", ("granted", "raised", "reduced", "stopped")),
        ("civil_affairs.tekun_change", "action", ("granted", "stopped")),
        random.choice(
            (("education.aid", "granted", (True, False)), ("housing.renovation", "state", ("planned", "started")))
        ),
    )[said - 4]
    body = {field: random.choice(values)}
    if field == "status":
        body["stage"] = random.choice(("primary", "junior", "senior"))
    return fact(kind, when, f"{kind[-3:]}{number}", **body, **more)  # type: ignore[arg-type]  # keywords of fact


def some_rows(random: Random, first_day: int) -> tuple[Row, ...]:
    rows = {}
    for _ in range(random.randrange(4)):
        since = first_day + random.choice((-400, 0, 90, 180, 365))
        home = random.choice(("H1", "H1", "H2", "H0"))
        tags = random.choice(((), (), ("lifted",), ("monitored", "relocated")))
        until = random.choice((None, None, since + 90, since + 200))
        rows[since, home] = row(since, home, valid_to=until, tags=tags)
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
        self.versions: list[int] = []

    def fold(self, record: Fact | Roll, offset: int) -> None:
        moment = Moment(shipped(), self.tick, {})
        if isinstance(record, Roll):
            source = Source("register.persons", 0, record.offset, 0)
            fold_membership("H1", self.household, membership(record.person, *record.rows), moment, source)
        else:
            fold_fact("H1", self.household, routed(record), moment, Source("events", 0, offset, 0))
        self._see()

    def at_tick(self, day: int) -> None:
        """As the shell does: only a household that is due is visited."""
        self.tick = day
        if 0 < due_day(self.household) <= day:
            fold_tick("H1", self.household, Moment(shipped(), day, {}), Source("household.events", 0, 0, 0))
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


@settings(max_examples=2000, database=None)
@given(seed=st.integers(0, 2**40))
def test_what_stands_is_what_the_set_of_facts_and_rows_says_in_any_order(seed: int) -> None:
    random = Random(seed)
    records = segment(random, START, DAYS, offset=1)
    folded = Folded(random)

    for offset, record in enumerate(shuffled(random, records)):
        folded.fold(record, offset)

    rolls = sorted((r for r in records if isinstance(r, Roll)), key=lambda roll: roll.offset)
    facts = [r for r in records if isinstance(r, Fact)]
    assert folded.verdict == Oracle(facts, {roll.person: roll.rows for roll in rolls}, "H1").verdict()


@settings(max_examples=400, database=None)
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
            folded.at_tick(first_day + 400)
        assert one.verdict == other.verdict
        assert one.household.facts == other.household.facts
        assert not 0 < due_day(one.household) <= first_day + 400


@settings(max_examples=300, database=None)
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
