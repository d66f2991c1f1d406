"""A case as people answer it and departments correct it (domain.md 4.0 and section 8)."""

from __future__ import annotations

import pytest

from schemas.actions import ACTIONS, PARTS, REFUSALS, STATUSES
from schemas.codec import Record
from streams.case import alert_id_of
from streams.case_states import MOVES, STATES
from streams.correlate import RuleSet, shipped
from tests.builders import GRID, TOWNSHIP, VILLAGE, Home, at, bill, fact, graded, row
from tests.cases import OTHER_TOWNSHIP, cleared, home, last, safe_again, status


def test_a_case_goes_its_whole_way_each_step_by_a_named_person() -> None:
    made = home("acknowledged", "verifying", "confirmed", "reviewed", "included", "planned", "delivered")
    safe_again(made).act("clear_proposed").act("cleared").tick("2024-06-01").act("closed")

    statuses = list(dict.fromkeys(alert["status"] for alert in made.alerts))
    assert statuses == [
        *("ALERTED", "ACKED", "VERIFYING", "CONFIRMED", "REVIEWED", "INCLUDED", "PLANNED", "HELPING"),
        *("CLEAR_PROPOSED", "CLEARED_TRACKING", "CLOSED"),
    ]
    assert all(done["actor"] and done["outcome"] == "accepted" for done in made.alert["actions"])


def test_every_state_and_code_has_words_and_every_action_moves_something() -> None:
    assert MOVES.keys() == ACTIONS.keys()
    assert STATUSES.keys() == STATES
    assert {state for moves in MOVES.values() for each in moves.items() for state in each} == STATES


@pytest.mark.parametrize("answer", ["confirmed", "rejected", "already_covered"])
@pytest.mark.parametrize("before", [(), ("acknowledged",), ("verifying",), ("visited",)])
def test_a_straight_answer_implies_the_steps_before(answer: str, before: tuple[str, ...]) -> None:
    made = home(*before, answer)

    assert (status(made), last(made)) == (answer.upper(), ("accepted", None))


def test_a_watch_is_a_lead_and_can_be_answered_but_reopens_nothing() -> None:
    watched = RuleSet.from_content(shipped().content.replace('"level":"yellow"', '"level":"watch"'))
    owing = fact("education.fee", "2023-05-21", overdue=1000.0, overdue_days=30)

    lead = Home(rules=watched).take(owing)
    assert (status(lead), lead.level) == ("LEAD", "watch")
    assert status(lead.act("confirmed")) == "CONFIRMED"
    tracked = cleared()
    tracked.rules = watched
    assert (status(tracked.take(owing)), list(tracked.causes)) == ("CLEARED_TRACKING", ["R12"])


def test_every_new_action_makes_a_version_and_a_repeated_one_none() -> None:
    made = home("acknowledged")
    before = made.case

    made.act("acknowledged", action_id=made.alert["actions"][0]["action_id"])
    assert made.case == before
    made.act("acknowledged")

    assert made.case.version == before.version + 1
    assert last(made) == ("refused", "out_of_turn")


def test_of_two_answers_the_first_moves_the_case_and_the_second_is_kept_as_a_conflict() -> None:
    made = home("confirmed").act("rejected", version_seen=1)

    assert status(made) == "CONFIRMED"
    assert [(done["action"], done["outcome"]) for done in made.alert["actions"]] == [
        ("confirmed", "accepted"),
        ("rejected", "conflict"),
    ]
    assert home("rejected", "confirmed").alert["status"] == "REJECTED"


def test_an_answered_alert_still_says_in_which_village_the_household_lives() -> None:
    alert = home("rejected").alert

    assert (alert["status"], alert["village_code"], alert["grid_code"]) == ("REJECTED", VILLAGE, GRID)


def test_an_action_by_the_wrong_role_or_township_is_refused_and_seen() -> None:
    """N1: each acts for what is his own."""
    made = home("confirmed")
    made.act("included", role="township", township_code=TOWNSHIP)
    assert last(made) == ("refused", "wrong_role")
    made.act("not_mine", township_code=OTHER_TOWNSHIP)
    assert last(made) == ("refused", "wrong_township")
    made.act("visited", role="county")

    assert last(made) == ("refused", "wrong_role")
    assert (status(made), made.alert["archive"]) == ("CONFIRMED", [])


