"""What is proposed to people at which point of a case, and when a tick must come for it."""

from __future__ import annotations

from streams.correlate import RuleSet, shipped
from tests.builders import Home, at, bill, day, fact, graded, row
from tests.cases import TO_HELPING, cleared, home, last, safe_again, status


def test_a_relapse_is_proposed_to_be_reopened_until_somebody_has_confirmed_it() -> None:
    made = cleared().take(bill(27_000, "2023-09-01", "b")).act("acknowledged")
    assert (status(made), made.alert["proposals"]) == ("ACKED", ["reopen"])

    assert made.act("verifying").alert["proposals"] == ["reopen"]
    assert made.act("confirmed").alert["proposals"] == []


def test_nothing_is_proposed_to_be_reopened_that_was_never_cleared() -> None:
    for steps in ((), ("acknowledged",), ("verifying",), ("visited",)):
        assert home(*steps).alert["proposals"] == []


def test_before_the_first_tick_no_tracking_year_is_over() -> None:
    made = cleared("2022-03-01")
    made.tick_day = None

    assert made.act("visited").alert["proposals"] == []
    assert (last(made.act("closed")), status(made)) == (("refused", "still_tracking"), "CLEARED_TRACKING")


def test_what_was_proposed_once_is_no_reason_for_a_tick_to_come_again() -> None:
    tracked = cleared("2023-03-01").tick("2024-03-01")
    included = home("confirmed").act("included", acted_at=at("2023-06-01")).tick("2023-07-01")
    helped = safe_again(home(*TO_HELPING))

    assert [made.alert["proposals"] for made in (tracked, included, helped)] == [["close"], ["plan"], ["clear"]]
    assert [made.due for made in (tracked, included, helped)] == [0, 0, 0]


def test_a_household_in_help_is_visited_by_no_tick_while_its_cause_has_no_end() -> None:
    made = home(*TO_HELPING)

    assert (made.alert["proposals"], made.due) == ([], 0)


def test_a_set_that_gives_no_days_for_a_plan_reminds_of_none() -> None:
    content = shipped().content
    silent = RuleSet.from_content(content.replace('"plan":{"days":15},', ""))
    assert (silent.plan_days, silent.content != content) == (None, True)
    made = Home(rules=silent, tick_day=day("2023-06-01")).take(graded("D")).act("confirmed").act("included")

    assert (status(made.tick("2024-06-01")), made.alert["proposals"], made.due) == ("INCLUDED", [], 0)


def test_clearing_is_not_proposed_where_it_would_be_refused() -> None:
    needed = RuleSet.from_content(shipped().content.replace('"labour":false', '"labour":true'))
    for labour, proposed in (("none", []), ("weak", ["clear"])):
        made = home(*TO_HELPING).lives("p_a", row(labour=labour))
        made.rules = needed

        assert safe_again(made).alert["proposals"] == proposed


def test_what_is_only_watched_hinders_no_proposal_to_clear() -> None:
    uninsured = fact("health_insurance.enrolment", "2023-05-21", "i", year=2023, status="enrolled", person="p_a")
    made = home(*TO_HELPING).lives("p_a", row(tags=("lifted",))).take(uninsured)

    assert list(safe_again(made).causes) == ["P03"]
    assert made.alert["proposals"] == ["clear"]


def test_a_combination_is_open_for_the_length_of_its_own_window() -> None:
    late = fact("education.fee", "2023-05-03", "fee", person="p_a", due=2_000, overdue=600, overdue_days=20)
    made = Home(tick_day=day("2023-06-01")).lives("p_a", row()).take(bill(6_000, "2023-05-02", "bill"), late)
    for step in TO_HELPING:
        made.act(step)
    assert list(made.causes) == ["C1"]
    over = day("2023-05-03") + 180
    assert (made.tick(over).alert["proposals"], made.due) == ([], over + 1)

    assert made.tick(over + 1).alert["proposals"] == ["clear"]


def test_a_red_combination_is_open_no_longer_than_the_part_that_is_red() -> None:
    made = Home(tick_day=day("2024-05-01")).lives("p_a", row(tags=["monitored"]))
    made.take(bill(60_000, "2023-05-02", "bill"), graded("C", "2023-05-01", "house"))
    for step in (*TO_HELPING, "clear_proposed", "cleared"):
        made.act(step)
    assert (last(made), made.causes["C7"]) == (("refused", "red_open"), ("red", ["bill"]))

    made.tick("2024-05-02")

    assert made.causes["C7"] == ("red", ["bill"]), "it stands, and is open no more"
    assert last(made.act("cleared")) == ("accepted", None)


def test_a_combination_of_two_levels_is_open_as_long_as_enough_is_for_its_lower_one() -> None:
    """R13 orange, R04 orange: together C7 as this set has it, red with two parts and orange with one."""
    content = shipped().content
    levels, asked = '"levels":[{"at_least":1,"level":"red"}]', '{"level":"red","own_windows":true'
    assert (content.count(levels), content.count(asked)) == (1, 1)
    content = content.replace(levels, '"levels":[{"at_least":2,"level":"red"},{"at_least":1,"level":"orange"}]')
    content = content.replace(asked, '{"own_windows":true')
    made = Home(rules=RuleSet.from_content(content), tick_day=day("2024-05-01")).lives("p_a", row(tags=["monitored"]))
    made.take(bill(11_000, "2023-05-02", "bill"), graded("C", "2023-05-01", "house"))
    for step in (*TO_HELPING, "clear_proposed", "cleared"):
        made.act(step)
    assert (last(made), made.causes["C7"][0]) == (("refused", "red_open"), "red")

    assert last(made.tick("2024-05-02").act("cleared")) == ("refused", "red_open"), "the house is enough for it"
    assert last(made.take(graded("A", "2024-05-01", "repaired")).act("cleared")) == ("accepted", None)
