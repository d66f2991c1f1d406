"""What an answer rests on, at its edges: pages long turned, facts long forgotten, windows that have passed."""

from __future__ import annotations

from schemas.fact import Fact
from tests.builders import Home, bill, day, fact, graded, row
from tests.cases import TO_HELPING, cleared, home, last, status


def test_what_stood_on_one_page_only_is_dealt_with_by_who_saw_that_page() -> None:
    def said(yuan: float, revision: int) -> Fact:
        return bill(yuan, "2023-05-01", "b", revision=revision)

    made = Home().take(said(27_000, 0)).take(said(28_000, 1)).act("rejected", version_seen=1)
    assert (made.alert["ordinal"], status(made)) == (2, "ALERTED")

    made.take(said(27_000, 2))

    assert (made.alert["ordinal"], status(made)) == (2, "WITHDRAWN")


def test_an_answer_deals_with_nothing_that_left_the_page_before_it_was_opened() -> None:
    made = Home().take(graded("D"), bill(27_000, "2023-05-01", "b")).take(bill(100, "2023-05-01", "b", revision=1))
    made.act("rejected", version_seen=made.alert["version"])
    made.take(bill(27_000, "2023-05-01", "b", revision=2))

    assert (made.alert["ordinal"], sorted(made.causes)) == (2, ["C1", "R04"])


def test_a_basis_does_not_change_because_a_fact_of_it_is_forgotten() -> None:
    made = Home(tick_day=day("2021-02-01")).take(bill(27_000, "2021-01-10", "old"), bill(27_000, "2021-02-01", "new"))
    made.act("confirmed").take(bill(30_000, "2022-01-20", "later"))
    assert made.causes["R04"][1] == ["later", "new"]

    made.tick("2023-03-24")
    assert "old" not in {fact.partition(":")[2] for fact in made.household.facts}
    made.take(graded("D", "2023-03-23", "house"))
    assert made.alert["basis_changed"] is False

    made.take(bill(27_000, "2021-02-01", "new", retracted=True))

    assert made.alert["basis_changed"] is True


def test_a_basis_of_which_everything_is_forgotten_has_not_changed() -> None:
    made = Home(tick_day=day("2021-02-01")).take(bill(27_000, "2021-01-10", "old")).act("confirmed")
    made.take(bill(30_000, "2022-02-20", "later")).tick("2023-03-24")
    assert list(made.household.facts) == ["1:later"]

    made.take(graded("D", "2023-03-23", "house"))

    assert (status(made), made.alert["basis_changed"]) == ("CONFIRMED", False)


def test_nothing_is_said_of_the_basis_of_a_confirmation_once_the_household_is_cleared() -> None:
    made = cleared().take(graded("C", revision=1))

    assert (status(made), made.alert["basis_changed"]) == ("CLEARED_TRACKING", False)


def test_the_compound_cause_of_a_monitored_household_is_open_as_long_as_its_part() -> None:
    made = Home(tick_day=day("2024-05-01")).lives("p_a", row(tags=["monitored"])).take(bill(60_000, "2023-05-02"))
    for step in (*TO_HELPING, "clear_proposed", "cleared"):
        made.act(step)
    assert (last(made), made.causes["C7"][0]) == (("refused", "red_open"), "red")

    made.tick("2024-05-02").act("cleared")

    assert status(made) == "CLEARED_TRACKING"


def test_closing_is_proposed_on_the_day_after_the_tracking_year_and_not_on_its_last() -> None:
    made = cleared("2023-03-01").tick("2024-02-29").act("visited")
    assert (last(made), made.alert["proposals"]) == (("accepted", None), [])

    assert made.tick("2024-03-01").alert["proposals"] == ["close"]
    assert home("confirmed").alert["proposals"] == []


def test_the_tracking_year_begins_on_the_day_of_clearing() -> None:
    closed = cleared("2023-03-01").tick("2024-03-01").act("closed")

    within = closed.copy().take(bill(27_000, "2023-03-01T12:00:00", "b"))
    before = closed.copy().take(bill(27_000, "2023-02-28T23:59:59", "b"))

    assert (within.alert["ordinal"], status(within)) == (1, "REOPENED")
    assert (before.alert["ordinal"], status(before)) == (2, "ALERTED")


def test_a_tick_visits_a_household_in_help_once_for_each_window_that_passes() -> None:
    owing = fact("education.fee", "2023-05-21", "fee", overdue=1000.0, overdue_days=30)
    made = Home(tick_day=day("2023-06-01")).take(bill(27_000, "2023-05-02", "bill"), owing)
    for step in TO_HELPING:
        made.act(step)
    first = made.due
    version = made.tick(first).alert["version"]

    assert day("2023-11-01") < first < day("2024-05-02")
    assert (made.due, version, made.alert["proposals"]) == (day("2024-05-02"), made.alerts[-1]["version"], [])
    assert made.tick("2024-05-02").alert["proposals"] == ["clear"]