@pytest.mark.parametrize(
    ("action", "more", "why"),
    [
        ("rejected", {"reason": None}, "bad_reason"),
        ("rejected", {"reason": "existing_help"}, "bad_reason"),
        ("already_covered", {"reason": "data_error"}, "bad_reason"),
        ("confirmed", {"version_seen": 9}, "unknown_version"),
        ("confirmed", {"version_seen": 0}, "unknown_version"),
        ("included", {}, "out_of_turn"),
        ("keep", {}, "out_of_turn"),
        ("archived", {}, "archive_incomplete"),
        ("closed", {}, "out_of_turn"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(action: str, more: dict[str, object], why: str) -> None:
    made = home().act(action, **more)

    assert last(made) == ("refused", why)
    assert why in REFUSALS
    assert status(made) == "ALERTED"


def test_the_household_class_is_one_of_three_and_a_cadre_is_named() -> None:
    """L2, S7: every household included has a class, so that the totals by class add up."""
    made = home("confirmed")
    made.act("included", details={"household_class": "poor", "responsible_cadre": "u_1"})
    assert last(made) == ("refused", "bad_details")
    made.act("included", details={"household_class": "marginal"})
    assert last(made) == ("refused", "bad_details")
    made.act("included", details={"household_class": "marginal", "responsible_cadre": "u_1"})

    assert status(made) == "INCLUDED"
    assert (made.alert["household_class"], made.alert["responsible_cadre"]) == ("marginal", "u_1")
    assert (home().alert["persons"], made.alert["persons"]) == (None, 1)


@pytest.mark.parametrize("measures", ["", "M10 M99", "M10,M11"])
def test_a_plan_names_known_help_only(measures: str) -> None:
    assert last(home("confirmed", "included").act("planned", details={"measures": measures}))[1] == "bad_details"


def test_what_was_delivered_is_no_longer_missing() -> None:
    made = home("confirmed", "included").act("planned", details={"measures": "M14 M10"})
    assert (made.alert["planned"], made.alert["missing_help"]) == (["M10", "M14"], ["M14"])
    made.act("delivered", details={"measure": "M10 M14"})
    assert last(made)[1] == "bad_details"
    made.act("delivered", details={"measure": "M14"})

    assert (status(made), made.alert["measures"], made.alert["missing_help"]) == ("HELPING", ["M14"], [])


def test_an_archive_closes_only_with_visit_cause_consultation_and_feedback() -> None:
    """X2: not closable until all four parts are there; the archive returns all four; coverage counts the verified."""
    made = home("visited", "analysed", "consulted", "archived")
    assert last(made) == ("refused", "archive_incomplete")
    made.act("rejected").act("fed_back").act("archived")

    assert (made.alert["archive"], made.alert["archived"]) == (list(PARTS), True)
    homes = [home(), home("acknowledged"), made, home("confirmed")]
    verified = sum(any(d["action"] in ("confirmed", "rejected") for d in h.alert["actions"]) for h in homes)
    assert (verified, len(homes)) == (2, 4)


def test_a_visit_begins_the_verification_and_the_other_parts_do_not() -> None:
    assert status(home("visited")) == "VERIFYING"
    assert status(home("analysed")) == "ALERTED"
    assert status(home("confirmed", "visited")) == "CONFIRMED"


def test_a_correction_before_an_answer_withdraws_and_after_it_only_says_so() -> None:
    """X10: settlements above the line raise one alert; a correction below it withdraws the alert."""
    above, below = bill(27_000, "2023-05-01", "b"), bill(100, "2023-05-01", "b", revision=1)
    unanswered = Home().take(above).act("acknowledged").take(below)
    assert (status(unanswered), unanswered.alert["causes"]) == ("WITHDRAWN", [])

    made = Home().take(above).act("confirmed").take(below)

    assert (status(made), made.alert["basis_changed"], made.alert["level"]) == ("CONFIRMED", True, "orange")
    assert "更正" in made.alert["text"]
    made.take(bill(27_000, "2023-05-01", "b", revision=2))
    assert made.alert["basis_changed"] is False


def test_records_of_three_departments_make_one_alert_with_three_pieces_of_evidence() -> None:
    """N3: three records on one household in a window, one alert."""
    made = Home().take(graded("C", "2023-04-01", "house"), bill(27_000, "2023-05-01", "bill"))
    made.take(fact("education.fee", "2023-05-02", "fee", overdue=1000.0, overdue_days=30))

    evidence = {event for cause in made.alert["causes"] for event in cause["evidence"]}
    assert evidence == {"house", "bill", "fee"}
    assert {alert["alert_id"] for alert in made.alerts} == {alert_id_of("H1", 1)}


def test_after_a_rejection_only_what_was_not_seen_counts_and_begins_the_next_case() -> None:
    made = home("rejected")
    made.take(graded("D"), graded("D", revision=1))
    assert made.alert["ordinal"] == 1

    made.take(bill(27_000, "2023-06-02", "b"))

    assert (made.alert["alert_id"], made.alert["ordinal"]) == (alert_id_of("H1", 2), 2)
    assert (made.alert["version"], status(made)) == (1, "ALERTED")
    assert "R13" not in made.causes
    assert made.case.others[0].status == "REJECTED"

    made.act("rejected").take(bill(27_000, "2023-06-03", "c"))

    assert (made.alert["ordinal"], made.alert["version"], status(made)) == (3, 1, "ALERTED")
    assert [(case.ordinal, case.others) for case in made.case.others] == [(2, []), (1, [])]


def test_an_answer_to_an_older_page_does_not_answer_what_came_since() -> None:
    made = home().take(bill(27_000, "2023-05-20", "b"))
    made.act("rejected", version_seen=1)

    assert (made.alert["ordinal"], sorted(made.causes)) == (2, ["C1", "R04"])
    told = [alert for alert in made.case.others if alert.ordinal == 1]
    assert [each.status for each in told] == ["REJECTED"]
    assert told[0].causes == ["R13|red"]


def test_a_revision_that_says_something_else_is_outside_of_the_answer() -> None:
    made = Home().take(bill(27_000, "2023-05-01", "b")).act("already_covered")
    made.take(bill(28_000, "2023-05-01", "b", revision=1))
    assert (made.alert["ordinal"], status(made)) == (2, "ALERTED")

    made.take(bill(27_000, "2023-05-01", "b", revision=2))

    assert (made.alert["ordinal"], status(made)) == (2, "WITHDRAWN")


def test_the_parts_of_an_answered_case_can_be_filled_in_when_the_next_has_begun() -> None:
    made = home("rejected").take(bill(27_000, "2023-06-02", "b"))
    for part in (*PARTS, "archived"):
        made.act(part, alert_id=alert_id_of("H1", 1))

    first = made.alert_of(1)
    assert (first["archive"], first["archived"], first["status"]) == (list(PARTS), True, "REJECTED")
    assert (made.alert["ordinal"], made.alert["archive"]) == (2, [])
    made.act("confirmed", alert_id=alert_id_of("H1", 1))
    assert made.alert_of(1)["actions"][-1]["outcome"] == "conflict"


def test_an_action_on_an_alert_that_never_was_is_told_apart() -> None:
    assert home().act("confirmed", alert_id=alert_id_of("H2", 1)).answered is False
    for never in (Home(), Home(rules=None)):
        assert never.act("confirmed", alert_id=alert_id_of("H1", 1), version_seen=1).answered is False


def test_not_mine_goes_on_the_countys_list_until_it_is_kept_or_moved() -> None:
    """Y1: nothing is without an owner; a corrected row hands the alert over."""
    made = home("not_mine")
    assert (made.alert["not_mine"], status(made)) == (True, "ALERTED")
    assert home("not_mine", "keep").alert["not_mine"] is False
    assert Home().take(graded("D")).alert["not_mine"] is False

    made.lives("p_a", row(), row("2023-01-01", township=OTHER_TOWNSHIP))

    assert (made.alert["not_mine"], made.alert["township_code"]) == (False, OTHER_TOWNSHIP)
    assert made.alert["previous_township_code"] == TOWNSHIP
    made.act("confirmed")
    assert last(made) == ("refused", "wrong_township")


def test_a_household_that_moved_on_takes_its_open_case_along() -> None:
    """Y1: after the date the new township acts; state, archive and what was done stay."""
    made = home("acknowledged", "visited")
    made.lives("p_a", row(), row("2023-07-01", township=OTHER_TOWNSHIP, village=VILLAGE))
    made.act("confirmed", township_code=OTHER_TOWNSHIP)

    assert (status(made), made.alert["archive"], len(made.alert["actions"])) == ("CONFIRMED", ["visited"], 3)
    assert made.alert["alert_id"] == alert_id_of("H1", 1)


def test_an_alert_keeps_the_last_fifty_actions_and_still_knows_the_older() -> None:
    made = home()
    for number in range(60):
        made.act("analysed", action_id=f"a{number}")
    before = made.case
    made.act("analysed", action_id="a0")

    assert made.case == before
    assert [done["action_id"] for done in made.alert["actions"]] == [f"a{number}" for number in range(10, 60)]


def test_compulsory_schooling_and_an_unsafe_house_alert_whatever_else_there_is() -> None:
    """S8 is the rules'; here: neither an earlier rejection nor tracking keeps a new drop-out from being seen."""
    dropout = fact("education.enrolment", "2023-09-01", "d", stage="primary", status="dropout", person="p_a")
    for made in (home("rejected"), home("already_covered"), cleared()):
        made.take(dropout)
        assert made.alert["level"] == "red"
        assert status(made) in ("ALERTED", "REOPENED")


def test_an_alert_of_many_causes_with_long_ids_is_still_a_message() -> None:
    bills = [bill(1_000, at("2023-01-01") + n, f"{n:064}", person="p_a") for n in range(250)]
    made = Home().lives("p_a", row(tags=["monitored"])).take(graded("D", "2023-01-02", "x" * 64), *bills)
    made.take(fact("education.fee", "2023-01-02", "y" * 64, overdue=1000.0, overdue_days=30))

    causes: list[Record] = made.alert["causes"]
    assert {cause["evidence_count"] for cause in causes} >= {250, 252}
    assert sum(len("".join(cause["evidence"])) for cause in causes) <= 24 * 1024
