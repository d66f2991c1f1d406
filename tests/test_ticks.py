"""What did not happen: found at a tick, once the feed that could say otherwise has come past the deadline."""

from __future__ import annotations

import asyncio

import pytest

from schemas.beijing import start_of
from schemas.codec import decode
from schemas.fact import Fact, Value
from schemas.topics import ALERTS, HOUSEHOLD_EVENTS
from streams.changelog import ENTITY, TAG_BYTES
from streams.correlate import shipped
from streams.correlate_program import Correlate
from streams.household import due_day
from tests.builders import Home, at, bill, day, fact, graded, row
from tests.fake_log import FakeProducer
from tests.offline import OfflineWorker, activation_record, household_record, households_on, tick_record

DUE = "2023-10-01"
DEADLINE = day("2023-10-31")
"""Thirty days later."""


def works(
    state: str = "started", when: str = "2023-03-01", event_id: str = "w1", due: str = DUE, **more: Value
) -> Fact:
    return fact("housing.renovation", when, event_id, state=state, due_on=day(due), **more)  # type: ignore[arg-type]  # keywords of fact


def ticked(home: Home, on: int, fed: int) -> Home:
    """As the shell does: a household that is not due is not visited."""
    home.tick_day, home.positions = on, {"housing": fed}
    return home.tick(on, housing=fed) if 0 < due_day(home.household) <= on else home


def causes(home: Home) -> list[str]:
    return sorted(home.causes) if home.level != "none" else []


@pytest.mark.parametrize(
    ("on", "fed", "late"),
    [
        (DEADLINE, DEADLINE, False),
        (DEADLINE + 1, DEADLINE, True),
        (DEADLINE + 1, DEADLINE - 1, False),
        (DEADLINE + 99, DEADLINE - 1, False),
        (DEADLINE + 99, DEADLINE + 99, True),
    ],
)
def test_a_renovation_is_late_once_tick_and_feed_have_passed_the_deadline(on: int, fed: int, *, late: bool) -> None:
    home = ticked(Home().take(works()), on, fed)

    assert causes(home) == (["R14"] if late else [])


def test_what_came_before_the_first_rule_set_is_awaited_as_soon_as_there_is_one() -> None:
    home = Home(rules=None).take(works())
    home.rules = shipped()

    assert home.take(bill(1, "2023-01-01")).due == DEADLINE + 1


def test_what_is_late_came_true_on_the_day_after_the_first_deadline() -> None:
    home = Home().lives("p_a", row()).lives("p_b", row())
    home.take(works(person="p_a"), works(event_id="w2", due="2023-10-05", person="p_b"))

    ticked(home, DEADLINE + 99, DEADLINE + 99)

    assert home.household.findings["R14"].since == start_of(DEADLINE + 1)


def test_a_repeat_of_what_a_rule_watches_changes_nothing() -> None:
    home = Home(tick_day=DEADLINE).take(works()).tick(DEADLINE, housing=DEADLINE)
    before = home.stored

    assert home.take(works()).stored == before


def test_the_feed_of_another_department_says_nothing() -> None:
    home = Home().take(works()).tick(DEADLINE + 50, education=DEADLINE + 50)

    assert causes(home) == []
    assert causes(home.tick(DEADLINE + 51, education=DEADLINE + 51, housing=DEADLINE)) == ["R14"]


def test_a_household_is_due_the_day_after_the_deadline_and_every_day_until_the_feed_comes() -> None:
    home = Home().take(works())
    assert due_day(home.household) == DEADLINE + 1

    ticked(home, DEADLINE + 1, DEADLINE - 1)
    assert 0 < due_day(home.household) <= DEADLINE + 2
    ticked(home, DEADLINE + 2, DEADLINE)

    assert causes(home) == ["R14"]
    assert due_day(home.household) == 0


def test_the_earliest_of_what_is_to_forget_and_what_may_be_late_is_due() -> None:
    first, last = bill(1, "2020-01-01", "old"), bill(1, "2023-01-01", "new")

    assert due_day(Home().take(works(), first).household) == day("2020-01-01") + 801
    assert due_day(Home().take(works(), last).household) == DEADLINE + 1


def test_a_deadline_before_1970_is_due_at_the_next_tick() -> None:
    home = Home().take(works(due="1969-01-01"))

    assert due_day(home.household) == 1
    assert causes(ticked(home, 20_000, 20_000)) == ["R14"]


def test_what_comes_after_a_tick_waits_for_the_next() -> None:
    home = ticked(Home(), DEADLINE + 40, DEADLINE + 40)

    home.take(works())
    assert causes(home) == []
    assert due_day(home.household) == DEADLINE + 41
    assert home.household.arrived is not None
    assert causes(ticked(home, DEADLINE + 41, DEADLINE + 40)) == ["R14"]
    assert home.household.arrived is None, "when it came is kept no longer than needed"


