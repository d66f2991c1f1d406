"""Where a report stands, by versions as the processors make them: exactly one answer, whatever the order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from producers.report.number import event_id_of, number_of
from producers.report.report import Report
from producers.report.standing import (
    ACCEPTED,
    CONCLUDED,
    UNREGISTERED,
    VERIFYING,
    Arrival,
    Standing,
    due_of,
    overdue,
    standing_of,
)
from producers.report.tally import Tally
from producers.report.thread import Thread, told
from schemas.beijing import DAY_MS, date_of, day_number
from schemas.codec import Record
from schemas.fact import Fact
from schemas.working_days import WorkingDays
from tests.builders import Home, at, bill, fact, row
from tests.cases import TO_HELPING

NUMBERS = tuple(number_of(n.to_bytes(16, "big")) for n in range(8))
ONE, TWO, THREE = NUMBERS[:3]


def told_of(number: str, when: str | int = "2023-05-10", **more: Any) -> Fact:
    """Report of somebody of the household."""
    kind = "rural_revitalisation.self_report"
    return fact(kind, when, event_id_of(number), receipt_id=number, need=("illness",), person="p_a", **more)


def living() -> Home:
    return Home(tick_day=None).lives("p_a", row())


def threads_in(alerts: Iterable[Record]) -> list[Thread]:
    """What was read of each alert."""
    found: dict[str, Thread] = {}
    for alert in alerts:
        found[alert["alert_id"]] = told(found.get(alert["alert_id"], Thread()), alert)
    return list(found.values())


def standing(made: Home, number: str = ONE, **more: Any) -> Standing:
    return standing_of(number, Arrival(), threads_in(made.alerts), **more)


def came_to(made: Home, number: str = ONE) -> tuple[str, str, str]:
    """State, result and reason of a report."""
    found = standing(made, number)
    return found.state, found.answer.result if found.answer else "", found.answer.reason if found.answer else ""


@pytest.mark.parametrize(
    ("action", "result", "reason"),
    [
        ("confirmed", "CONFIRMED", ""),
        ("rejected", "REJECTED", "no_such_cost"),
        ("already_covered", "ALREADY_COVERED", "existing_help"),
    ],
)
def test_a_report_is_verified_until_somebody_answers_then_has_that_answer(
    action: str, result: str, reason: str
) -> None:
    made = living().take(told_of(ONE))
    assert came_to(made) == (VERIFYING, "", "")

    made.act("acknowledged")
    assert came_to(made) == (VERIFYING, "", "")
    made.act(action)

    assert came_to(made) == (CONCLUDED, result, reason)


def test_two_reports_and_a_departments_bill_are_one_case_and_each_report_is_answered() -> None:
    made = living().take(told_of(ONE), bill(60_000, "2023-05-11", "b"), told_of(TWO, "2023-05-12")).act("rejected")

    assert {alert["alert_id"] for alert in made.alerts} == {made.alert["alert_id"]}
    assert [came_to(made, number)[1] for number in (ONE, TWO)] == ["REJECTED", "REJECTED"]


def test_who_answers_a_page_without_the_report_has_not_answered_it() -> None:
    made = living().take(bill(60_000, "2023-05-01", "b"), told_of(ONE))
    seen_before = made.alerts[0]["version"]
    made.act("rejected", version_seen=seen_before)
    assert came_to(made) == (VERIFYING, "", "")

    made.act("confirmed")

    assert came_to(made) == (CONCLUDED, "CONFIRMED", "")


def test_a_report_to_a_household_that_is_helped_is_concluded_by_what_is_done_next() -> None:
    made = living().take(bill(60_000, "2023-05-01", "b"))
    for step in TO_HELPING:
        made.act(step)
    made.take(told_of(ONE))
    assert came_to(made) == (VERIFYING, "", "")

    made.act("visited")

    assert came_to(made) == (CONCLUDED, "CONFIRMED", "")
    assert standing(made).looked_at == at("2023-06-01")


def test_a_second_answer_changes_nothing_for_the_reporter() -> None:
    made = living().take(told_of(ONE)).act("confirmed", acted_at=at("2023-05-20"))
    made.act("rejected", acted_at=at("2023-05-21"))
    answer = standing(made).answer

    assert answer is not None
    assert (answer.result, answer.at) == ("CONFIRMED", at("2023-05-20"))


def test_an_appeal_is_a_case_of_its_own_and_leaves_the_first_answer_as_it_was() -> None:
    made = living().take(told_of(ONE)).act("rejected").take(told_of(TWO, "2023-06-02")).act("confirmed")

    assert [came_to(made, number)[1] for number in (ONE, TWO)] == ["REJECTED", "CONFIRMED"]


def test_a_report_after_an_answered_month_of_several_is_looked_at_however_few_it_is() -> None:
    made = living().take(told_of(ONE, "2023-01-02"), told_of(TWO, "2023-01-05")).act("rejected")
    made.take(told_of(THREE, "2023-06-01"))
    assert came_to(made, THREE) == (VERIFYING, "", "")

    made.act("confirmed")

    assert came_to(made, THREE) == (CONCLUDED, "CONFIRMED", "")


def test_a_case_that_stands_no_more_does_not_keep_a_report_in_verification() -> None:
    made = living().take(told_of(ONE)).take(told_of(ONE, revision=1, retracted=True))

    assert made.alert["status"] == "WITHDRAWN"
    assert came_to(made) == (ACCEPTED, "", "")
    withdrawn = standing(made, withdrawn_at=at("2023-05-12"))
    assert withdrawn.answer is not None
    assert withdrawn.answer.result == "WITHDRAWN"


def test_what_the_register_does_not_know_waits_and_is_never_dropped() -> None:
    assert standing_of(ONE, Arrival(), []).state == ACCEPTED
    assert standing_of(ONE, Arrival(parked_now=1), []).state == UNREGISTERED
    assert standing_of(ONE, Arrival(dead_lettered=1), []).state == UNREGISTERED


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.integers(0, 5), st.integers(0, 500)),
        st.tuples(st.just("bill"), st.integers(0, 3), st.integers(0, 500)),
        st.tuples(
            st.just("act"),
            st.sampled_from(
                ["acknowledged", "visited", "rejected", "confirmed", "already_covered", "included", "planned"]
            ),
            st.integers(0, 2),
        ),
    ),
    max_size=14,
)


def lived(steps: list[tuple[str, Any, int]]) -> tuple[Home, set[str]]:
    """A household to which this happened, and the reports made on it."""
    made, reported = living(), set[str]()
    start = at("2023-01-01")
    for known_at, (what, which, number) in enumerate(steps, at("2024-06-01")):
        when = start + number * DAY_MS
        if what == "report":
            made.take(replace(told_of(NUMBERS[which], when), known_at=known_at))
            reported.add(NUMBERS[which])
        elif what == "bill":
            made.take(replace(bill(15_000, when, f"b{which}"), known_at=known_at))
        elif made.alerts:
            made.act(which, version_seen=max(made.alert["version"] - number, 1), acted_at=known_at)
    return made, reported


@given(steps=_STEPS, data=st.data())
def test_any_order_and_repetition_of_versions_comes_to_the_same(
    steps: list[tuple[str, Any, int]], data: st.DataObject
) -> None:
    made, reported = lived(steps)
    once = {number: standing(made, number) for number in reported}

    mixed = data.draw(st.permutations([*made.alerts, *data.draw(st.lists(st.sampled_from(made.alerts or [{}])))]))
    threads = threads_in(alert for alert in mixed if alert)

    assert {number: standing_of(number, Arrival(), threads) for number in reported} == once


@given(steps=_STEPS)
def test_an_answer_once_given_never_changes(steps: list[tuple[str, Any, int]]) -> None:
    made, reported = lived(steps)
    for number in reported:
        answers = [
            found.answer
            for end in range(len(made.alerts) + 1)
            if (found := standing_of(number, Arrival(), threads_in(made.alerts[:end]))).answer
        ]
        assert len([key for key, _ in groupby(answers)]) <= 1


@example(steps=[("report", 0, 0), ("bill", 0, 0), ("bill", 1, 0), ("act", "rejected", 1)])  # answered, and begun anew
@given(steps=_STEPS)
def test_every_report_is_answered_once_everything_is_dealt_with(steps: list[tuple[str, Any, int]]) -> None:
    made, reported = lived(steps)
    for _ in range(4):  # the case that is open, and those that what was not seen yet begins
        if made.alerts:
            made.act("rejected", acted_at=at("2024-07-01")).act("visited", acted_at=at("2024-07-02"))

    assert {number for number in reported if standing(made, number).state != CONCLUDED} == set()


def test_visit_and_answer_are_due_in_working_days() -> None:
    report = Report(ONE, "one_key", ("illness",), "unknown", "p_a", "", at("2026-09-29T10:00:00"), 0, "form")
    due = due_of(report, WorkingDays())
    visit, decision = date_of(due.visit), date_of(due.decision)
    looked = Standing(VERIFYING, None, at("2026-10-02"))

    assert (f"{visit:%m-%d}", f"{decision:%m-%d}") == ("10-12", "10-26")
    assert overdue(due, Standing(VERIFYING), due.visit) is None
    assert overdue(due, Standing(VERIFYING), due.visit + 1) == "visit"
    assert overdue(due, looked, due.decision) is None
    assert overdue(due, looked, due.decision + 1) == "decision"
    assert overdue(due, Standing(UNREGISTERED), due.visit + 1) == "visit"
    assert overdue(due, Standing(CONCLUDED), due.decision + 9) is None
    assert day_number(visit) == due.visit


def test_a_tally_that_misses_one_does_not_add_up() -> None:
    assert Tally(3, {"accepted": 1}, {"REJECTED": 2}, []).adds_up
    assert not Tally(3, {"accepted": 1}, {"REJECTED": 1}, []).adds_up
