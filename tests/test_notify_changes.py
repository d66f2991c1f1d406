"""What people are told when an alert changes: raised, level up, new cause, withdrawal, hand-over; nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.notify_changes import LEVELS, changes
from consumers.store.tasks import KINDS
from schemas.actions import STATUSES
from tests.alerts import NEXT_TOWNSHIP, TOWNSHIP, alert, cause

Alert = dict[str, Any]


def told(before: Alert | None, after: Alert) -> list[tuple[str, str | None]]:
    return [(change.kind, change.township) for change in changes(before, after)]


def levels(before: Alert | None, after: Alert) -> list[tuple[str | None, str]]:
    return [(change.level_before, change.level) for change in changes(before, after)]


def test_a_new_alert_is_raised_in_its_township() -> None:
    assert told(None, alert()) == [("raised", TOWNSHIP)]


def test_an_alert_of_no_known_place_is_raised_too() -> None:
    assert told(None, alert(township_code=None)) == [("raised", None)]


def test_a_watch_is_listed_and_nobody_is_told() -> None:
    assert told(None, alert(level="watch", status="LEAD")) == []


def test_a_watch_that_rises_is_the_first_that_people_hear_of_it() -> None:
    watch, risen = alert(level="watch", status="LEAD"), alert(2, "orange")

    assert told(watch, risen) == [("raised", TOWNSHIP)]
    assert levels(watch, risen) == [("watch", "orange")]


def test_a_higher_level_is_told_with_the_one_before() -> None:
    assert told(alert(level="yellow"), alert(3, "red")) == [("level_up", TOWNSHIP)]
    assert levels(alert(level="yellow"), alert(3, "red")) == [("yellow", "red")]


def test_a_lower_level_is_told_to_nobody() -> None:
    assert told(alert(level="red"), alert(2, "yellow")) == []


def test_a_new_cause_is_told() -> None:
    more = alert(2, causes=[cause("R-A"), cause("R-B", "yellow", "house")])

    assert told(alert(), more) == [("new_cause", TOWNSHIP)]
    assert levels(alert(), more) == [(None, "red")]


def test_a_new_cause_that_is_only_a_watch_is_told_to_nobody() -> None:
    assert told(alert(), alert(2, causes=[cause("R-A"), cause("R-B", "watch")])) == []


def test_a_new_cause_and_a_higher_level_are_one_message() -> None:
    both = alert(2, "red", causes=[cause("R-A", "yellow"), cause("R-B", "red")])

    assert told(alert(level="yellow"), both) == [("level_up", TOWNSHIP)]


def test_other_evidence_an_answer_or_other_help_updates_silently() -> None:
    assert told(alert(), alert(2, missing_help=["M01"])) == []
    assert told(alert(), alert(2, status="ACKED")) == []
    assert told(alert(), alert(2, causes=[])) == []


def test_a_withdrawal_is_told_with_the_level_that_was() -> None:
    gone = alert(2, causes=[], status="WITHDRAWN")

    assert told(alert(), gone) == [("withdrawn", TOWNSHIP)]


def test_an_alert_that_is_only_a_watch_from_now_on_is_withdrawn_for_who_had_it() -> None:
    only_listed = alert(2, "watch", status="LEAD")

    assert told(alert(), only_listed) == [("withdrawn", TOWNSHIP)]
    assert levels(alert(), only_listed) == [("red", "watch")]


def test_what_nobody_had_heard_of_is_withdrawn_silently() -> None:
    assert told(None, alert(2, status="WITHDRAWN")) == []
    assert told(alert(level="watch", status="LEAD"), alert(2, "watch", status="WITHDRAWN")) == []


def test_an_alert_that_is_raised_again_is_told_again() -> None:
    assert told(alert(2, status="WITHDRAWN", causes=[]), alert(3)) == [("raised", TOWNSHIP)]
    assert levels(alert(2, "yellow", status="WITHDRAWN", causes=[]), alert(3)) == [(None, "red")]


def test_a_move_tells_the_new_township_and_the_old_one() -> None:
    moved = alert(2, township_code=NEXT_TOWNSHIP, previous_township_code=TOWNSHIP)

    assert told(alert(), moved) == [("taken_over", NEXT_TOWNSHIP), ("handed_over", TOWNSHIP)]


def test_the_old_township_does_not_learn_where_the_family_lives_now() -> None:
    moved = alert(2, "red", township_code=NEXT_TOWNSHIP, causes=[cause("R-A"), cause("R-B")])

    _, old = changes(alert(level="yellow"), moved)

    assert (old.village, old.level, old.level_before) == (f"{TOWNSHIP}201", "yellow", None)


def test_of_a_watch_that_moves_nobody_is_told() -> None:
    watch = alert(level="watch", status="LEAD")

    assert told(watch, alert(2, "watch", status="LEAD", township_code=NEXT_TOWNSHIP)) == []


def test_a_withdrawal_goes_to_who_was_told_even_if_the_household_moved_meanwhile() -> None:
    assert told(alert(), alert(4, status="WITHDRAWN", township_code=NEXT_TOWNSHIP)) == [("withdrawn", TOWNSHIP)]


def test_versions_that_were_skipped_do_not_hide_who_had_it_last() -> None:
    moved_twice = alert(9, township_code="220302003", previous_township_code=NEXT_TOWNSHIP)

    assert told(alert(), moved_twice) == [("taken_over", "220302003"), ("handed_over", TOWNSHIP)]


def test_a_relapse_in_the_tracking_year_is_told_even_if_the_rule_is_the_same() -> None:
    assert told(alert(8, status="CLEARED_TRACKING"), alert(9, status="REOPENED")) == [("new_cause", TOWNSHIP)]


@pytest.mark.parametrize("rest", ["CLEARED_TRACKING", "CLOSED"])
@pytest.mark.parametrize("in_hand", ["REOPENED", "ACKED", "VERIFYING"])
def test_a_relapse_that_was_corrected_is_withdrawn_for_who_had_it(in_hand: str, rest: str) -> None:
    corrected = alert(9, status=rest, causes=[], township_code=NEXT_TOWNSHIP)

    assert told(alert(8, status=in_hand), corrected) == [("withdrawn", TOWNSHIP)]
    assert told(alert(8, status="CLEAR_PROPOSED"), alert(9, status=rest, causes=[])) == []


@pytest.mark.parametrize("ended", ["REJECTED", "ALREADY_COVERED", "CLOSED"])
def test_after_its_end_nobody_is_told_of_a_case(ended: str) -> None:
    assert told(alert(), alert(2, status=ended, causes=[cause("R-B")])) == []
    assert told(alert(status=ended), alert(3, status=ended, township_code=NEXT_TOWNSHIP)) == []


def versions() -> st.SearchStrategy[Alert]:
    return st.builds(
        lambda level, status, township, rules: alert(
            2, level, status=status, township_code=township, causes=[cause(rule, level) for rule in rules]
        ),
        st.sampled_from(LEVELS),
        st.sampled_from(sorted(STATUSES)),
        st.sampled_from([TOWNSHIP, NEXT_TOWNSHIP, None]),
        st.lists(st.sampled_from(["R-A", "R-B", "R-C"]), unique=True),
    )


def test_a_case_without_a_cause_so_far_has_no_level_and_is_told_to_nobody() -> None:
    nothing_yet = alert(level="", status="ACKED", causes=[])

    assert told(None, nothing_yet) == []
    assert told(nothing_yet, alert(2, "yellow", status="ACKED")) == [("level_up", TOWNSHIP)]
    assert told(nothing_yet, alert(2, "", status="ACKED", causes=[], township_code=NEXT_TOWNSHIP)) == [
        ("handed_over", TOWNSHIP)
    ]


@given(st.none() | versions(), versions())
def test_no_township_is_told_two_things_and_a_watch_is_never_pushed(before: Alert | None, after: Alert) -> None:
    found = changes(before, after)

    assert len({change.township for change in found}) == len(found) <= 2
    assert {change.kind for change in found} <= set(KINDS)
    assert all(c.level != "watch" or c.kind in {"withdrawn", "handed_over"} for c in found)


@given(versions())
def test_a_version_that_says_nothing_new_is_told_to_nobody_who_has_it(version: Alert) -> None:
    in_hand = version["status"] not in {"LEAD", "WITHDRAWN", "REJECTED", "ALREADY_COVERED", "CLOSED"}

    assert not in_hand or changes(version, version) == ()
