"""What a household's township is told of its causes: since when, of which, and that they stand no longer."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Record, decode
from schemas.fact import Fact
from streams.signals import newer_signals
from tests.builders import TOWNSHIP, Home, bill, day, fact, graded, row

ELSEWHERE = "220302002"


def told(home: Home) -> dict[tuple[str, str], tuple[int, int | None]]:
    """Township and cause -> version and day of the newest signal."""
    signals = [decode(message)[1] for _, message in newer_signals(None, home.household.signals)]
    return {(each["township_code"], each["cause"]): (each["version"], each["day"]) for each in signals}


def registered(*rows: tuple[str, str]) -> Home:
    """A household of one person, by day and township."""
    return Home().lives("p", *(row(since, township=township, village=f"{township}001") for since, township in rows))


@pytest.fixture
def home() -> Home:
    return registered(("2020-01-01", TOWNSHIP))


def test_a_cause_is_told_with_the_day_on_which_it_became_true(home: Home) -> None:
    home.take(graded("D", "2023-05-01"))

    assert told(home) == {(TOWNSHIP, "house"): (1, day("2023-05-01"))}
    ((key, message),) = newer_signals(None, home.household.signals)
    record = decode(message)[1]
    assert (key, record["household_id"], record["source_topic"]) == (TOWNSHIP.encode(), "H1", "events.housing")


def test_more_of_the_same_cause_tells_nothing_new(home: Home) -> None:
    home.take(graded("D", "2023-05-01"))
    before = home.household.signals
    home.take(graded("C", "2023-06-01", "e2", person="p"), bill(3_000, "2023-06-01", "b1"))

    assert newer_signals(before, home.household.signals) == []


def test_bills_became_trouble_with_the_one_that_reached_the_line_whatever_comes_later(home: Home) -> None:
    bills = [bill(15_000, f"2023-0{month}-10", f"b{month}") for month in (1, 3, 5, 6)]
    for order in (bills, bills[::-1]):
        again = home.copy().take(*order)
        assert told(again)[TOWNSHIP, "illness"][1] == day("2023-03-10")


def test_a_correction_below_the_line_withdraws_the_signal(home: Home) -> None:
    home.take(graded("D", "2023-05-01"), graded("A", "2023-05-01", revision=1))

    assert told(home) == {(TOWNSHIP, "house"): (2, None)}


def test_a_move_withdraws_from_the_old_township_and_tells_the_new_one(home: Home) -> None:
    home.take(graded("D", "2023-05-01"))
    moved = row("2023-07-01", township=ELSEWHERE, village=f"{ELSEWHERE}001")
    home.lives("p", row("2020-01-01"), moved)

    assert told(home) == {(TOWNSHIP, "house"): (2, None), (ELSEWHERE, "house"): (1, day("2023-05-01"))}
    home.lives("p", row("2020-01-01"), moved, row("2023-08-01"))
    assert told(home) == {(TOWNSHIP, "house"): (3, day("2023-05-01")), (ELSEWHERE, "house"): (2, None)}


def test_a_household_that_no_township_has_is_told_to_nobody_until_it_is_registered() -> None:
    home = Home().take(graded("D", "2023-05-01"))
    assert told(home) == {}

    home.lives("p", row("2020-01-01"))
    assert told(home) == {(TOWNSHIP, "house"): (1, day("2023-05-01"))}


def test_what_people_found_unreal_is_withdrawn_and_what_they_confirmed_stands(home: Home) -> None:
    home.take(graded("D", "2023-05-01"))

    assert told(home.copy().act("rejected")) == {(TOWNSHIP, "house"): (2, None)}
    assert told(home.copy().act("confirmed")) == {(TOWNSHIP, "house"): (1, day("2023-05-01"))}


def test_what_is_only_watched_is_no_signal() -> None:
    home = Home().lives("p", row("2020-01-01", tags=["lifted"]))
    poor = fact("rural_revitalisation.income", "2023-05-01", year=2022, per_capita_net=9_000.0, prev_year=8_000.0)
    home.take(poor)

    assert home.level == "watch"
    assert told(home) == {}


def test_the_township_of_which_it_counts_as_a_household_follows_the_register(home: Home) -> None:
    assert home.household.home == TOWNSHIP
    home.lives("p", row("2020-01-01"), row("2023-07-01", township=ELSEWHERE, village=f"{ELSEWHERE}001"))
    assert home.household.home == ELSEWHERE
    home.lives("p", row("2020-01-01"), row("2023-07-01", "H2"))
    assert home.household.home is None


reports = st.builds(
    lambda which, when, revision: (
        graded("ABCD"[which % 4], day("2023-01-01") * 86_400_000 + when * 86_400_000, f"h{which}", revision=revision)
        if which < 4
        else bill(9_000, day("2023-01-01") * 86_400_000 + when * 86_400_000, f"b{which}", revision=revision)
    ),
    st.integers(0, 8),
    st.integers(0, 120),
    st.integers(0, 2),
)


def days(home: Home) -> dict[tuple[str, str], int]:
    return {key: since for key, (_, since) in told(home).items() if since is not None}


@given(st.lists(reports, max_size=8), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_change_what_is_told(facts: list[Fact], chance: object) -> None:
    once = registered(("2020-01-01", TOWNSHIP)).take(*facts)
    mixed = facts * 2
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # a random.Random

    assert days(registered(("2020-01-01", TOWNSHIP)).take(*mixed)) == days(once)


@given(st.lists(reports, max_size=8))
def test_versions_grow_by_one_and_each_is_said_once(facts: list[Fact]) -> None:
    home, versions = registered(("2020-01-01", TOWNSHIP)), dict[tuple[str, str], list[Record]]()
    for each in facts:
        before = home.household.signals
        home.take(each)
        for _, message in newer_signals(before, home.household.signals):
            record = decode(message)[1]
            versions.setdefault((record["township_code"], record["cause"]), []).append(record)

    for said in versions.values():
        assert [record["version"] for record in said] == list(range(1, len(said) + 1))
        assert all(one["day"] != other["day"] for one, other in pairwise(said))