def test_a_delivery_that_brings_start_and_end_of_the_works_alarms_nobody_in_between() -> None:
    home = ticked(Home(), DEADLINE + 40, DEADLINE + 40)

    home.take(works(), works("finished", "2023-09-01", "w2"))
    ticked(home, DEADLINE + 41, DEADLINE + 41)

    assert home.alerts == []
    assert due_day(home.household) == 0


def test_a_new_deadline_that_comes_after_a_tick_waits_as_well() -> None:
    home = ticked(Home().take(works(due="2024-06-01")), DEADLINE + 40, DEADLINE + 40)
    home.take(works(revision=1))
    assert causes(home) == []

    assert causes(ticked(home, DEADLINE + 41, DEADLINE + 41)) == ["R14"]


def test_works_that_stand_again_by_a_retraction_are_late_at_once_as_the_last_tick_knew_them() -> None:
    home = Home().take(works(), works("finished", "2023-09-01", "w2"))
    ticked(home, DEADLINE + 40, DEADLINE + 40)
    assert causes(home) == []

    home.take(works("finished", "2023-09-01", "w2", retracted=True))

    assert causes(home) == ["R14"]


def test_finished_works_withdraw_the_alert_and_a_later_deadline_too() -> None:
    for good_news in (works("finished", "2023-11-05", "w2"), works("started", "2023-11-05", "w2", due="2024-06-01")):
        home = ticked(Home().take(works()), DEADLINE + 1, DEADLINE)
        home.take(good_news)
        assert home.alert["status"] == "WITHDRAWN"


def test_time_alone_ends_nothing() -> None:
    home = ticked(Home().take(works(), graded("D")), DEADLINE + 1, DEADLINE)
    versions = len(home.alerts)

    for later in (2, 400, 4000):
        home.tick(DEADLINE + later, housing=DEADLINE + later)

    assert causes(home) == ["R13", "R14"]
    assert len(home.alerts) == versions


def test_what_becomes_late_may_light_the_third_lamp_at_that_tick() -> None:
    absent = fact("education.enrolment", "2023-09-20", "s", person="p_a", status="absent_long", absent_days=5)
    lapsed = fact("health_insurance.enrolment", "2023-02-01", "i", person="p_a", year=2023, status="lapsed")
    home = Home().lives("p_a", row(tags=["lifted"])).take(absent, lapsed, works())
    assert causes(home) == ["R06", "R11"]

    ticked(home, DEADLINE + 1, DEADLINE)

    assert causes(home) == ["C5", "R06", "R11", "R14"]
    assert home.causes["C5"] == ("orange", ["i", "s", "w1"])
    assert home.alert["source_topic"] == "household.events"


def test_evidence_that_a_tick_first_needs_is_not_forgotten_by_it() -> None:
    """A fee of more than 800 days ago, until now evidence of nothing that stands, lights a lamp at the same tick."""
    owing = fact("education.fee", "2021-01-01", "f", person="p_a", overdue=1000, overdue_days=30)
    lapsed = fact("health_insurance.enrolment", "2023-02-01", "i", person="p_a", year=2023, status="lapsed")
    home = Home().lives("p_a", row(tags=["monitored"])).take(owing, lapsed, works())

    ticked(home, DEADLINE + 1, DEADLINE)

    assert home.causes["C5"] == ("orange", ["f", "i", "w1"])


def test_a_member_who_moves_out_takes_the_late_works_along() -> None:
    home = Home().lives("p_a", row()).take(works(person="p_a"))
    home.lives("p_a", row(), row("2023-01-01", "H2"))
    assert due_day(home.household) == 0

    home.lives("p_a", row(), offset=99)

    assert due_day(home.household) == DEADLINE + 1


def test_before_the_first_tick_nothing_is_late() -> None:
    assert causes(Home().take(works(due="1990-01-01"), bill(1, at("2023-01-01"), "b"))) == []


def test_a_tick_writes_only_the_households_that_are_due_and_a_new_owner_knows_which() -> None:
    late, later = households_on(0, 2)
    log = [
        activation_record(0, 0, shipped().hash),
        household_record(1, late, works(event_id="w1")),
        household_record(2, later, works(event_id="w2", due="2023-12-01")),
    ]

    async def story() -> list[list[str]]:
        producer, said = FakeProducer(), []
        for records in (
            log,
            [tick_record(3, 0, DEADLINE + 1, housing=DEADLINE)],
            [tick_record(4, 0, 30_000, housing=30_000)],
        ):
            worker = OfflineWorker(Correlate(lambda _: shipped()), producer)
            worker.take_over({HOUSEHOLD_EVENTS: 1000})
            before = len(producer.records(worker.program.changelog))
            await worker.process(HOUSEHOLD_EVENTS, records)
            written = producer.records(worker.program.changelog)[before:]
            said.append([key[1:-TAG_BYTES].decode() for key, value in written if key and key[:1] == ENTITY and value])
        return [*said, [decode(value)[1]["household_id"] for _, value in producer.records(ALERTS) if value]]

    assert asyncio.run(story()) == [[late, later], [late], [later], [late, later]]
