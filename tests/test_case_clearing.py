"""From help to clearing, through the tracking year, to closing or relapse (domain.md 4.0 and section 8)."""

from __future__ import annotations

from collections import Counter

import pytest

from schemas.actions import PARTS, PROPOSALS
from streams.clearing import hindrance, labour_of
from streams.correlate import RuleSet, shipped
from streams.finding import Handled
from streams.household import Membership
from tests.builders import TOWNSHIP, Home, at, bill, day, fact, graded, row
from tests.cases import OTHER_TOWNSHIP, TO_HELPING, cleared, home, last, safe_again, status


def test_clearing_is_refused_with_an_open_red_cause() -> None:
    made = home(*TO_HELPING, "clear_proposed", "cleared")
    assert (last(made), status(made)) == (("refused", "red_open"), "CLEAR_PROPOSED")

    safe_again(made).act("cleared")

    assert status(made) == "CLEARED_TRACKING"


def test_a_red_cause_of_bills_is_open_for_the_length_of_its_window() -> None:
    made = Home(tick_day=day("2024-05-01")).take(bill(60_000, "2023-05-02"))
    for step in (*TO_HELPING, "clear_proposed", "cleared"):
        made.act(step)
    assert last(made) == ("refused", "red_open")
    made.tick("2024-05-02").act("cleared")

    assert status(made) == "CLEARED_TRACKING"


def test_clearing_is_refused_without_a_delivered_measure() -> None:
    assert hindrance([], Handled(), ["able"], labour_needed=False) == "nothing_delivered"
    assert hindrance([], Handled(measures=["M10"]), ["able"], labour_needed=False) is None
    made = safe_again(home("confirmed", "included", "planned")).act("clear_proposed")
    assert (last(made), status(made)) == (("refused", "out_of_turn"), "PLANNED")


def test_clearing_is_refused_while_nothing_was_delivered_in_this_round() -> None:
    made = cleared().take(graded("C", "2023-06-01", "again")).act("confirmed").act("included").act("planned")

    assert (status(made), made.alert["measures"]) == ("PLANNED", [])


@pytest.mark.parametrize(("labour", "expected"), [("none", "no_labour"), ("weak", None), ("able", None)])
def test_clearing_is_refused_without_labour_where_so_configured(labour: str, expected: str | None) -> None:
    made = safe_again(home(*TO_HELPING, "clear_proposed"))
    made.lives("p_a", row(labour=labour)).lives("p_gone", row(valid_to="2023-01-01"))
    assert last(made.copy().act("cleared")) == ("accepted", None)

    made.rules = RuleSet.from_content(shipped().content.replace('"labour":false', '"labour":true'))
    made.act("cleared")

    assert made.rules.labour_needed
    assert last(made) == ("refused" if expected else "accepted", expected)


def test_one_who_can_work_is_enough_and_a_household_of_which_nobody_is_known_is_not_held_up() -> None:
    helped = Handled(measures=["M10"])

    hindered = [hindrance([], helped, known, labour_needed=True) for known in (["none", "weak"], ["none"], [])]
    assert hindered == [None, "no_labour", None]


def test_somebodys_labour_is_that_of_the_last_row_that_names_the_household() -> None:
    rows = [row(labour="able"), row("2021-01-01", "H2", labour="able"), row("2022-01-01", labour="none")]
    rows.append(row("2024-01-01", "H2", labour="able"))

    for order in (rows, rows[::-1]):
        people = {"p_a": Membership(0, order), "p_b": Membership(0, [row(household_id="H2", labour="able")])}
        assert labour_of(people, "H1", day("2023-01-01")) == ["none"]


def test_the_county_may_return_a_proposal_to_clear() -> None:
    assert status(home(*TO_HELPING, "clear_proposed", "returned")) == "HELPING"


def test_a_cleared_household_is_tracked_for_one_calendar_year() -> None:
    """X8: cleared on 2023-03-01 it is tracked on 2024-02-29, and closed on 2024-03-01 by a named person only."""
    made = cleared("2023-03-01").tick("2024-02-29")
    assert (status(made), made.alert["proposals"]) == ("CLEARED_TRACKING", [])
    assert made.alert["tracking_until"] == day("2024-02-29")
    made.act("closed")
    assert last(made) == ("refused", "still_tracking")

    made.tick("2024-03-01")

    assert (status(made), made.alert["proposals"]) == ("CLEARED_TRACKING", ["close"])
    assert status(made.act("closed")) == "CLOSED"


