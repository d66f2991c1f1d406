"""The recount comes to what correlate comes to, by another way; and it tells where they part."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.fact import Fact
from schemas.partition import partition_of
from streams.case import WITHDRAWN, alert_id_of
from streams.correlate import shipped
from streams.reconcile import Difference, compared, differences, lasting
from streams.recount import expected
from streams.recount_history import Expected, History, Published, Ticked
from streams.register import Row
from tests.builders import Home, bill, day, graded, row
from tests.seeds import seeds
from tests.test_correlate_properties import DAYS, START, some_fact, some_rows, some_ticks

HERE = partition_of(b"H1")
PEOPLE = ("p_a", "p_b")
SUBJECTS = (None, *PEOPLE)


def history(facts: list[Fact], people: dict[str, list[Row]], ticks: tuple[Ticked, ...] = ()) -> History:
    """What was published, in the order in which it came; a tick's offset is ten times its place."""
    told = History(named={"H1"}, rows=people, rule_sets=dict.fromkeys(range(12), shipped()))
    for offset, said in enumerate(facts):
        at = ("events", 0, offset)
        told.events.append(Published(said, None if said.person else "H1", at))
        told.arrivals.setdefault("H1", []).append((offset * 10, at))
    told.ticks[HERE] = list(ticks)
    return told


def live(home: Home) -> dict[str, object] | None:
    """What the household's newest alert says, as far as it is compared."""
    alert = home.alerts[-1] if home.alerts else None
    return None if alert is None or alert["status"] == WITHDRAWN else compared(alert)


def of_h1(told: History) -> Expected | None:
    return expected(told)["H1"]


def of_one_subject(said: Fact) -> Fact:
    """A fact whose subject follows from its id, as no revision may change it."""
    return replace(said, person=SUBJECTS[sum(said.id.encode()) % len(SUBJECTS)])


@seeds(300)
@given(st.integers(0, 2**32))
def test_the_recount_comes_to_what_correlate_folds_in_any_order(seed: int) -> None:
    random = Random(seed)
    facts = [of_one_subject(some_fact(random, START, DAYS)) for _ in range(random.randrange(1, 14))]
    people = {person: list(some_rows(random, START)) for person in PEOPLE}
    home, order = Home(), list(facts)
    random.shuffle(order)
    home.lives("p_b", *people["p_b"])
    home.take(*order)
    home.lives("p_a", *people["p_a"])

    assert of_h1(history(facts, people)) == live(home)


@seeds(300)
@given(st.integers(0, 2**32))
def test_the_recount_knows_what_each_tick_found_late(seed: int) -> None:
    random = Random(seed)
    facts = [of_one_subject(some_fact(random, START, DAYS)) for _ in range(random.randrange(1, 14))]
    people = {person: list(some_rows(random, START)) for person in PEOPLE}
    home, ticks = Home(), []
    for person, rows in people.items():
        home.lives(person, *rows)
    places = sorted(random.sample(range(len(facts) + 1), 2))
    after = dict(zip(places, some_ticks(random)[:2], strict=True))
    for place in range(len(facts) + 1):
        if place in after:
            ticks.append(Ticked(place * 10 - 5, *after[place]))
            home.tick(after[place][0], **after[place][1])
        home.take(*facts[place : place + 1])

        told = history(facts[: place + 1], people, tuple(ticks))
        assert of_h1(told) == live(home)


def test_a_fact_counts_where_the_person_lived_and_a_parked_one_nowhere() -> None:
    people = {"p_a": [row("2020-01-01", "H1"), row("2023-04-01", "H2", valid_to="2023-05-01")]}
    days = {"H1": "2023-03-31", "H2": "2023-05-01", "nowhere": "2023-05-02"}
    facts = [bill(30_000, when, event_id, person="p_a") for event_id, when in days.items()]
    verdicts = expected(history(facts, people))

    evidence = {home: alert and alert["causes"][0]["evidence"] for home, alert in verdicts.items()}

    assert evidence == {"H1": ["H1"], "H2": ["H2"]}


def test_a_households_own_fact_counts_once_the_register_named_the_household() -> None:
    told = history([graded("D")], {})
    known = of_h1(told)
    told.named.clear()

    assert known is not None
    assert (known["alert_id"], known["level"]) == (alert_id_of("H1", 1), "red")
    assert expected(told) == {}


def test_a_fact_that_correlate_refused_for_the_households_size_does_not_count() -> None:
    told = history([graded("D")], {})
    told.refused.add(("H1", told.events[0].at))

    assert of_h1(told) is None


@pytest.mark.parametrize("gap", [[0], [1], [0, 1], [0, 1, 2]])
def test_what_ticks_took_away_before_it_was_needed_does_not_count(gap: list[int]) -> None:
    """Two bills a year apart raise an alert together; ticks of 801 days after the first fall in between."""
    bills = [bill(14_000, "2020-01-01", "e0"), bill(14_000, "2020-12-01", "e1"), graded("D", "2022-10-01", "e2")]
    facts = [said for place, said in enumerate(bills) if place in gap]
    last = day("2022-03-20")
    for place in range(len(facts) + 1):
        home = Home()
        home.take(*facts[:place]).tick(last).take(*facts[place:])

        assert of_h1(history(facts, {}, (Ticked(place * 10 - 5, last),))) == live(home)


def test_without_an_active_rule_set_there_is_no_alert() -> None:
    told = history([graded("D")], {})
    told.rule_sets.clear()

    assert of_h1(told) is None


def alert_of(**changes: object) -> dict[str, object]:
    found = of_h1(history([graded("D")], {}))
    assert found is not None
    return found | changes


def test_differences_name_the_field_and_both_values() -> None:
    live_alerts = {"H1": alert_of(level="orange"), "H2": alert_of(), "H3": alert_of(status=WITHDRAWN), "H5": alert_of()}
    due = {"H1": alert_of(), "H2": None, "H3": None, "H4": alert_of(), "H5": alert_of(), "H6": None}

    assert differences(live_alerts, due) == [
        Difference("H1", "level", "orange", "red"),
        Difference("H2", "unfounded", alert_of(), None),
        Difference("H4", "missing", None, alert_of()),
    ]


def test_a_difference_that_is_gone_or_other_at_the_second_reading_was_work_on_its_way() -> None:
    first = [Difference("H1", "level", "red", "orange"), Difference("H2", "level", "red", "orange")]
    second = [Difference("H1", "level", "red", "orange"), Difference("H2", "level", "yellow", "orange")]

    assert lasting(second, first) == second[:1]
