"""A trouble that is less than one which was answered before is a trouble nevertheless; what led to that one is not."""

from __future__ import annotations

import pytest

from schemas.fact import Fact
from tests.builders import Home, at, bill, day, fact, graded, row
from tests.cases import TO_HELPING, status


def home(*facts: Fact) -> Home:
    return Home(tick_day=day("2023-06-01")).lives("p_a", row()).take(*facts)


def causes(made: Home) -> dict[str, list[str]]:
    """Evidence of the present alert by rule."""
    return {rule: evidence for rule, (_, evidence) in made.causes.items()}


def test_a_lesser_bill_after_a_greater_one_that_was_answered_begins_the_next_case() -> None:
    made = home(bill(90_000, "2023-01-10", "great")).act("rejected").take(bill(27_000, "2024-06-10", "less"))

    assert (made.alert["ordinal"], status(made), causes(made)) == (2, "ALERTED", {"R04": ["less"]})
    assert made.alert["level"] == "orange"


def test_it_began_on_its_own_day_and_not_when_the_answered_one_did() -> None:
    made = home(bill(90_000, "2023-01-10", "great")).act("rejected").take(bill(27_000, "2024-06-10", "less"))

    (finding,) = made.household.findings.values()
    assert finding.since == finding.first == at("2024-06-10")


def test_within_the_window_of_the_answered_one_both_are_evidence() -> None:
    made = home(bill(90_000, "2023-01-10", "great")).act("rejected").take(bill(100, "2023-06-10", "more"))

    assert (made.alert["ordinal"], causes(made)) == (2, {"R04": ["great", "more"]})


def test_what_had_happened_before_the_answered_one_is_dealt_with_by_the_same_answer() -> None:
    made = home(bill(27_000, "2022-01-10", "long ago"), bill(90_000, "2023-06-10", "great")).act("rejected")

    assert (made.alert["ordinal"], status(made)) == (1, "REJECTED")


def test_an_old_bill_that_comes_after_the_answer_was_never_looked_at() -> None:
    made = home(bill(90_000, "2023-06-10", "great")).act("rejected").take(bill(27_000, "2022-01-10", "late"))

    assert (made.alert["ordinal"], causes(made)) == (2, {"R04": ["late"]})


def test_a_bill_after_the_page_that_was_answered_is_what_is_left() -> None:
    made = home(bill(90_000, "2023-01-10", "great"), bill(27_000, "2024-06-10", "less"))
    assert causes(made) == {"R04": ["great"]}

    made.act("rejected")

    assert (made.alert["ordinal"], causes(made)) == (2, {"R04": ["less"]})


@pytest.mark.parametrize("when", ["2023-05-01", "2022-01-10", "2023-06-10", "2023-06-11"])
def test_a_greater_bill_that_came_while_somebody_answered_an_older_page_is_left_whenever_it_happened(when: str) -> None:
    made = home(bill(27_000, "2023-06-10", "seen")).take(bill(90_000, when, "came"))

    made.act("rejected", version_seen=1)

    assert (made.alert["ordinal"], status(made), made.alert["level"]) == (2, "ALERTED", "red")
    assert "came" in causes(made)["R04"]


def test_what_had_happened_before_is_dealt_with_on_an_older_page_as_well() -> None:
    made = home(bill(27_000, "2022-01-10", "long ago"), bill(90_000, "2023-06-10", "great")).act("visited")

    made.act("rejected", version_seen=2)

    assert (made.alert["version"], made.alert["ordinal"], status(made)) == (4, 1, "REJECTED")


def test_two_troubles_after_an_answered_one_come_up_in_their_turn_the_greater_first() -> None:
    made = home(bill(90_000, "2023-01-10", "great")).act("rejected")
    made.take(bill(27_000, "2024-06-10", "less"), bill(100, "2023-06-10", "more"))
    assert (made.alert["ordinal"], made.alert["level"], causes(made)) == (2, "red", {"R04": ["great", "more"]})

    made.act("rejected")

    assert (made.alert["ordinal"], made.alert["level"], causes(made)) == (3, "orange", {"R04": ["less"]})


def test_a_bill_that_was_answered_keeps_company_with_an_allowance_that_is_cut_after_it() -> None:
    cut = fact("civil_affairs.dibao_change", "2023-07-10", "cut", person="p_a", action="stopped")
    assert home().take(cut).household.case is None

    made = home(bill(27_000, "2023-06-10", "bill")).act("rejected").take(cut)

    assert (made.alert["ordinal"], causes(made)) == (2, {"R08": ["cut"]})


def test_a_grade_that_stands_again_once_the_answered_one_is_taken_back_was_never_looked_at() -> None:
    made = home(graded("C", "2023-04-01", "before"), graded("D", "2023-05-01", "after")).act("rejected")
    assert status(made) == "REJECTED"

    made.take(graded("D", "2023-05-01", "after", retracted=True))

    assert (made.alert["ordinal"], causes(made)) == (2, {"R13": ["before"]})


def test_an_answer_about_bills_deals_with_no_house_that_was_not_on_the_page() -> None:
    made = (
        home(bill(90_000, "2023-06-10", "great"))
        .act("rejected", version_seen=1)
        .take(graded("C", "2023-01-01", "house"))
    )

    assert causes(made)["R13"] == ["house"]


def test_fewer_losses_than_those_that_were_answered_count_as_well() -> None:
    def loss(when: str, event_id: str) -> Fact:
        return fact("emergency.household_loss", when, event_id, loss=6_000)

    made = home(loss("2023-05-01", "l1"), loss("2023-05-02", "l2")).act("rejected").take(loss("2023-12-01", "one"))

    assert (made.alert["ordinal"], causes(made)) == (2, {"R18": ["one"]})


def test_a_combination_looks_for_a_window_that_was_not_answered() -> None:
    def owing(when: str, event_id: str) -> Fact:
        return fact("education.fee", when, event_id, person="p_a", due=2_000, overdue=600, overdue_days=20)

    made = home(bill(6_000, "2024-01-10", "b2"), owing("2024-02-01", "f2"))
    assert causes(made) == {"C1": ["b2", "f2"]}

    made.act("rejected").take(bill(6_000, "2023-01-10", "b1"), owing("2023-02-01", "f1"))

    assert (made.alert["ordinal"], causes(made)) == (2, {"C1": ["b1", "f1"]})


def test_help_that_does_not_come_a_second_time_is_found_a_second_time() -> None:
    def owing(when: str, event_id: str) -> Fact:
        return fact("education.fee", when, event_id, person="p_a", due=2_000, overdue=1_500, overdue_days=40)

    made = Home(tick_day=day("2023-06-01")).lives("p_a", row(tags=["lifted"])).take(owing("2023-03-01", "f1"))
    made.tick(day("2023-06-02"), education=day("2023-06-01"))
    assert causes(made)["P02"] == ["f1"]

    made.act("rejected").take(owing("2024-03-01", "f2")).tick(day("2024-06-01"), education=day("2024-05-31"))

    assert causes(made)["P02"] == ["f2"]
    assert made.household.findings["P02"].since == at("2024-03-01")


def test_a_lesser_bill_in_the_tracking_year_is_a_relapse() -> None:
    made = home(bill(50_000, "2022-01-10", "great"))
    for step in (*TO_HELPING, "clear_proposed", "cleared"):
        made.act(step, acted_at=at("2023-03-01"))
    assert status(made) == "CLEARED_TRACKING"

    assert status(made.take(bill(27_000, "2023-09-01", "less"))) == "REOPENED"
    assert causes(made) == {"R04": ["less"]}