@pytest.mark.parametrize(
    ("on", "until"),
    [
        ("2024-02-29", "2025-02-28"),
        ("2023-02-28", "2024-02-27"),
        ("2024-03-01", "2025-02-28"),
        ("2023-12-31", "2024-12-30"),
        ("2024-01-01", "2024-12-31"),
    ],
)
def test_the_tracking_year_knows_leap_days(on: str, until: str) -> None:
    assert cleared(on).alert["tracking_until"] == day(until)


def test_a_new_risk_in_the_tracking_year_reopens_the_same_case() -> None:
    """X8: new risk on day 200, reopen proposal on the same case."""
    made = cleared("2023-03-01").take(bill(27_000, day_at("2023-03-01", 200), "b"))

    assert (status(made), made.alert["proposals"]) == ("REOPENED", ["reopen"])
    assert (made.alert["ordinal"], made.alert["archive"], made.alert["measures"]) == (1, [], [])
    assert (made.alert["raised_at"], made.alert["level"]) == (day_at("2023-03-01", 200), "red")
    assert set(PROPOSALS) >= {"reopen", "clear", "close"}
    made.act("confirmed")
    assert (status(made), made.alert["tracking_until"]) == ("CONFIRMED", None)


def day_at(start: str, days: int) -> int:
    return at(start) + days * 86_400_000


def test_a_relapse_reopens_the_case_though_it_was_closed_before_it_was_known() -> None:
    made = cleared("2023-03-01").tick("2024-03-01").act("closed")
    made.take(bill(27_000, "2024-03-01", "after"))
    assert (made.alert["ordinal"], status(made)) == (2, "ALERTED")
    assert made.copy().take(bill(1_000, "2024-03-02", "more")).alert["ordinal"] == 2

    made.take(bill(27_000, "2024-02-29T23:59:59", "within"))

    assert (made.alert["ordinal"], status(made)) == (1, "REOPENED")
    assert [(case.ordinal, case.status) for case in made.case.others] == [(2, "WITHDRAWN")]
    assert made.alert["causes"][0]["evidence"] == ["after", "within"]

    made.take(bill(27_000, "2024-02-29T23:59:59", "within", retracted=True))

    assert (made.alert["ordinal"], status(made), made.alert["version"]) == (2, "ALERTED", 3)
    assert made.alert_of(1)["status"] == "CLOSED"


@pytest.mark.parametrize("steps", [("acknowledged",), (*TO_HELPING, "clear_proposed", "cleared")])
def test_a_relapse_known_only_now_comes_to_the_next_case_once_somebody_has_moved_that(steps: tuple[str, ...]) -> None:
    made = cleared("2023-03-01").tick("2024-03-01").act("closed")
    made.take(graded("C", "2024-03-02", "house"))
    assert (made.alert["ordinal"], status(made)) == (2, "ALERTED")
    for step in steps:
        made.act(step)

    made.take(bill(27_000, "2024-02-29", "within"))

    assert (made.alert["ordinal"], made.alert_of(1)["status"]) == (2, "CLOSED")


def test_what_comes_after_a_rejected_relapse_stays_with_the_next_case() -> None:
    made = cleared("2023-03-01").take(bill(27_000, "2023-09-01", "b")).act("rejected")
    made.take(bill(27_000, "2023-10-01", "c"))
    assert (made.alert["ordinal"], status(made)) == (2, "ALERTED")

    made.take(bill(1_000, "2023-10-02", "d"))

    assert (made.alert["ordinal"], status(made)) == (2, "ALERTED")


def test_the_archive_of_the_first_round_does_not_answer_the_relapse() -> None:
    made = cleared()
    for part in PARTS:
        made.act(part)
    assert (made.alert["archive"], made.alert["measures"]) == (list(PARTS), ["M10"])
    made.take(bill(27_000, "2023-09-01", "b"))
    assert (made.alert["archive"], made.alert["measures"]) == ([], [])

    made.act("analysed").act("archived")

    assert (last(made), made.alert["archived"]) == (("refused", "archive_incomplete"), False)
    assert (status(made), made.alert["archive"]) == ("REOPENED", ["analysed"])


def test_a_corrected_relapse_after_closing_closes_the_case_again() -> None:
    made = cleared("2023-03-01").tick("2024-03-01").act("closed")
    relapse = bill(27_000, "2024-02-29", "within")
    made.take(relapse)
    assert status(made) == "REOPENED"

    made.take(bill(27_000, "2024-02-29", "within", retracted=True))

    assert (made.alert["ordinal"], status(made), made.alert["proposals"]) == (1, "CLOSED", [])
    made.take(bill(27_000, "2024-02-28", "other"), bill(27_000, "2024-04-01", "after"))
    made.take(bill(27_000, "2024-02-28", "other", retracted=True))
    assert (made.alert_of(1)["status"], made.alert["ordinal"], status(made)) == ("CLOSED", 2, "ALERTED")


