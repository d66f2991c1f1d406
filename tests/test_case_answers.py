"""What stays of an answer, what a relapse begins anew, what is done on alerts that the household has left behind."""

from __future__ import annotations

from schemas.actions import PARTS
from streams.case import alert_id_of
from streams.case_answers import answered, folded
from streams.case_guards import Situation
from streams.finding import Handled
from tests.builders import TOWNSHIP, Home, bill, day, deed, fact, graded, row
from tests.cases import OTHER_TOWNSHIP, cleared, home, last, safe_again, status

HELP = ("M10", "M07", "M14", "M08", "M12")


def test_an_action_is_known_again_among_the_last_thousand() -> None:
    handled, now = Handled(), Situation("ALERTED", 1, TOWNSHIP, (), None, tracked=False, disowned=False)
    for number in range(1001):
        handled = answered(handled, {**deed("analysed", action_id=f"a{number}"), "version_seen": 1}, now, "red", b"")

    assert [folded(handled, action_id) for action_id in ("a0", "a1", "a1000")] == [False, True, True]


def test_a_relapse_begins_with_nothing_done_and_what_is_done_for_it_stays() -> None:
    made = home("confirmed", "insufficient", "included", "planned", "delivered", *PARTS, "archived")
    safe_again(made).act("clear_proposed").act("cleared").act("nation_marked")
    done = ("measures", "planned", "archive", "archived", "nation_marked", "policies_insufficient")
    before = (["M10"], ["M10"], list(PARTS), True, True, True)
    assert tuple(made.alert[name] for name in done) == before

    made.take(bill(27_000, "2023-09-01", "b"))
    assert tuple(made.alert[name] for name in done) == ([], [], [], False, False, False)
    made.act("analysed").act("consulted")

    assert (status(made), made.alert["archive"]) == ("REOPENED", ["analysed", "consulted"])
    assert tuple(made.alert[name] for name in done if name != "archive") == ([], [], False, False, False)


def test_help_is_listed_in_one_order_in_whatever_order_it_was_delivered() -> None:
    made = home("confirmed", "included", "planned")
    for code in HELP:
        made.act("delivered", details={"measure": code})

    assert (made.alert["measures"], made.alert["fund_paid_fen"]) == (sorted(HELP), 0)


def test_only_an_answer_is_in_the_way_of_another_on_an_older_page() -> None:
    for other in ("visited", "acknowledged", "analysed"):
        assert last(home(other).act("confirmed", version_seen=1)) == ("accepted", None)
    assert last(home("confirmed").act("not_mine", version_seen=1)) == ("conflict", "answered")
    assert last(home("confirmed").act("not_mine", version_seen=2)) == ("accepted", None)


def test_a_second_answer_is_a_conflict_on_the_newest_page_too_and_out_of_turn_where_there_was_no_first() -> None:
    assert last(home("confirmed", "rejected")) == ("conflict", "answered")
    assert last(home().take(graded("A", revision=1)).act("rejected")) == ("refused", "out_of_turn")


def test_what_only_notes_something_holds_no_case_open() -> None:
    for noted in ("not_mine", "analysed"):
        made = home(noted).take(graded("A", revision=1))

        assert (status(made), made.alert["causes"]) == ("WITHDRAWN", [])


def test_a_household_that_the_register_does_not_know_can_be_nobodys_too() -> None:
    made = Home().take(graded("D")).act("not_mine")

    assert (made.alert["township_code"], made.alert["not_mine"]) == (None, True)


def test_a_closed_case_stays_the_township_s_that_had_it_though_another_had_begun_to_look_at_a_relapse() -> None:
    made = cleared("2023-03-01").lives("p_a", row()).tick("2024-03-01").act("closed")
    made.lives("p_a", row(), row("2024-02-01", township=OTHER_TOWNSHIP)).take(bill(27_000, "2024-02-29", "within"))
    made.act("acknowledged", township_code=OTHER_TOWNSHIP)
    assert (status(made), made.alert["township_code"]) == ("ACKED", OTHER_TOWNSHIP)

    made.take(bill(27_000, "2024-02-29", "within", retracted=True))

    assert (status(made), made.alert["township_code"]) == ("CLOSED", TOWNSHIP)


def test_an_alert_that_ended_says_what_it_was_about_whatever_is_noted_on_it() -> None:
    for end in ("rejected", "already_covered"):
        made = home(end, "visited")

        assert (status(made), made.alert["archive"], list(made.causes)) == (end.upper(), ["visited"], ["R13"])


def three_cases() -> Home:
    """A household that was found well twice, and whose third case is open."""
    made = home("rejected").take(bill(27_000, "2023-06-02", "b")).act("rejected")
    return made.take(bill(27_000, "2023-06-03", "c"))


def test_what_is_done_on_one_of_several_earlier_alerts_changes_that_one_alone_and_once() -> None:
    made = three_cases()
    before = {ordinal: made.alert_of(ordinal) for ordinal in (2, 3)}
    noted = made.act("visited", alert_id=alert_id_of("H1", 1), version_seen=1, action_id="once").case

    assert (made.answered, made.alert_of(1)["archive"]) == (True, ["visited"])
    assert {ordinal: made.alert_of(ordinal) for ordinal in (2, 3)} == before
    assert made.act("visited", alert_id=alert_id_of("H1", 1), version_seen=1, action_id="once").case == noted


def test_an_alert_that_the_household_never_had_is_told_apart_from_its_earlier_ones() -> None:
    made = three_cases()
    before = made.case

    assert made.act("visited", alert_id=alert_id_of("H1", 9), version_seen=1).answered is False
    assert made.case == before


def test_what_is_watched_since_an_older_page_begins_the_next_case_when_that_page_is_closed() -> None:
    uninsured = fact("health_insurance.enrolment", "2023-09-01", "i", year=2023, status="enrolled", person="p_a")
    made = cleared("2023-03-01").lives("p_a", row(tags=("lifted",))).tick("2024-03-01")
    opened = made.alert["version"]
    made.take(uninsured).act("closed", version_seen=opened)

    assert (made.alert_of(1)["status"], made.alert_of(1)["causes"]) == ("CLOSED", [])
    assert (made.alert["ordinal"], status(made), list(made.causes)) == (2, "LEAD", ["P03"])


def test_with_its_facts_a_household_forgets_that_they_were_answered() -> None:
    made = Home(tick_day=day("2021-02-01")).take(bill(27_000, "2021-01-10", "old")).act("rejected")
    assert len(made.case.handled.settled) == 12

    made.tick("2023-03-24")

    assert (made.household.facts, made.case.handled.settled) == ({}, b"")