def test_what_may_be_forgotten_of_a_closed_case_is_due_again_once_its_relapse_was_corrected() -> None:
    made = home_with_a_bill("2023-05-02")
    made.tick("2024-05-02").act("clear_proposed").act("cleared", acted_at=at("2024-05-02"))
    made.tick("2025-05-02").act("closed")
    assert made.due == day("2023-05-02") + 801
    made.take(graded("D", "2025-04-01"))
    assert (status(made), made.due) == ("REOPENED", 0)

    made.take(graded("D", "2025-04-01", retracted=True))

    assert (status(made), made.due) == ("CLOSED", day("2023-05-02") + 801)


def home_with_a_bill(occurred_at: str) -> Home:
    """A household that was helped because of one large bill."""
    made = Home(tick_day=day("2023-06-01")).take(bill(27_000, occurred_at))
    for step in TO_HELPING:
        made.act(step)
    return made


def test_a_closed_case_stays_the_township_s_that_had_it_though_a_relapse_elsewhere_was_corrected() -> None:
    made = cleared("2023-03-01").lives("p_a", row()).tick("2024-03-01").act("closed")
    made.lives("p_a", row(), row("2024-02-01", township=OTHER_TOWNSHIP))
    there = made.copy().take(bill(27_000, "2024-02-29", "within"))
    assert (status(there), there.alert["township_code"]) == ("REOPENED", OTHER_TOWNSHIP)

    there.take(bill(27_000, "2024-02-29", "within", retracted=True))

    for each in (made, there):
        assert (status(each), each.alert["township_code"]) == ("CLOSED", TOWNSHIP)
        assert last(each.copy().act("not_mine", township_code=OTHER_TOWNSHIP)) == ("refused", "wrong_township")


def test_a_corrected_relapse_leads_back_to_tracking() -> None:
    made = cleared().take(bill(27_000, "2023-09-01", "b")).act("acknowledged")
    assert status(made) == "ACKED"

    made.take(bill(27_000, "2023-09-01", "b", retracted=True))

    assert status(made) == "CLEARED_TRACKING"


def test_with_a_corrected_relapse_the_end_of_tracking_is_due_again() -> None:
    made = cleared("2023-03-01").take(bill(27_000, "2023-09-01", "b"))
    assert (status(made), made.due) == ("REOPENED", 0)

    made.take(bill(27_000, "2023-09-01", "b", retracted=True))

    assert (status(made), made.due) == ("CLEARED_TRACKING", day("2024-03-01"))


def test_with_a_corrected_relapse_the_level_is_that_of_what_people_saw() -> None:
    made = cleared("2023-03-01")
    made.take(fact("education.fee", "2023-09-01", overdue=1000.0, overdue_days=30))
    assert (status(made), made.alert["level"]) == ("REOPENED", "orange")

    made.take(fact("education.fee", "2023-09-01", retracted=True))

    assert (status(made), made.alert["level"]) == ("CLEARED_TRACKING", "red")


def test_a_stale_answer_of_the_first_round_does_not_answer_the_relapse() -> None:
    made = cleared().take(bill(27_000, "2023-09-01", "b")).act("rejected", version_seen=1)

    assert (status(made), last(made)) == ("REOPENED", ("conflict", "answered"))


def test_the_clearing_rate_counts_households_that_are_cleared_now() -> None:
    """L4, S7: cleared of all ever included; one that relapsed counts as included again."""
    relapsed = cleared().take(bill(27_000, "2023-09-01", "b")).act("confirmed").act("included")
    homes = [cleared(), cleared(), relapsed, home("confirmed", "included"), home("rejected")]
    statuses = Counter(status(each) for each in homes)

    included = sum(each.alert["household_class"] is not None for each in homes)
    assert (statuses["CLEARED_TRACKING"], included) == (2, 4)


def test_clearing_is_proposed_when_nothing_stands_open_and_help_was_delivered() -> None:
    made = home(*TO_HELPING)
    assert made.alert["proposals"] == []

    assert safe_again(made).alert["proposals"] == ["clear"]


def test_a_tick_proposes_clearing_when_the_window_has_passed() -> None:
    made = home_with_a_bill("2023-05-02").tick("2024-05-01")
    assert (made.alert["proposals"], made.due) == ([], day("2024-05-02"))

    assert made.tick("2024-05-02").alert["proposals"] == ["clear"]


def test_before_the_first_tick_the_day_of_the_record_says_whether_the_window_has_passed() -> None:
    made = home_with_a_bill("2023-05-02")
    made.tick_day = None

    assert made.act("visited", acted_at=at("2024-05-01")).alert["proposals"] == []
    assert made.act("visited", acted_at=at("2024-05-02")).alert["proposals"] == ["clear"]
